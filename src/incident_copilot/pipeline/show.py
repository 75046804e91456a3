"""What people see of an incident, put into the outbox: one card edited in place, the brief, proposals, notices."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from incident_copilot.analysis.topology import common_source
from incident_copilot.domain.content import (
    Announcement,
    BriefView,
    Button,
    Card,
    Content,
    Notice,
    Press,
    ProposalView,
)
from incident_copilot.domain.effect import Deed, Effect, EffectState, Place, Show
from incident_copilot.domain.footprint import Footprint
from incident_copilot.domain.hypothesis import Brief
from incident_copilot.domain.incident import OPENED_IT, Incident, Severity
from incident_copilot.domain.log import LogEntry, LogKind, TimelineEntry
from incident_copilot.domain.proposal import Proposal
from incident_copilot.pipeline import chosen, outsiders, prioritise, subscribers, wakeups
from incident_copilot.pipeline.comms import as_of
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import (
    action_log,
    alerts,
    effects,
    evidence,
    incidents,
    muted_alerts,
    proposals,
    silences,
    tasks,
    timeline,
)
from incident_copilot.store.db import Tx

LOOKED_AT, MOST_SILENCES, SYMPTOMS = 50, 3, 3
AN_HOUR = timedelta(hours=1)
CANVAS_AFTER = timedelta(seconds=5)
REGROUPED = (LogKind.MERGED, LogKind.SPLIT)
URGENT, FIRST, NORMAL, LATER = 1, 3, 5, 8
"""Decisions go first, then P0 and P1 (`priority_of`), then the first word of any other incident."""


async def card(tx: Tx, deps: Deps, incident_id: str) -> None:
    """Bring the card and the announcement up to date, and drafts that contradict them.

    Numbers alone are no reason to edit what leads to a channel.
    """
    shown = await card_of(tx, deps, incident_id)
    in_channel = has_channel(shown.incident)
    if in_channel:
        await put(tx, deps, shown.incident, Place.INCIDENT, "card", shown, priority=priority_of(shown.incident))
        await _canvas(tx, deps, incident_id)
    if shown.incident.private:  # its channel is the only place that knows of it
        return
    announced = await effects.latest(tx, deps.workspace_id, incident_id, "announcement")
    if not (in_channel and announced and tells(announced, shown) and not is_unsent(announced)):
        await announcement(tx, deps, shown)
    await drafts(tx, deps, shown.incident)


async def drafts(tx: Tx, deps: Deps, incident: Incident) -> None:
    """Show on open drafts of updates what contradicts them by now."""
    for draft in await as_of.drifted(tx, deps, incident):
        await proposal(tx, deps, incident, draft)


async def announcement(tx: Tx, deps: Deps, shown: Card) -> Effect:
    """Bring the message in the announcement channel up to date."""
    deed = Show(place=Place.ANNOUNCE, slot="announcement", content=Announcement(card=shown))
    is_first = await effects.latest(tx, deps.workspace_id, shown.incident.id, "announcement") is None
    priority = min(priority_of(shown.incident), FIRST) if is_first else NORMAL
    await subscribers.tell(tx, deps, shown)
    return await send(tx, deps, shown.incident, deed, stream=f"announce:{shown.incident.id}", priority=priority)


def tells(effect: Effect, shown: Card) -> bool:
    """Whether an effect shows, or will show, all of a card but its newest numbers."""
    seen = card_in(effect)
    numbers = {
        "firing": 0,
        "resolved": 0,
        "joined": (),
        "muted": {},
        "deadlines": (),
        "priority": None,
        "now": shown.now,
    }
    is_alike = seen is not None and seen.model_copy(update=numbers) == shown.model_copy(update=numbers)
    return is_alike and effect.state is not EffectState.FAILED


def is_unsent(effect: Effect) -> bool:
    """Whether what it shows can still be replaced without another message."""
    return effect.state is EffectState.PENDING and effect.attempts == 0


def card_in(effect: Effect) -> Card | None:
    """Return the card that an effect shows, None where it shows none."""
    content = effect.deed.content if isinstance(effect.deed, Show) else None
    card = content.card if isinstance(content, Announcement) else content
    return card if isinstance(card, Card) else None


async def card_of(tx: Tx, deps: Deps, incident_id: str) -> Card:
    """Return the card of an incident as it stands now."""
    incident = await incidents.get(tx, incident_id)
    firing, resolved = await alerts.counts(tx, incident_id)
    brief = await evidence.latest_brief(tx, incident_id)
    why = await incidents.reasons(tx, incident_id)
    tasks_open, tasks_done = await tasks.counts(tx, incident_id)
    return Card(
        incident=incident,
        firing=firing,
        resolved=resolved,
        joined=tuple(reason for reason in why if not reason.startswith(OPENED_IT)),
        regrouped=(*_apart(why), *map(_regrouped, await action_log.entries(tx, incident_id, kinds=REGROUPED))),
        muted=await muted_alerts.counts(tx, deps.workspace_id, incident_id),
        silences=tuple(await _silences(tx, deps, incident)),
        suspect=brief.suspect.cause if brief and brief.suspect else None,
        source=_source(deps, await incidents.footprint(tx, incident_id)),
        priority=(await prioritise.priorities(tx, deps, [incident]))[incident.id] if incident.is_running else None,
        tasks_open=tasks_open,
        tasks_done=tasks_done,
        now=deps.now(),
        shadow=deps.policy.shadow,
        crowded=await is_crowded(tx, deps, incident),
        vendors=outsiders.vendor_lines(deps, incident),
        deadlines=outsiders.duty_lines(deps, incident),
    )


async def _silences(tx: Tx, deps: Deps, incident: Incident) -> list[str]:
    """Return what mutes alerts like those of a running incident, here or elsewhere."""
    running = await silences.running(tx, deps.workspace_id, deps.now()) if incident.is_running else []
    if not running:
        return []
    members = await alerts.belonging(tx, incident.id, LOOKED_AT)
    covering = [one for one in running if any(one.covers(alert) for alert in members)]
    said = [f"{one.text} is muted{one.where} until {one.when}: {one.reason}" for one in covering[:MOST_SILENCES]]
    more = len(covering) - MOST_SILENCES
    return [*said, *([f"and {more} more mutes: /incident mutes"] if more > 0 else [])]


def _apart(why: Sequence[str]) -> list[str]:
    """Return why the alert that opened an incident did not join another one."""
    apart = [reason.removeprefix(f"{OPENED_IT}, ") for reason in why if reason.startswith(OPENED_IT)]
    return [f"{text[0].upper()}{text[1:]}" for text in apart]


def _regrouped(row: LogEntry) -> str:
    label = row.payload["label"]
    if row.kind is LogKind.MERGED:
        return f"Merged into {label}" if "into" in row.payload else f"{label} was merged into it"
    return f"Split from {label}" if "from" in row.payload else f"{label} was split from it"


def _source(deps: Deps, covered: Footprint) -> str | None:
    """Return in words where the trouble comes from, as the dependencies of the services in trouble tell."""
    found = common_source(deps.catalog.depends_on, covered.services)
    if found is None:
        return None
    source, dependents = found
    more = len(dependents) - SYMPTOMS
    others = ", ".join(dependents[:SYMPTOMS]) + (f" and {more} more" if more > 0 else "")
    return f"{source}: {others} depend{'s' * (len(dependents) == 1)} on it"


async def brief(tx: Tx, deps: Deps, incident: Incident, shown: Brief, *, anew: bool) -> Effect:
    """Show the brief; `anew` posts it as a new message, else the earlier one is edited silently."""
    content = await brief_view(tx, incident, shown)
    return await put(tx, deps, incident, Place.INCIDENT, "brief", content, priority=priority_of(incident), anew=anew)


async def _canvas(tx: Tx, deps: Deps, incident_id: str) -> None:
    """Nobody is told of an edit, and Slack takes few: what changes together is written once."""
    if deps.policy.canvas and not deps.policy.shadow:
        await wakeups.canvas(tx, deps, incident_id, at=deps.now() + CANVAS_AFTER)


async def brief_view(db: Tx, incident: Incident, shown: Brief) -> BriefView:
    """Return a brief with the evidence that it cites."""
    cited = {ref for statement in statements(shown) for ref in statement}
    return BriefView(incident=incident, brief=shown, evidence=tuple(await evidence.some(db, cited)))


def statements(brief: Brief) -> list[tuple[str, ...]]:
    """Return the evidence ids of every statement of a brief: its lines, its phases, then each hypothesis."""
    found = [line.evidence_ids for line in brief.lines]
    found += [one.evidence_ids for phase in brief.phases for one in phase.found]
    found += [s.evidence_ids for h in brief.hypotheses for s in (*h.supporting, *h.contradicting)]
    return found + ([brief.first_step.evidence_ids] if brief.first_step else [])


async def proposal(tx: Tx, deps: Deps, incident: Incident, shown: Proposal) -> Effect:
    """Show a proposal, or its outcome in the place of its buttons."""
    votes = tuple(vote.person for vote in await proposals.votes_on(tx, shown))
    changed = await as_of.changes(tx, incident, shown)
    content = ProposalView(incident=incident, proposal=shown, votes=votes, changed=changed)
    return await put(tx, deps, incident, Place.INCIDENT, f"proposal:{shown.id}", content, priority=URGENT)


async def notice(
    tx: Tx,
    deps: Deps,
    incident: Incident,
    name: str,
    text: str,
    *,
    detail: str = "",
    mentions: Sequence[str] = (),
    people: Sequence[str] = (),
    buttons: Sequence[Button] = (),
    anew: bool = False,
    under: str | None = None,
    rates: str | None = None,
) -> Effect:
    """Show a short message in the incident's channel or thread; one message a name, unless it is posted `anew`.

    `under` names the slot in whose thread it stands, `rates` the incident that people may rate there.
    """
    content = Notice(
        text=text,
        detail=detail,
        mentions=tuple(mentions),
        people=tuple(people),
        buttons=tuple(buttons),
        rates=rates,
    )
    slot, priority = f"notice:{name}", priority_of(incident)
    return await put(tx, deps, incident, Place.INCIDENT, slot, content, priority=priority, anew=anew, under=under)


async def put(
    tx: Tx,
    deps: Deps,
    incident: Incident,
    place: Place,
    slot: str,
    content: Content,
    *,
    priority: int = NORMAL,
    anew: bool = False,
    under: str | None = None,
) -> Effect:
    """Put one message into the outbox, in the incident's own stream.

    Where the channel has had its messages for this hour, one that asks nobody for anything goes below the card.
    """
    if place is Place.INCIDENT and under is None and not asks_somebody(content):
        is_edit = not anew and await effects.latest(tx, deps.workspace_id, incident.id, slot) is not None
        under = "card" if not is_edit and await is_crowded(tx, deps, incident) else None
    deed = Show(place=place, slot=slot, content=content, anew=anew, under=under)
    return await send(tx, deps, incident, deed, stream=f"incident:{incident.id}", priority=priority)


async def send(
    tx: Tx,
    deps: Deps,
    incident: Incident,
    deed: Deed,
    *,
    stream: str,
    priority: int = NORMAL,
    needs: Sequence[str] = (),
    run_at: datetime | None = None,
) -> Effect:
    """Put any deed into the outbox, with the change that causes it (promise P4)."""
    return await effects.enqueue(
        tx,
        workspace_id=deps.workspace_id,
        incident_id=incident.id,
        stream=stream,
        deed=deed,
        now=deps.now(),
        priority=priority,
        needs=tuple(needs),
        run_at=run_at,
    )


async def timeline_entry(tx: Tx, entry: TimelineEntry) -> None:
    """Note something observed."""
    await timeline.add(tx, entry)


async def is_crowded(tx: Tx, deps: Deps, incident: Incident) -> bool:
    """Whether an incident's channel has had as many messages in the last hour as it may."""
    return await effects.posted(tx, incident.id, deps.now() - AN_HOUR) >= chosen.posts_per_hour(deps, incident)


def asks_somebody(content: Content) -> bool:
    """Whether a message must be seen at once: the card, what waits for a decision, and what calls somebody."""
    return isinstance(content, Card | ProposalView) or (isinstance(content, Notice) and bool(content.mentions))


def acknowledging(incident: Incident) -> Button:
    """Return the button by which somebody takes an incident."""
    return Button(press=Press.ACKNOWLEDGE, label="Acknowledge", value=incident.id, style="primary")


def has_channel(incident: Incident) -> bool:
    """Whether the incident has, or is about to get, a channel of its own; a P2 lives in a thread unless it was more."""
    is_big = incident.private or incident.severity in (Severity.P0, Severity.P1)
    return incident.thread_ts is None and (incident.channel_id is not None or is_big)


def priority_of(incident: Incident) -> int:
    """P0 and P1 go first."""
    return URGENT + 1 if incident.severity in (Severity.P0, Severity.P1) else NORMAL


def in_words(span: timedelta) -> str:
    """Return a duration as people say it: 45 s, 3 min, 1 h 20 min, 2 d 4 h."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 100:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"
