"""Opsgenie: who is on call by a schedule."""

from incident_copilot.plugins.context_sources.opsgenie import Options, create

SCHEDULES = "https://api.opsgenie.com/v2/schedules"


async def test_schedule_of_all_services_is_asked_once(env, question, fixture, respx_mock):
    asked = respx_mock.get(f"{SCHEDULES}/Shop%20primary/on-calls").respond(json=fixture("opsgenie_oncalls"))
    two = question.model_copy(update={"services": ("mailer", "search")})

    (found,) = await create(env, Options(schedule="Shop primary")).gather(two)

    assert dict(asked.calls.last.request.url.params) == {"scheduleIdentifierType": "name", "flat": "true"}
    assert asked.calls.last.request.headers["authorization"] == "GenieKey s3cret"
    assert (asked.call_count, found.summary) == (1, "ana@acme.test is on call by Shop primary.")


async def test_incident_of_no_service_is_asked_about_all_the_same(env, question, fixture, respx_mock):
    respx_mock.get(f"{SCHEDULES}/Shop/on-calls").respond(json=fixture("opsgenie_oncalls"))
    nobodys = question.model_copy(update={"services": ()})

    (found,) = await create(env, Options(schedule="Shop")).gather(nobodys)

    assert found.data["service"] is None


async def test_check_reads_the_schedules(env, respx_mock):
    asked = respx_mock.get(SCHEDULES).respond(json={"data": []})

    await create(env, Options()).check()

    assert asked.call_count == 1
