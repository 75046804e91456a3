"""PagerDuty and Opsgenie: who is on call for the services of an incident."""

import pytest

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.errors import VendorRefused
from incident_copilot.plugins.context_sources import opsgenie, pagerduty

ON_CALLS = "https://api.pagerduty.com/oncalls"
SCHEDULES = "https://api.opsgenie.com/v2/schedules"


def on_call(name, level, schedule="Shop primary", end="2026-11-28T08:00:00Z"):
    return {
        "escalation_policy": {"id": "PSHOP", "type": "escalation_policy_reference", "summary": "Shop"},
        "escalation_level": level,
        "schedule": {"id": "S1", "type": "schedule_reference", "summary": schedule} if schedule else None,
        "user": {"id": name, "summary": name, "html_url": f"https://acme.pagerduty.com/users/{name}"},
        "start": "2026-11-21T08:00:00Z",
        "end": end,
    }


async def test_people_of_a_policy_come_in_the_order_in_which_they_are_called(env, question, respx_mock):
    people = [on_call("Ben", 2, schedule=None, end=None), on_call("Ana", 1), on_call("Ana", 2), on_call("Boss", 3)]
    asked = respx_mock.get(ON_CALLS).respond(json={"oncalls": people, "limit": 100, "more": False})

    found = await pagerduty.create(env, pagerduty.Options(schedules={"mailer": "PSHOP"})).gather(question)

    request = asked.calls.last.request
    assert request.url.params.multi_items() == [
        ("escalation_policy_ids[]", "PSHOP"),
        ("earliest", "true"),
        ("limit", "100"),
    ]
    assert request.headers["authorization"] == "Token token=s3cret"
    assert [item.summary for item in found] == [
        "Ana is on call by Shop primary (level 1) until 08:00 UTC on 28 November.",
        "Ben is on call by Shop (level 2).",
    ]
    assert (found[0].kind, found[0].title, found[0].link) == (
        EvidenceKind.PERSON,
        "On call: Ana",
        "https://acme.pagerduty.com/users/Ana",
    )
    assert found[0].data == {
        "name": "Ana",
        "role": "on call",
        "schedule": "Shop primary (level 1)",
        "until": 1795852800.0,
        "service": "mailer",
    }


async def test_service_without_a_policy_is_not_asked_about(env, question):
    assert await pagerduty.create(env, pagerduty.Options()).gather(question) == []


async def test_schedule_of_all_services_is_asked_once(env, question, respx_mock):
    asked = respx_mock.get(f"{SCHEDULES}/Shop%20primary/on-calls").respond(
        json={"data": {"_parent": {"name": "Shop primary"}, "onCallRecipients": ["ana@acme.test"]}, "took": 0.1}
    )
    two = question.model_copy(update={"services": ("mailer", "search")})

    (found,) = await opsgenie.create(env, opsgenie.Options(schedule="Shop primary")).gather(two)

    assert dict(asked.calls.last.request.url.params) == {"scheduleIdentifierType": "name", "flat": "true"}
    assert asked.calls.last.request.headers["authorization"] == "GenieKey s3cret"
    assert (asked.call_count, found.summary) == (1, "ana@acme.test is on call by Shop primary.")


async def test_incident_of_no_service_is_asked_about_all_the_same(env, question, respx_mock):
    respx_mock.get(f"{SCHEDULES}/Shop/on-calls").respond(json={"data": {"onCallRecipients": ["ana@acme.test"]}})
    nobodys = question.model_copy(update={"services": ()})

    (found,) = await opsgenie.create(env, opsgenie.Options(schedule="Shop")).gather(nobodys)

    assert found.data["service"] is None


async def test_checks_want_a_key_that_is_right(env, respx_mock):
    respx_mock.get(ON_CALLS).respond(401, json={"error": {"message": "Invalid API key", "code": 2006}})
    respx_mock.get(SCHEDULES).respond(json={"data": []})

    await opsgenie.create(env, opsgenie.Options()).check()
    with pytest.raises(VendorRefused, match=r"HTTP 401 .*: Invalid API key$"):
        await pagerduty.create(env, pagerduty.Options()).check()
