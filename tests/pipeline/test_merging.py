"""Incidents that may be one are put to people, and merged when one approves."""

import pytest

from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Choice, ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import decide, merging, resolve
from incident_copilot.pipeline.matching import Match
from incident_copilot.store import alerts, incidents

from .life import Life, big, small

TORN = "checkout depends on payments, 0 s apart, same cluster eu-1, but each a fault of its own (payments)"


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def two(life, first=small, second=small):
    """Two incidents that may be one: a pod of payments and one of checkout do not start."""
    await life.take(first("KubePodCrashLooping", service="payments"))
    await life.take(second("KubePodNotReady", service="checkout"))
    return await life.by_number(1), await life.by_number(2)


async def approve(life, incident):
    [put] = [one for one in await life.proposals(incident) if one.title.startswith("Merge")]
    ben = await life.person("ben")
    outcome = await decide.vote(life.deps, put.id, put.version, Choice.APPROVE, ben)
    await life.work()
    return outcome


async def test_what_is_plausible_opens_its_own_incident_and_is_put_to_people_with_the_reason(life):
    into, incident = await two(life)

    [put] = [one for one in await life.proposals(incident, ProposalState.OPEN) if one.title.startswith("Merge")]
    assert (put.title, put.body) == (
        "Merge INC-2 into INC-1",
        f"INC-1 {into.title}. They may be one: {TORN}.",
    )
    assert put.shown == {"into": into.id, "why": TORN}


async def test_approved_the_alerts_move_and_the_incident_ends_as_merged(life):
    into, incident = await two(life)

    outcome = await approve(life, incident)

    [row] = await life.log(into, LogKind.MERGED)
    async with life.deps.db.read() as db:
        reasons = [one.reason for one in await incidents.memberships(db, into.id)]
        covered = (await incidents.footprints(db, "w"))[into.id]
        assert await alerts.counts(db, into.id) == (2, 0)
    assert outcome.proposal.outcome == "INC-2 is part of INC-1 now."
    assert (await life.by_number(2)).ending is Ending.MERGED
    assert await life.running() == [1]
    assert reasons == ["opened the incident", f"merged from INC-2: {TORN}"]
    assert sorted(covered.services) == ["checkout", "payments"]
    assert (row.actor, row.payload["label"]) == ("U0BEN", "INC-2")
    assert f"INC-2 {incident.title} was merged into this incident by Ben." in life.chat.notices()


async def test_the_severity_of_what_is_merged_raises_that_of_the_other(life):
    _, incident = await two(life, second=big)

    await approve(life, incident)

    assert (await life.by_number(1)).severity is Severity.P1


async def test_an_incident_no_alert_belongs_to_merges_too(life, open_incident):
    into = await open_incident(life.deps.db, service="payments")
    incident = await open_incident(life.deps.db, service="checkout")
    async with life.deps.db.transaction() as tx:
        await merging.propose(tx, life.deps, incident, Match(incident=into, reason="the same trouble"))

    await approve(life, incident)

    assert await life.running() == [into.number]


async def test_nothing_is_merged_into_what_has_ended(life):
    into, incident = await two(life)
    ana = await life.person("ana")
    await resolve.resolve(life.deps, into.id, ana, ending=Ending.FALSE_ALARM, note="", despite_red=True)

    with pytest.raises(DecisionRefused, match="INC-1 has ended already; nothing was merged"):
        await approve(life, incident)

    assert await life.running() == [2]
