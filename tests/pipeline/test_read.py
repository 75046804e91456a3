"""What people ask to see; private incidents are not listed."""

import pytest

from incident_copilot.domain.content import BriefView, ProposalView
from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.domain.postmortem import Postmortem
from incident_copilot.domain.proposal import Choice, ProposalKind, ProposalState
from incident_copilot.errors import UnknownThing
from incident_copilot.pipeline import decide, picture, read, resolve, run
from incident_copilot.store import evidence as evidence_rows
from incident_copilot.store import messages, postmortems
from incident_copilot.store.postmortems import StoredPostmortem

from . import samples
from .life import Life, big, over, small


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def test_running_incidents_are_listed_newest_first_without_private_and_ended_ones(life, open_incident, clock):
    first = await open_incident(life.deps.db)
    clock.forward(1)
    private = await open_incident(life.deps.db, private=True)
    await open_incident(life.deps.db, ended_at=clock())
    clock.forward(1)
    last = await open_incident(life.deps.db)

    assert await read.running(life.deps) == [last, first]
    assert await read.by_number(life.deps, last.number) == last
    assert await read.by_number(life.deps, private.number) is None
    assert await read.by_number(life.deps, 99) is None


async def test_incident_is_found_by_its_channel_or_thread(life):
    big_one = await life.opened(big())
    small_one = (await life.opened(small())) and await life.by_number(2)

    assert await read.in_channel(life.deps, big_one.channel_id) == big_one
    assert await read.in_channel(life.deps, small_one.channel_id, small_one.thread_ts) == small_one
    assert await read.in_channel(life.deps, small_one.channel_id) is None
    assert await read.in_channel(life.deps, small_one.channel_id, "99.0") is None
    assert await read.in_channel(life.deps, "C0ELSEWHERE") is None


async def test_incident_and_its_card_are_read_by_id(life):
    incident = await life.opened(big())

    card = await read.card(life.deps, incident.id)

    assert await read.incident(life.deps, incident.id) == incident
    assert (card.incident, card.firing, card.resolved) == (incident, 1, 0)
    with pytest.raises(UnknownThing):
        await read.incident(life.deps, "f" * 32)


async def test_newest_brief_comes_with_the_evidence_it_cites(life, open_incident):
    incident = await open_incident(life.deps.db)
    cited = samples.evidence(incident_id=incident.id, id="e1")
    other = samples.evidence(incident_id=incident.id, id="e9")
    shown = samples.brief(incident_id=incident.id)
    before = await read.brief(life.deps, incident.id)
    async with life.deps.db.transaction() as tx:
        await evidence_rows.add_all(tx, [cited, other])
        await evidence_rows.add_brief(tx, shown)

    assert before is None
    assert await read.brief(life.deps, incident.id) == BriefView(incident=incident, brief=shown, evidence=(cited,))
    assert await read.evidence_of(life.deps, "e9") == other
    assert await read.evidence_of(life.deps, "e0") is None


async def test_proposal_is_read_with_its_votes(life):
    incident = await life.opened(big())
    put = await life.put(incident, ProposalKind.UPDATE, rank=0, needed=2)
    await decide.vote(life.deps, put.id, 1, Choice.APPROVE, await life.person("cara"))

    found = await read.proposal(life.deps, put.id)

    assert found == ProposalView(incident=incident, proposal=put, votes=("U0CARA",))
    assert put in await read.open_proposals(life.deps, incident.id)
    with pytest.raises(UnknownThing):
        await read.proposal(life.deps, "f" * 32)


async def test_chart_is_found_once_it_is_shared(life, open_incident, clock):
    incident = await open_incident(life.deps.db, channel_id="C1")
    homeless = await open_incident(life.deps.db)
    item = samples.evidence(incident_id=incident.id, id="e1")
    async with life.deps.db.transaction() as tx:
        await evidence_rows.add_all(tx, [item, samples.evidence(incident_id=homeless.id, id="e2")])
    before = await read.chart_file(life.deps, "e1")
    async with life.deps.db.transaction() as tx:
        slot = picture.slot_of(item)
        await messages.record(tx, workspace_id="w", scope=incident.id, slot=slot, channel="C1", ts="F1", now=clock())

    assert before is None
    assert await read.chart_file(life.deps, "e1") == "F1"
    assert await read.chart_file(life.deps, "e2") is None
    assert await read.chart_file(life.deps, "e0") is None


async def test_summary_says_where_it_stands_what_was_decided_and_what_waits(life, clock):
    incident = await life.opened(big())
    ana = await life.person("ana")
    put = await life.put(incident, ProposalKind.ACTION)
    await decide.vote(life.deps, put.id, 1, Choice.APPROVE, ana)
    await life.put(incident, ProposalKind.CHECK, title="Look at the pool")
    await life.work()
    clock.forward(300)
    before = await read.summary(life.deps, incident.id)
    await run.acknowledge(life.deps, incident.id, ana)

    lines = await read.summary(life.deps, incident.id)

    brief = await read.brief(life.deps, incident.id)
    assert before[0] == "INC-1: P1 high, open, for 5 min. Nobody leads it yet."
    assert lines[:2] == (
        "INC-1: P1 high, acknowledged, for 5 min. Led by <@U0ANA>.",
        "Alerts: 1 firing, 0 resolved.",
    )
    assert {line.text for line in brief.brief.lines} <= set(lines)
    assert "Decided: Restart checkout: carried out" in lines
    assert "Waits for a decision: Look at the pool" in lines


async def test_summary_of_an_ended_incident_without_a_brief(life, clock, open_incident):
    incident = await open_incident(life.deps.db, severity=Severity.P2)
    clock.forward(60)
    ana = await life.person("ana")
    await resolve.resolve(life.deps, incident.id, ana, ending=Ending.FALSE_ALARM, note="", despite_red=False)
    clock.forward(600)

    assert await read.summary(life.deps, incident.id) == (
        "INC-1: P2 medium, resolved, for 60 s. Nobody led it.",
        "Alerts: 0 firing, 0 resolved.",
    )


async def test_postmortem_is_read_once_it_is_written(life, open_incident, clock):
    incident = await open_incident(life.deps.db)
    written = StoredPostmortem(
        postmortem=Postmortem(incident_id=incident.id, label="INC-1", title="t", written_at=clock(), sections=()),
        markdown="# t",
        html="<h1>t</h1>",
    )
    before = await read.postmortem(life.deps, incident.id)
    async with life.deps.db.transaction() as tx:
        await postmortems.save(tx, written)

    assert before is None
    assert await read.postmortem(life.deps, incident.id) == written


async def test_nothing_waits_in_an_ended_incident(life, clock):
    incident = await life.opened(big())
    await life.take(over(big(), clock))
    ana = await life.person("ana")
    await resolve.resolve(life.deps, incident.id, ana, ending=Ending.RESOLVED, note="", despite_red=False)

    assert await read.open_proposals(life.deps, incident.id) == []
    assert {one.state for one in await life.proposals(incident)} == {ProposalState.SUPERSEDED}
