"""An action item's ticket: found by its label, opened, moved by the workflow's transitions, and looked at."""

import json

import pytest

from incident_copilot.domain.ticket import TicketState
from incident_copilot.errors import OutcomeUnknown, VendorRefused
from incident_copilot.plugins.trackers.jira import Options, create
from incident_copilot.ports import Receipt

API = "https://acme.atlassian.net/rest/api/3"
OPENED = {"key": "OPS-24"}
TICKET = Receipt(ref={"key": "OPS-24"}, link="https://acme.atlassian.net/browse/OPS-24")


@pytest.fixture
def recorded(fixture):
    return fixture("jira")


@pytest.fixture
def tracker(env):
    return create(env, Options(url="https://acme.atlassian.net", user="bot@acme.example", project="OPS"))


def sent(route):
    return json.loads(route.calls.last.request.content)


async def test_ticket_is_opened_with_a_label_and_found_by_it(tracker, wanted, recorded, respx_mock):
    opened = respx_mock.post(f"{API}/issue").respond(201, json=recorded["created"])
    search = respx_mock.post(f"{API}/search/jql").respond(json=recorded["found"])

    assert (await tracker.open(wanted()), await tracker.find(wanted())) == (TICKET, TICKET)
    assert sent(opened)["fields"] == {
        "project": {"key": "OPS"},
        "issuetype": {"name": "Task"},
        "summary": "INC-42: Alert on pool waits",
        "description": {
            "type": "doc",
            "version": 1,
            "content": [
                {"type": "paragraph", "content": [{"type": "text", "text": "Alert on pool waits"}]},
                {"type": "paragraph", "content": [{"type": "text", "text": "Follows from INC-42."}]},
            ],
        },
        "labels": ["incident-follow-up", "detect", "copilot-inc-42-1-0192abcd"],
    }
    assert sent(search)["jql"] == 'project = "OPS" AND labels = "copilot-inc-42-1-0192abcd"'


async def test_lost_answer_is_unknown_and_nothing_found_is_none(tracker, wanted, respx_mock):
    respx_mock.post(f"{API}/issue").respond(502)
    respx_mock.post(f"{API}/search/jql").respond(json={"issues": [], "isLast": True})

    with pytest.raises(OutcomeUnknown):
        await tracker.open(wanted())
    assert await tracker.find(wanted()) is None


async def test_ticket_takes_the_transition_that_leads_to_done(tracker, wanted, recorded, respx_mock):
    respx_mock.get(f"{API}/issue/OPS-24").respond(json=recorded["issue"])
    respx_mock.get(f"{API}/issue/OPS-24/transitions").respond(json=recorded["transitions"])
    moved = respx_mock.post(f"{API}/issue/OPS-24/transitions").respond(204)

    assert [await tracker.close(wanted(ref=OPENED)), await tracker.reopen(wanted(ref=OPENED))] == [TICKET, TICKET]
    assert [json.loads(call.request.content) for call in moved.calls] == [{"transition": {"id": "31"}}]


async def test_workflow_without_a_way_is_named(tracker, wanted, recorded, respx_mock):
    respx_mock.get(f"{API}/issue/OPS-24").respond(json=recorded["issue"])
    respx_mock.get(f"{API}/issue/OPS-24/transitions").respond(json={"transitions": []})

    with pytest.raises(VendorRefused, match="the workflow of OPS-24 has no transition to closed from where it is"):
        await tracker.close(wanted(ref=OPENED))


async def test_ticket_that_is_gone_is_lost_and_any_other_refusal_is_told(tracker, recorded, respx_mock):
    issue = respx_mock.get(f"{API}/issue/OPS-24").respond(404, json={"errorMessages": ["Issue does not exist"]})

    assert await tracker.state(OPENED) is TicketState.LOST
    issue.respond(403, json={"errorMessages": []})
    with pytest.raises(VendorRefused, match="HTTP 403"):
        await tracker.state(OPENED)


async def test_check_reads_the_project(tracker, recorded, respx_mock):
    project = respx_mock.get(f"{API}/project/OPS").respond(json=recorded["project"])

    await tracker.check()

    assert project.called
