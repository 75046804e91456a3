"""The manifest asks for what the code uses, and is what Slack takes."""

import json
from pathlib import Path

import jsonschema
import pytest

from incident_copilot.errors import ConfigError
from incident_copilot.slack.listeners.commands import COMMAND
from incident_copilot.slack.manifest import EVENTS, SCOPES, manifest

SCHEMAS = Path("/work/shared/data/slack/schemas")


def test_socket_mode_needs_no_address():
    made = manifest()

    assert made["settings"]["socket_mode_enabled"] is True
    assert "request_url" not in json.dumps(made)
    assert made["oauth_config"]["scopes"]["bot"] == sorted(SCOPES)
    assert made["settings"]["event_subscriptions"] == {"bot_events": sorted(EVENTS)}
    assert made["features"]["slash_commands"][0]["command"] == COMMAND
    assert "assistant_view" not in made["features"]


def test_http_sends_everything_to_one_address():
    made = manifest("https://copilot.example.com/")
    url = "https://copilot.example.com/slack/events"

    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["event_subscriptions"]["request_url"] == url
    assert made["settings"]["interactivity"] == {"is_enabled": True, "request_url": url}
    assert made["features"]["slash_commands"][0]["url"] == url
    assert made["oauth_config"]["redirect_urls"] == ["https://copilot.example.com/slack/oauth_redirect"]
    assert {"app_uninstalled", "tokens_revoked"} <= set(made["settings"]["event_subscriptions"]["bot_events"])


@pytest.mark.parametrize(
    ("pages", "domains"),
    [("https://copilot.example.com/", ["copilot.example.com"]), ("http://localhost:8080", None), (None, None)],
)
def test_links_to_the_pages_unfurl_where_these_have_a_domain(pages, domains):
    assert manifest(None, pages)["features"].get("unfurl_domains") == domains


def test_address_without_tls_is_refused():
    with pytest.raises(ConfigError, match="https://"):
        manifest("http://copilot.example.com")


def test_lengths_are_within_slacks_limits():
    made = manifest()

    assert len(made["display_information"]["description"]) <= 140
    assert len(made["features"]["agent_view"]["agent_description"]) <= 300
    assert all(len(one["name"]) <= 24 for one in made["features"]["shortcuts"])


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("address", [None, "https://copilot.example.com"])
@pytest.mark.skipif(not SCHEMAS.exists(), reason="skipped: no shared data")
def test_manifest_validates_against_slacks_schema(version, address):
    schema = json.loads((SCHEMAS / f"manifest.schema.{version}.json").read_text())

    jsonschema.validate(
        manifest(address, "https://copilot.example.com") | {"_metadata": {"major_version": version}}, schema
    )
