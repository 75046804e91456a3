"""Who is on call by a schedule of Grafana OnCall."""

import pytest

from incident_copilot.domain.rotation import OnDuty
from incident_copilot.plugins.schedules.grafana_oncall import Options, create

URL = "https://oncall.example.net/oncall"


@pytest.mark.parametrize(("change", "chat_id"), [({}, "U0ANA"), ({"slack": None}, None)])
async def test_people_are_told_with_their_slack_ids_where_they_are_known(env, respx_mock, fixture, change, chat_id):
    respx_mock.get(f"{URL}/api/v1/schedules/SBM7DV7BKFUYU").respond(json=fixture("grafana_oncall_schedule"))
    user = respx_mock.get(f"{URL}/api/v1/users/U4DNY931HHJS5").respond(json=fixture("grafana_oncall_user") | change)

    found = await create(env, Options(url=URL)).on_duty("SBM7DV7BKFUYU")

    assert found == [OnDuty(name="ana", email="ana@acme.test", chat_id=chat_id)]
    assert user.calls.last.request.headers["authorization"] == "s3cret"
