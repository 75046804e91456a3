"""Flags behind OpenFeature's remote evaluation protocol: evaluated, and turned off where they are kept."""

import pytest

from incident_copilot.plugins.actions.openfeature import Options, create

from .acting import approved, request_of, sent

URL = "http://flags.example.net:8013"
EVALUATE = f"{URL}/ofrep/v1/evaluate/flags/new-cart"


@pytest.fixture
def action(env):
    return create(env, Options(url=URL))


async def test_flag_is_turned_off_as_shown(action, respx_mock, fixture):
    respx_mock.post(EVALUATE).respond(json=fixture("openfeature_evaluation"))
    route = respx_mock.put(f"{URL}/flags/new-cart").respond(200)

    shown = await action.dry_run({"flag": "new-cart"})
    done = await action.execute(approved({"flag": "new-cart"}, shown.wanted))

    assert request_of(shown) == (f"PUT {URL}/flags/new-cart", {"state": "DISABLED"})
    assert (shown.state, shown.wanted) == ({"value": "true"}, {"value": "false"})
    assert (done.ok, sent(route)) == (True, {"state": "DISABLED"})


async def test_flag_with_words_for_values_is_turned_on(action, respx_mock, fixture):
    respx_mock.post(EVALUATE).respond(json=fixture("openfeature_evaluation") | {"value": "old"})

    shown = await action.dry_run({"flag": "new-cart", "to": "on", "on_value": "new", "off_value": "old"})

    assert (shown.state, shown.wanted, shown.undo) == ({"value": "old"}, {"value": "new"}, "Turn it off again.")
