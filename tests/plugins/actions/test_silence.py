"""Silence by approval: shown exactly, made once, found again, ended."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from incident_copilot.domain.effect import RunAction
from incident_copilot.errors import OutcomeUnknown, VendorRefused
from incident_copilot.plugins.actions.silence import Options, create
from incident_copilot.ports import ActionResult

NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)
URL = "http://alertmanager.example.net:9093"
SILENCES = f"{URL}/api/v2/silences"
MATCHERS = [{"name": "alertname", "value": "MailErrors", "isRegex": False, "isEqual": True}]
PARAMS = {"matchers": json.dumps(MATCHERS), "minutes": "60", "comment": "INC-7: reindex", "service": ""}
RACKS = "f3c1c8a4-93f1-4c2e-8b64-0d7f6d2b9a11"
END = {"expire": RACKS, "service": ""}


def approved(params, key="key-1"):
    return RunAction(proposal_id="p", version=1, action="silence", params=params, key=key, approved_by=("U1",))


@pytest.fixture
def action(env):
    return create(replace(env, instance=""), Options(url=URL))


@pytest.fixture
def there(respx_mock, fixture):
    """Let Alertmanager list its silences, changed by keyword for the third."""

    def listed(**change):
        kept = fixture("silence")["silences"]
        respx_mock.get(SILENCES).respond(json=[*kept[:2], kept[2] | change])

    return listed


async def test_dry_run_shows_the_exact_request(action, there):
    there()

    shown = await action.dry_run(PARAMS)

    address, _, body = shown.request.partition("\n")
    assert address == f"POST {SILENCES}"
    assert json.loads(body) == {
        "matchers": MATCHERS,
        "startsAt": "(now)",
        "endsAt": "(60 min later)",
        "createdBy": "incident-copilot",
        "comment": "INC-7: reindex [(the id of this approval)]",
    }
    assert (shown.target, shown.current) == ('alertname="MailErrors"', "Not silenced.")
    assert shown.effect == "silence sends nothing of what matches for 60 min; it goes on firing."


async def test_dry_run_says_when_it_is_silenced_already(action, there):
    there(status={"state": "active"})

    assert (await action.dry_run(PARAMS)).current == "Silenced already until 09:00 UTC."


async def test_approved_it_posts_exactly_what_was_shown_from_now_on(action, respx_mock):
    route = respx_mock.post(SILENCES).respond(json={"silenceID": "s-1"})

    done = await action.execute(approved(PARAMS))

    assert json.loads(route.calls.last.request.content) == {
        "matchers": MATCHERS,
        "startsAt": NOW.isoformat(),
        "endsAt": NOW.replace(hour=10).isoformat(),
        "createdBy": "incident-copilot (U1)",
        "comment": "INC-7: reindex [key-1]",
    }
    summary = 'Silenced alertname="MailErrors" at silence until 10:10 UTC (s-1).'
    assert done == ActionResult(ok=True, summary=summary, link=f"{URL}/#/silences/s-1")


async def test_answer_that_is_lost_is_unknown_and_found_by_the_key_alone(action, there, respx_mock):
    respx_mock.post(SILENCES).mock(side_effect=httpx.ReadTimeout)
    with pytest.raises(OutcomeUnknown):
        await action.execute(approved(PARAMS))

    there(comment="INC-7: reindex [key-1]", status={"state": "active"})
    found = await action.find(approved(PARAMS), NOW)

    assert found.ok
    assert await action.find(approved(PARAMS, "key-2"), NOW) is None


async def test_silence_that_is_refused_is_a_result(action, respx_mock):
    respx_mock.post(SILENCES).respond(400, json="bad matcher")

    assert await action.execute(approved(PARAMS)) == ActionResult(
        ok=False, summary=f"silence: HTTP 400 for POST {SILENCES}"
    )


@pytest.mark.parametrize(
    ("params", "field"),
    [
        (PARAMS | {"matchers": "[]"}, "matchers"),
        (PARAMS | {"minutes": "0"}, "minutes"),
        ({"expire": "../x", "service": ""}, "expire"),
    ],
)
async def test_parameters_that_cannot_be_right_are_not_sent(action, params, field):
    with pytest.raises(VendorRefused, match=field):
        await action.dry_run(params)

    assert (await action.execute(approved(params))).ok is False


async def test_end_of_a_silence_is_shown_done_and_found_again(action, fixture, respx_mock):
    racks = fixture("silence")["silences"][0]
    one = respx_mock.get(f"{URL}/api/v2/silence/{RACKS}").respond(json=racks)
    delete = respx_mock.delete(f"{URL}/api/v2/silence/{RACKS}").respond(200)

    shown = await action.dry_run(END)
    before = await action.find(approved(END), NOW)
    done = await action.execute(approved(END))
    one.respond(json=racks | {"status": {"state": "expired"}})
    after = await action.find(approved(END), NOW)

    assert shown.request == f"DELETE {URL}/api/v2/silence/{RACKS}"
    assert shown.current == "Silenced until 11:00 UTC by rosa."
    assert (before, after) == (None, done)
    assert done == ActionResult(ok=True, summary=f"Ended silence {RACKS} at silence.")
    assert delete.call_count == 1
    assert (await action.dry_run(END)).current == "It has ended."
