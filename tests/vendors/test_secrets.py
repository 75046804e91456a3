"""Secrets that come along with a webhook: in the Authorization header, one of the vendor's own, or the address."""

import base64

import pytest

from incident_copilot.errors import ConfigError, Unauthenticated
from incident_copilot.ports import QUERY_TOKEN, PluginEnv
from incident_copilot.vendors.secrets import Secrets


def secrets(text="new, old"):
    return Secrets(PluginEnv(http=None, now=None, secret=text, instance="src"), "plugin")


@pytest.mark.parametrize("text", [None, "", " , "])
def test_source_without_a_secret_is_not_set_up(text):
    with pytest.raises(ConfigError, match=r"^src: no secret; name the variable that holds it with `secret_env`$"):
        secrets(text)


def test_plugins_name_stands_in_for_that_of_the_instance():
    found = Secrets(PluginEnv(http=None, now=None, secret="new,old"), "plugin")

    assert (found.source, found.texts) == ("plugin", ["new", "old"])


@pytest.mark.parametrize("secret", ["new", "old"])
def test_either_live_secret_opens_in_every_way(secret):
    found, basic = secrets(), base64.b64encode(f"me:{secret}".encode()).decode()

    found.require_authorization({"authorization": f"Bearer {secret}"})
    found.require_authorization({"authorization": f"Basic {basic}"})
    found.require_authorization({QUERY_TOKEN: secret}, or_token=True)
    found.require_header({"x-token": secret}, "x-token")
    found.require_header({QUERY_TOKEN: secret}, "x-token", or_token=True)
    found.require_token({QUERY_TOKEN: secret})
    found.require(secret, "in the field token")


@pytest.mark.parametrize(
    ("require", "where"),
    [
        (lambda one: one.require_authorization({QUERY_TOKEN: "new"}), "in the Authorization header"),
        (lambda one: one.require_authorization({}, or_token=True), "in the Authorization header"),
        (lambda one: one.require_header({QUERY_TOKEN: "new"}, "x-token"), "in the header x-token"),
        (lambda one: one.require_header({"x-token": ""}, "x-token"), "in the header x-token"),
        (lambda one: one.require_header({"x-token": "n\u20acw"}, "x-token"), "in the header x-token"),
        (lambda one: one.require_token({"authorization": "Bearer new"}), r"as \?token= in the address"),
        (lambda one: one.require_token({QUERY_TOKEN: "\ud800"}), r"as \?token= in the address"),
        (lambda one: one.require("", "in the field token"), "in the field token"),
    ],
)
def test_anything_else_is_refused(require, where):
    with pytest.raises(Unauthenticated, match=f"^src: missing or wrong secret {where}$"):
        require(secrets())
