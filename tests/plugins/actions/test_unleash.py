"""Flags of Unleash: read, turned off once, found again."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from incident_copilot.errors import ConfigError, VendorUnavailable
from incident_copilot.plugins.actions.unleash import Options, create

from .acting import approved, request_of

NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)
URL = "https://unleash.example.net"
FLAG = f"{URL}/api/admin/projects/default/features/new-cart/environments/production"
PARAMS = {"flag": "new-cart", "environment": "production"}


@pytest.fixture
def action(env):
    return create(env, Options(url=URL))


async def test_flag_is_read_and_the_request_shown(action, respx_mock, fixture):
    route = respx_mock.get(FLAG).respond(json=fixture("unleash_feature_environment"))

    shown = await action.dry_run(PARAMS)

    assert request_of(shown) == (f"POST {FLAG}/off", None)
    assert (shown.state, shown.wanted, shown.undo) == ({"flag": "on"}, {"flag": "off"}, "Turn it on again.")
    assert route.calls.last.request.headers["authorization"] == "s3cret"


async def test_flag_is_turned_off_once_and_found_off(action, respx_mock, fixture):
    on = fixture("unleash_feature_environment")
    read = respx_mock.get(FLAG).respond(json=on)
    route = respx_mock.post(f"{FLAG}/off").respond(200)
    deed = approved(PARAMS, {"flag": "off"})

    done = await action.execute(deed)
    before = await action.find(deed, NOW)
    read.respond(json=on | {"enabled": False})
    after = await action.find(deed, NOW)

    assert (done.ok, route.call_count, before) == (True, 1, None)
    assert after.summary == "Found done: flag off at flag new-cart in production."


async def test_unleash_that_does_not_answer_is_said_to_be_away(action, respx_mock):
    respx_mock.get(FLAG).respond(503)

    with pytest.raises(VendorUnavailable, match="Unleash: HTTP 503"):
        await action.dry_run(PARAMS | {"to": "on"})


def test_there_is_no_flag_to_turn_without_a_secret(env):
    with pytest.raises(ConfigError, match="set secret_env"):
        create(replace(env, secret=None), Options(url=URL))
