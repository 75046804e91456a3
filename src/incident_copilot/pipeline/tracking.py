"""The tickets of action items follow the items, and what became of each is written down and shown in one message."""

from collections.abc import Mapping

from incident_copilot.domain.content import Button, Kept, KeptAt, Press
from incident_copilot.domain.effect import Effect, EffectState, FileTicket, Place
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.postmortem import ActionItem, External
from incident_copilot.domain.ticket import TicketAct, TicketState, TicketText
from incident_copilot.pipeline import ledger, show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.reviewing import inert
from incident_copilot.store import action_items, incidents
from incident_copilot.store.db import Tx

LONGEST_TITLE = 200
NOT_THERE = (TicketState.FAILED, TicketState.LOST)
AFTER: Mapping[TicketAct, tuple[TicketState, LogKind, str]] = {
    TicketAct.OPEN: (TicketState.OPEN, LogKind.TICKET_OPENED, "opened"),
    TicketAct.CLOSE: (TicketState.CLOSED, LogKind.TICKET_CLOSED, "closed"),
    TicketAct.REOPEN: (TicketState.OPEN, LogKind.TICKET_REOPENED, "opened again"),
}


async def ask(tx: Tx, deps: Deps, incident: Incident, item: ActionItem, tracker: str, asked_by: str) -> None:
    """Have a ticket opened for an item of a locked incident."""
    asked_for = External(system=tracker, key="", url="", state=TicketState.ASKED)
    kept = await action_items.save(tx, item.model_copy(update={"external": asked_for}))
    await _send(tx, deps, incident, kept, TicketAct.OPEN, asked_by)


async def mirror(tx: Tx, deps: Deps, incident: Incident, item: ActionItem, asked_by: str) -> None:
    """Have the ticket of an item closed or opened again, as the item is now; call it where the item was changed."""
    wanted = TicketState.OPEN if item.is_open else TicketState.CLOSED
    if item.external and item.external.key and item.external.state != wanted:
        act = TicketAct.REOPEN if item.is_open else TicketAct.CLOSE
        await _send(tx, deps, incident, item, act, asked_by)


async def settled(tx: Tx, deps: Deps, effect: Effect, deed: FileTicket) -> None:
    """Write down what became of a ticket; one that could not be opened or changed is told to who asked for it."""
    incident = await incidents.lock(tx, str(effect.incident_id))
    item = await action_items.get(tx, incident.id, deed.item)
    state, kind, verb = AFTER[deed.act]
    if effect.state is EffectState.DONE:
        key, url = str(effect.result["ref"]["key"]), str(effect.result.get("link") or "")
        there = External(system=deed.tracker, key=key, url=url, state=state)
        await action_items.save(tx, item.model_copy(update={"external": there}))
        payload = {"item": item.number, "tracker": deed.tracker, "key": key}
        await ledger.write(tx, deps, incident.id, kind, "copilot", payload)
    else:
        await _failed(tx, deps, effect, deed, incident, item, verb)
    await show_all(tx, deps, incident)


async def show_all(tx: Tx, deps: Deps, incident: Incident) -> None:
    """Bring the one message of all tickets of an incident up to date."""
    tracked = [item for item in await action_items.of_incident(tx, incident.id) if item.external]
    content = Kept(
        what=f"Tickets of the action items of {incident.label}",
        places=tuple(_shown(item, item.external) for item in tracked if item.external),
        again=_again(incident),
    )
    await show.put(tx, deps, incident, Place.INCIDENT, "tickets", content)


async def _failed(
    tx: Tx, deps: Deps, effect: Effect, deed: FileTicket, incident: Incident, item: ActionItem, verb: str
) -> None:
    if deed.act is TicketAct.OPEN and item.external:
        none = item.external.model_copy(update={"state": TicketState.FAILED})
        await action_items.save(tx, item.model_copy(update={"external": none}))
    text = f"The ticket of action item {item.number} of {incident.label} was not {verb}: {effect.error}"
    mentions = [deed.asked_by] if ledger.is_person(deed.asked_by) else []
    again = [_again(incident)] if deed.act is TicketAct.OPEN else []
    await show.notice(tx, deps, incident, f"ticket:{item.number}", text, mentions=mentions, buttons=again, anew=True)


async def _send(tx: Tx, deps: Deps, incident: Incident, item: ActionItem, act: TicketAct, asked_by: str) -> None:
    tracker = item.external.system if item.external else ""
    key = f"{incident.label.lower()}-{item.number}-{incident.id[-8:]}"
    wanted = TicketText(
        key=key,
        title=f"{incident.label}: {item.text}"[:LONGEST_TITLE],
        text=text_of(deps, incident, item),
        since=incident.opened_at,
        labels=(item.kind,),
        ref={"key": item.external.key} if item.external and item.external.key else {},
    )
    deed = FileTicket(tracker=tracker, item=item.number, act=act, wanted=wanted, asked_by=asked_by)
    await show.send(tx, deps, incident, deed, stream=f"ticket:{incident.id}:{item.number}", priority=show.LATER)


def text_of(deps: Deps, incident: Incident, item: ActionItem) -> str:
    """Return what a ticket says; trackers read markup, so only what people wrote may link or call somebody."""
    base = deps.policy.public_url
    lines = [
        item.text if ledger.is_person(item.added_by) else inert.dead(item.text),
        f"Follows from {incident.label}: {inert.dead(incident.title)}.",
        f"Type: {item.kind}. Owner: {item.owner or 'nobody yet'}.",
        *([f"Due: {item.due}."] if item.due else []),
        *([f"{base.rstrip('/')}/incidents/{incident.number}/postmortem"] if base else []),
    ]
    return "\n\n".join(lines)


def _shown(item: ActionItem, external: External) -> KeptAt:
    name = f"{item.number} {item.text}" + (f" ({external.key}, {external.state})" if external.key else "")
    problem = {TicketState.FAILED: "It could not be opened.", TicketState.LOST: "It was deleted there."}
    return KeptAt(
        name=name,
        link=external.url or None,
        is_there=bool(external.key) and external.state not in NOT_THERE,
        problem=problem.get(TicketState(external.state)),
    )


def _again(incident: Incident) -> Button:
    return Button(press=Press.TICKETS, label="Open missing tickets", value=incident.id)
