"""Flags of LaunchDarkly: read, turned off once by a semantic patch."""

from dataclasses import replace

import pytest

from incident_copilot.errors import ConfigError, VendorRefused
from incident_copilot.plugins.actions.launchdarkly import Options, create

from .acting import approved, request_of, sent

FLAG = "https://app.launchdarkly.com/api/v2/flags/default/new-cart"
PARAMS = {"flag": "new-cart", "environment": "production"}
OFF = {"environmentKey": "production", "instructions": [{"kind": "turnFlagOff"}]}


@pytest.fixture
def action(env):
    return create(env, Options())


async def test_flag_is_turned_off_as_shown(action, respx_mock, fixture):
    respx_mock.get(FLAG).respond(json=fixture("launchdarkly_flag"))
    route = respx_mock.patch(FLAG).respond(200, json={})

    shown = await action.dry_run(PARAMS)
    done = await action.execute(approved(PARAMS, shown.wanted))

    assert request_of(shown) == (f"PATCH {FLAG}", OFF)
    assert (done.ok, sent(route), shown.state) == (True, OFF, {"flag": "on"})
    headers = route.calls.last.request.headers
    assert headers["content-type"] == "application/json; domain-model=launchdarkly.semanticpatch"
    assert headers["authorization"] == "s3cret"


async def test_flag_that_is_on_already_stays_on(action, respx_mock, fixture):
    respx_mock.get(FLAG).respond(json=fixture("launchdarkly_flag"))

    done = await action.execute(approved(PARAMS | {"to": "on"}, {"flag": "on"}))

    assert done.summary == "Nothing to do: flag new-cart in production is so already."


async def test_flag_of_another_environment_is_refused(action, respx_mock, fixture):
    respx_mock.get(FLAG).respond(json=fixture("launchdarkly_flag"))

    with pytest.raises(VendorRefused, match="new-cart has no environment staging"):
        await action.dry_run(PARAMS | {"environment": "staging"})


def test_there_is_no_flag_to_turn_without_a_secret(env):
    with pytest.raises(ConfigError, match="set secret_env"):
        create(replace(env, secret=None), Options())
