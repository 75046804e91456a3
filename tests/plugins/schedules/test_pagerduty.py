"""Who is on call by an escalation policy of PagerDuty."""

from dataclasses import replace

import pytest

from incident_copilot.errors import ConfigError, VendorUnavailable
from incident_copilot.plugins.schedules.pagerduty import Options, create

URL = "https://api.pagerduty.com/oncalls"


async def test_people_are_told_once_on_their_first_level_with_their_addresses(env, respx_mock, fixture):
    route = respx_mock.route(url__startswith=URL).respond(json=fixture("pagerduty_oncalls_with_users"))

    found = await create(env, Options()).on_duty("PSHOP")

    assert [(one.name, one.level, one.email) for one in found][:2] == [
        ("Ana", 1, "ana@acme.test"),
        ("Ben", 2, "ben@acme.test"),
    ]
    asked = route.calls.last.request
    assert asked.url.params["escalation_policy_ids[]"] == "PSHOP"
    assert asked.url.params["include[]"] == "users"
    assert asked.headers["authorization"] == "Token token=s3cret"


async def test_pagerduty_that_does_not_answer_is_said_to_be_away(env, respx_mock):
    respx_mock.route(url__startswith=URL).respond(503)

    with pytest.raises(VendorUnavailable, match="PagerDuty: HTTP 503"):
        await create(env, Options()).on_duty("PSHOP")


def test_it_needs_a_key(env):
    with pytest.raises(ConfigError, match="set secret_env"):
        create(replace(env, secret=None), Options())
