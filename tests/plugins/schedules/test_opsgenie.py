"""Who is on call by a schedule of Opsgenie, and who comes next."""

import pytest

from incident_copilot.domain.rotation import OnDuty
from incident_copilot.errors import VendorRefused
from incident_copilot.plugins.schedules.opsgenie import Options, create

URL = "https://api.opsgenie.com/v2/schedules/Shop%20primary"


async def test_who_is_next_is_called_second(env, respx_mock, fixture):
    respx_mock.route(url__startswith=f"{URL}/on-calls").respond(json=fixture("opsgenie_oncalls"))
    respx_mock.route(url__startswith=f"{URL}/next-on-calls").respond(json=fixture("opsgenie_next_oncalls"))

    found = await create(env, Options()).on_duty("Shop primary")

    assert found == [
        OnDuty(name="ana@acme.test", level=1, email="ana@acme.test"),
        OnDuty(name="ben@acme.test", level=2, email="ben@acme.test"),
    ]


async def test_schedule_that_is_not_there_is_refused(env, respx_mock):
    respx_mock.route(url__startswith=URL).respond(404, json={"message": "Schedule not found"})

    with pytest.raises(VendorRefused, match="Schedule not found"):
        await create(env, Options()).on_duty("Shop primary")
