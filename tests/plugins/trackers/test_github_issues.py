"""An action item's issue: found by its mark, opened, closed, opened again, and looked at."""

import json

import pytest

from incident_copilot.domain.ticket import TicketState
from incident_copilot.errors import OutcomeUnknown, VendorRefused
from incident_copilot.plugins.trackers.github_issues import Options, create
from incident_copilot.ports import Receipt

ISSUES = "https://api.github.com/repos/acme/shop/issues"
OPENED = {"key": "31"}
ISSUE = Receipt(ref={"key": "31"}, link="https://github.com/acme/shop/issues/31")


@pytest.fixture
def recorded(fixture):
    return fixture("github_issues")


@pytest.fixture
def tracker(env):
    return create(env, Options(repo="acme/shop"))


async def test_issue_is_opened_with_a_mark_and_found_by_it(tracker, wanted, recorded, respx_mock):
    opened = respx_mock.post(ISSUES).respond(201, json=recorded["issue"])
    listed = respx_mock.get(ISSUES).respond(json=[recorded["issue"] | {"body": None}, recorded["issue"]])

    assert (await tracker.open(wanted()), await tracker.find(wanted())) == (ISSUE, ISSUE)
    assert await tracker.find(wanted(key="inc-42-2-0192abcd")) is None
    assert json.loads(opened.calls.last.request.content) == {
        "title": "INC-42: Alert on pool waits",
        "body": "Alert on pool waits\n\nFollows from INC-42.\n\n<!-- copilot:inc-42-1-0192abcd -->",
        "labels": ["incident-follow-up", "detect"],
    }
    assert dict(listed.calls.last.request.url.params) == {
        "since": "2026-11-21T09:00:00Z",
        "state": "all",
        "labels": "incident-follow-up",
        "per_page": "100",
    }


async def test_lost_answer_is_unknown(tracker, wanted, respx_mock):
    respx_mock.post(ISSUES).respond(502)

    with pytest.raises(OutcomeUnknown):
        await tracker.open(wanted())


async def test_issue_is_closed_and_opened_again(tracker, wanted, recorded, respx_mock):
    changed = respx_mock.patch(f"{ISSUES}/31").respond(json=recorded["issue"])

    assert [await tracker.close(wanted(ref=OPENED)), await tracker.reopen(wanted(ref=OPENED))] == [ISSUE, ISSUE]
    assert [json.loads(call.request.content) for call in changed.calls] == [
        {"state": "closed", "state_reason": "completed"},
        {"state": "open", "state_reason": "reopened"},
    ]


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (200, {"number": 31, "state": "closed"}, TicketState.CLOSED),
        (200, {"number": 31, "state": "open"}, TicketState.OPEN),
        (410, {"message": "This issue was deleted"}, TicketState.LOST),
    ],
)
async def test_state_of_an_issue_is_read(tracker, respx_mock, status, body, state):
    respx_mock.get(f"{ISSUES}/31").respond(status, json=body)

    assert await tracker.state(OPENED) is state


async def test_refused_token_is_told(tracker, respx_mock):
    respx_mock.get(f"{ISSUES}/31").respond(401, json={"message": "Bad credentials"})
    respx_mock.get(ISSUES).respond(401, json={"message": "Bad credentials"})

    with pytest.raises(VendorRefused, match="Bad credentials"):
        await tracker.state(OPENED)
    with pytest.raises(VendorRefused, match="Bad credentials"):
        await tracker.check()
