"""What people ask to see; only what the asker may see, and nothing is changed."""

from collections.abc import Sequence

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.content import BriefView, Card, ProposalView
from incident_copilot.domain.evidence import Evidence
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.investigation import Investigation
from incident_copilot.domain.log import TimelineEntry
from incident_copilot.domain.priority import Priority
from incident_copilot.domain.proposal import Proposal, ProposalState
from incident_copilot.domain.source_health import SourceHealth
from incident_copilot.errors import UnknownThing
from incident_copilot.pipeline import housing, picture, prioritise, show
from incident_copilot.pipeline.comms import as_of
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import (
    alerts,
    dead_letters,
    evidence,
    heard,
    heartbeats,
    incidents,
    investigations,
    messages,
    outages,
    postmortems,
    proposals,
    timeline,
)
from incident_copilot.store.postmortems import StoredPostmortem


async def running(deps: Deps) -> list[Incident]:
    """Return incidents that have not ended and are not private, newest first."""
    async with deps.db.read() as db:
        return [found for found in await incidents.running(db, deps.workspace_id) if not found.private]


async def in_order(deps: Deps) -> list[tuple[Incident, Priority]]:
    """Return the running incidents as people should look at them, each with its priority."""
    found = await running(deps)
    async with deps.db.read() as db:
        by_id = await prioritise.priorities(db, deps, found)
    return [(one, by_id[one.id]) for one in prioritise.in_order(found, by_id)]


async def sources(deps: Deps) -> list[SourceHealth]:
    """Return how the alert sources do, by name: those that are set up, and others that have delivered."""
    async with deps.db.read() as db:
        heard_of = {one.source: one for one in await heard.all_of(db, deps.workspace_id)}
        dead = {one.source: one.waiting + one.left_out for one in await dead_letters.counts(db, deps.workspace_id)}
        beats = await heartbeats.all_of(db, deps.workspace_id)
    return [
        heard_of.get(name, SourceHealth(source=name)).model_copy(
            update={
                "not_understood": dead.get(name, 0),
                "heartbeats": tuple(beat for beat in beats if beat.source == name),
            }
        )
        for name in sorted({*deps.alert_sources, *heard_of, *dead})
    ]


async def source_lines(deps: Deps) -> list[str]:
    """Return a line for each source: when it delivered last, what was not understood, and its watchdogs."""
    return [_source_line(one) for one in await sources(deps)]


def _source_line(one: SourceHealth) -> str:
    parts = [f"last delivery {one.last_at:%Y-%m-%d %H:%M} UTC" if one.last_at else "nothing delivered yet"]
    parts += [f"{one.not_understood} not understood"] if one.not_understood else []
    for beat in one.heartbeats:
        usual = f", every {show.in_words(beat.usual)}" if beat.usual else ""
        heard_at = f"{'silent: last heard' if beat.silent_since else 'heard'} {beat.last_at:%Y-%m-%d %H:%M} UTC"
        parts.append(f"{beat.named} {heard_at}{usual}")
    return f"{one.source}: {'; '.join(parts)}"


async def in_channel(deps: Deps, channel: str, thread_ts: str | None = None) -> Incident | None:
    """Return the incident that this channel or thread belongs to, or None."""
    async with deps.db.read() as db:
        return await housing.incident_at(db, deps.workspace_id, channel, thread_ts)


async def by_number(deps: Deps, number: int) -> Incident | None:
    """Return the incident people call INC-number, or None; private ones are not found by number."""
    async with deps.db.read() as db:
        found = await incidents.by_number(db, deps.workspace_id, number)
    return None if found and found.private else found


async def incident(deps: Deps, incident_id: str) -> Incident:
    """Return an incident.

    Raises:
        UnknownThing: there is none with this id.
    """
    async with deps.db.read() as db:
        return await incidents.get(db, incident_id)


async def card(deps: Deps, incident_id: str) -> Card:
    """Return the card as it stands now."""
    async with deps.db.read() as db:
        return await show.card_of(db, deps, incident_id)


async def brief(deps: Deps, incident_id: str) -> BriefView | None:
    """Return the newest brief with the evidence it cites, or None before the first."""
    async with deps.db.read() as db:
        found = await evidence.latest_brief(db, incident_id)
        if found is None:
            return None
        return await show.brief_view(db, await incidents.get(db, incident_id), found)


async def timeline_of(deps: Deps, incident_id: str) -> list[TimelineEntry]:
    """Return what was observed of an incident, oldest first."""
    async with deps.db.read() as db:
        return await timeline.of_incident(db, incident_id)


