"""More people are called as the policy says, each once an opening; people call others, and hold it back."""

from datetime import timedelta

import pytest

from incident_copilot.domain.catalog import OnCall, Team
from incident_copilot.domain.escalation import Escalation
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import escalate, run
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import incidents

from .life import CATALOG, Life, big

OUTAGE = {"types": ["dependency"], "to": {"who": "secondary"}, "after_min": 30}
QUIET = {"quiet_hours": {"begin": "12:00", "end": "14:00", "severities": ["P1"]}}


@pytest.fixture
def life_with(db, clock):
    def build(**policy):
        teams = (*CATALOG.teams, Team(name="security", on_call=OnCall(primary="U0SEC")))
        escalation = Escalation.model_validate({"unknown_cause_min": {}} | policy)
        return Life(db, clock, catalog=CATALOG.model_copy(update={"teams": teams, "escalation": escalation}))

    return build


async def escalated(life, incident):
    return [
        (row.actor, row.payload["rule"], row.payload["person"]) for row in await life.log(incident, LogKind.ESCALATED)
    ]


async def test_security_calls_its_team_at_once_and_a_provider_outage_the_secondary_after_half_an_hour(life_with, clock):
    life = life_with(matrix=[{"types": ["security"], "to": {"who": "U0CISO"}, "after_min": 0}, OUTAGE])
    secure = await life.opened(big("PiiLeak", summary="PII in logs"))
    outage = await life.opened(big("ProviderDown", service="search", summary="provider outage"))
    ana = await life.person("ana")
    await run.acknowledge(life.deps, outage.id, ana)

    await life.go_on(minutes=29)
    early = await escalated(life, outage)
    await life.go_on(minutes=2)

    assert await escalated(life, secure) == [("policy:escalation", "type:security", "U0CISO")]
    told = f"{secure.label} is escalated to you: it is a security incident. Please join."
    assert any(text.startswith(told) for text in life.chat.notices())
    assert (early, await escalated(life, outage)) == ([], [])  # team finders has no secondary


async def test_incident_that_nobody_works_on_calls_the_secondary_once(life_with, clock):
    life = life_with()
    incident = await life.opened(big())
    await run.acknowledge(life.deps, incident.id, await life.person("ana"))
    await life.go_on(minutes=50)
    await run.set_severity(life.deps, incident.id, await life.person("cara"), Severity.P0)
    for _ in range(8):
        await life.go_on(minutes=10)

    assert await escalated(life, incident) == [("policy:escalation", "no_progress", "U0BEN")]
    text = "INC-1 is escalated to you: nothing was done for 30 min. Please join."
    assert sum(one.startswith(text) for one in life.chat.notices()) == 1


async def test_who_is_in_it_already_is_not_called_again(life_with):
    life = life_with(several_services=2, helper={"who": "primary"})
    incident = await life.opened(big(), big("Slow", service="payments"))

    assert await escalated(life, incident) == []


async def test_one_who_acknowledges_stops_what_waits_for_that(life_with):
    life = life_with(last={"who": ["U0BOSS"]}, progress_min={})
    incident = await life.opened(big())
    await life.go_on(minutes=30)
    await life.go_on(minutes=30)

    assert await escalated(life, incident) == [("policy:escalation", "still_unacknowledged", "U0BOSS")]


@pytest.mark.parametrize("held", ["quiet hours", "snooze", "quiet"])
async def test_what_is_held_back_is_called_afterwards(life_with, held):
    life = life_with(**(QUIET if held == "quiet hours" else {}))
    ana = await life.person("ana")
    incident = await life.opened(big("ProviderDown", summary="provider outage"))
    await run.acknowledge(life.deps, incident.id, ana)
    if held == "snooze":
        await run.snooze(life.deps, incident.id, ana, timedelta(hours=2))
    elif held == "quiet":
        await run.quiet(life.deps, incident.id, ana, True)

    for _ in range(7):
        await life.go_on(minutes=17)
    before = await escalated(life, incident)
    if held == "quiet":
        await run.quiet(life.deps, incident.id, ana, False)
    await life.go_on(minutes=6)

    assert before == []
    assert ("policy:escalation", "type:dependency", "U0BEN") in await escalated(life, incident)


async def test_people_call_the_secondary_at_once(life_with):
    life = life_with()
    incident = await life.opened(big())

    said = await escalate.by_hand(life.deps, incident.id, await life.person("cara"), "the database  ")
    await life.work()

    assert said.text == "<@U0BEN> is called to INC-1."
    assert await escalated(life, incident) == [("U0CARA", "by_hand", "U0BEN")]
    [(_, _, page)] = [post for post in life.chat.posts if getattr(post[2], "detail", "") == "the database"]
    assert (page.mentions, page.text.startswith("Cara escalates INC-1 to you.")) == (("U0BEN",), True)


async def test_nobody_is_called_who_is_not_there_nor_for_what_is_over(life_with):
    life = life_with()
    incident = await life.opened(big())
    cara = await life.person("cara")
    async with life.deps.db.transaction() as tx:
        orphan = await incidents.save(tx, incident.model_copy(update={"team": None}))

    with pytest.raises(DecisionRefused) as nobody:
        await escalate.by_hand(life.deps, incident.id, cara, "")
    async with life.deps.db.transaction() as tx:
        await incidents.save(tx, orphan.model_copy(update={"ended_at": life.clock()}))
    await life.run_job(Work.ESCALATE, incident)

    assert str(nobody.value) == "Nobody is on call for it in catalog.yaml. Name somebody: /incident page @person."
    assert await escalated(life, incident) == []
