"""PagerDuty: who is on call by an escalation policy."""

import pytest

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.errors import VendorRefused
from incident_copilot.plugins.context_sources.pagerduty import Options, create

ON_CALLS = "https://api.pagerduty.com/oncalls"


async def test_people_of_a_policy_come_in_the_order_in_which_they_are_called(env, question, fixture, respx_mock):
    asked = respx_mock.get(ON_CALLS).respond(json=fixture("pagerduty_oncalls"))

    found = await create(env, Options(schedules={"mailer": "PSHOP"})).gather(question)

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
    assert await create(env, Options()).gather(question) == []


async def test_check_wants_a_key_that_is_right(env, respx_mock):
    respx_mock.get(ON_CALLS).respond(401, json={"error": {"message": "Invalid API key", "code": 2006}})

    with pytest.raises(VendorRefused, match=r"HTTP 401 .*: Invalid API key$"):
        await create(env, Options()).check()