async def chat_trouble(deps: Deps) -> str | None:
    """Return in words why the chat takes nothing now, or None where all is well.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    async with deps.db.read() as db:
        outage = await outages.of(db, deps.workspace_id)
    if outage is None:
        return None
    if outage.code:
        return f"Slack refuses the copilot: {outage.code}"
    silent = deps.now() - outage.since
    return f"Slack has not answered for {show.in_words(silent)}" if silent >= deps.policy.degraded_after else None


async def proposal(deps: Deps, proposal_id: str) -> ProposalView:
    """Return a proposal as it stands now.

    Raises:
        UnknownThing: there is none with this id.
    """
    async with deps.db.read() as db:
        found = await proposals.get(db, proposal_id)
        votes = tuple(vote.person for vote in await proposals.votes_on(db, found))
        incident = await incidents.get(db, found.incident_id)
        changed = await as_of.changes(db, incident, found)
        return ProposalView(incident=incident, proposal=found, votes=votes, changed=changed)


class Waiting(Frozen):
    """A proposal that waits for a decision; `number` is its place among those of its incident, for good."""

    incident: Incident
    number: int
    proposal: Proposal


async def waiting(deps: Deps, about: Sequence[Incident]) -> list[Waiting]:
    """Return what waits for a decision in some incidents, oldest first in each."""
    async with deps.db.read() as db:
        return [
            Waiting(incident=incident, number=number, proposal=one)
            for incident in about
            for number, one in enumerate(await proposals.of_incident(db, incident.id), start=1)
            if one.state is ProposalState.OPEN
        ]


async def numbered(deps: Deps, incident: Incident, number: int) -> ProposalView:
    """Return the proposal of an incident that has a number.

    Raises:
        UnknownThing: there is none.
    """
    async with deps.db.read() as db:
        found = await proposals.of_incident(db, incident.id)
    if not 0 < number <= len(found):
        raise UnknownThing(f"{incident.label} has no proposal {number}")
    return await proposal(deps, found[number - 1].id)


async def open_proposals(deps: Deps, incident_id: str) -> list[Proposal]:
    """Return what waits for a decision."""
    async with deps.db.read() as db:
        return await proposals.of_incident(db, incident_id, ProposalState.OPEN)


async def evidence_of(deps: Deps, evidence_id: str) -> Evidence | None:
    """Return one piece of evidence, or None."""
    async with deps.db.read() as db:
        return await evidence.get(db, evidence_id)


async def investigation(deps: Deps, investigation_id: str) -> Investigation | None:
    """Return an investigation by the model, or None."""
    async with deps.db.read() as db:
        return await investigations.get(db, investigation_id)


async def chart_file(deps: Deps, evidence_id: str) -> str | None:
    """Return the chat's file id of the chart of a metric, or None while it is not shared."""
    async with deps.db.read() as db:
        item = await evidence.get(db, evidence_id)
        if item is None:
            return None
        owner = await incidents.get(db, item.incident_id)
        if owner.channel_id is None:
            return None
        return await messages.ts_of(db, deps.workspace_id, owner.id, picture.slot_of(item), owner.channel_id)


async def summary(deps: Deps, incident_id: str) -> tuple[str, ...]:
    """Return the incident in a few lines: where it stands, the brief, what was decided and what waits."""
    async with deps.db.read() as db:
        found = await incidents.get(db, incident_id)
        latest = await evidence.latest_brief(db, incident_id)
        firing, resolved = await alerts.counts(db, incident_id)
        kept = await proposals.of_incident(db, incident_id)
    lasted = show.in_words((found.ended_at or deps.now()) - found.started_at)
    nobody = "Nobody leads it yet." if found.is_running else "Nobody led it."
    lead = f"Led by <@{found.commander}>." if found.commander else nobody
    lines = [
        f"{found.label}: {found.severity_in_words}, {found.status}, for {lasted}. {lead}",
        f"Alerts: {firing} firing, {resolved} resolved.",
    ]
    if latest:
        lines += [line.text for line in latest.lines]
    waiting = [one.title for one in kept if one.state is ProposalState.OPEN]
    decided = [f"{one.title}: {one.state.replace('_', ' ')}" for one in kept if one.decided_by]
    lines += [f"Decided: {text}" for text in decided] + [f"Waits for a decision: {text}" for text in waiting]
    return tuple(lines)


async def postmortem(deps: Deps, incident_id: str) -> StoredPostmortem | None:
    """Return the written postmortem, or None."""
    async with deps.db.read() as db:
        return await postmortems.get(db, incident_id)
