"""Action items: the work that follows an incident; added, given, dated, done, and chased until it is closed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person
from incident_copilot.domain.postmortem import ActionItem
from incident_copilot.errors import DecisionRefused, UnknownThing
from incident_copilot.pipeline import chosen, ledger, people, run, tracking, wakeups
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.living import due as reminders
from incident_copilot.pipeline.living import shown
from incident_copilot.pipeline.reviewing import follow_ups
from incident_copilot.pipeline.reviewing.record import Record, of_log
from incident_copilot.store import action_items, incidents, texts
from incident_copilot.store import people as names
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

WORK = "work on action items"
KINDS = ("prevent", "detect", "mitigate", "process")
LONGEST = 500
EVERY = timedelta(days=7)


async def adopt(deps: Deps, found: Record) -> Record:
    """Return the record with all action items; those that rules suggest for the first time become rows."""
    async with deps.db.transaction() as tx:
        incident = await incidents.lock(tx, found.incident.id)
        kept = await action_items.of_incident(tx, incident.id)
        known = {item.text for item in kept}
        suggested = [item for item in follow_ups.action_items(found) if item.text not in known]
        for item in suggested if not incident.is_running else []:
            of_it = item.model_copy(update={"incident_id": incident.id})
            kept.append(await action_items.add(tx, deps.workspace_id, of_it))
        if kept and not found.items and not incident.test:
            await _chase_later(tx, deps, incident)
    return replace(found, items=tuple(kept))


async def add(
    deps: Deps,
    incident_id: str,
    person: Person,
    text: str,
    *,
    kind: str = "process",
    assignee: str | None = None,
    due: date | None = None,
) -> Outcome:
    """Add an item.

    Raises:
        DecisionRefused: not allowed, without words, no such type, or not for this person; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    who = await people.known(deps, assignee) if assignee else None
    async with _asked(deps, incident_id, person) as (tx, incident):
        words = _said(text, kind)
        kept = await texts.store_text(tx, incident_id=incident.id, author=person.id, text=words, now=deps.now())
        number = len(await action_items.of_incident(tx, incident.id)) + 1
        payload: dict[str, object] = {"item": number, "words": kept} | ({"person": assignee} if assignee else {})
        row = await ledger.write_by(tx, deps, incident.id, LogKind.ITEM_ADDED, person, payload)
        item = ActionItem(
            text=words,
            kind=kind,
            owner=incident.team,
            incident_id=incident.id,
            added_by=person.id,
            assignee=people.member(who, "gets no action items").id if who else None,
            due=due,
            sources=(of_log(row),),
        )
        await action_items.add(tx, deps.workspace_id, item)
        await _noted(tx, deps, incident, who)
    to = f" for <@{assignee}>" if assignee else ""
    return Outcome(text=f"Action item {number} of {incident.label}{to}: {words}", incident=incident)


def _said(text: str, kind: str) -> str:
    words = " ".join(text.replace("\x00", "").split())
    if not words or len(words) > LONGEST:
        raise DecisionRefused(f"Say what is to be done, in at most {LONGEST} characters.")
    if kind not in KINDS:
        raise DecisionRefused(f"The type is one of {', '.join(KINDS)}.")
    return words


async def assign(deps: Deps, incident_id: str, person: Person, number: int, who: str) -> Outcome:
    """Give an item to somebody, or take it. Raises as `add` does."""
    chosen_one = await people.known(deps, who)
    async with _asked(deps, incident_id, person) as (tx, incident):
        item = await _open(tx, incident, number)
        if item.assignee == who:
            raise DecisionRefused(f"Action item {number} is with <@{who}> already.")
        changed = item.model_copy(update={"assignee": people.member(chosen_one, "gets no action items").id})
        await _change(tx, deps, incident, person, changed, LogKind.ITEM_ASSIGNED, {"person": who})
        await _noted(tx, deps, incident, chosen_one)
    return Outcome(text=f"Action item {number} of {incident.label} is with <@{who}>.", incident=incident)


async def set_due(deps: Deps, incident_id: str, person: Person, number: int, due: date) -> Outcome:
    """Set by when an item should be done. Raises as `add` does."""
    async with _asked(deps, incident_id, person) as (tx, incident):
        item = await _open(tx, incident, number)
        changed = item.model_copy(update={"due": due})
        await _change(tx, deps, incident, person, changed, LogKind.ITEM_DUE_SET, {"due": due.isoformat()})
        await _noted(tx, deps, incident)
    return Outcome(text=f"Action item {number} of {incident.label} is due on {due:%-d %B %Y}.", incident=incident)


async def done(deps: Deps, incident_id: str, person: Person, number: int) -> Outcome:
    """Note that an item is done. Raises as `add` does."""
    return await _close(deps, incident_id, person, number, LogKind.ITEM_DONE, dropped=False)


async def drop(deps: Deps, incident_id: str, person: Person, number: int) -> Outcome:
    """Note that an item will not be done. Raises as `add` does."""
    return await _close(deps, incident_id, person, number, LogKind.ITEM_DROPPED, dropped=True)


async def reopen(deps: Deps, incident_id: str, person: Person, number: int) -> Outcome:
    """Note that an item is not done after all. Raises as `add` does."""
    async with _asked(deps, incident_id, person) as (tx, incident):
        item = await action_items.get(tx, incident.id, number)
        if item.is_open:
            raise DecisionRefused(f"Action item {number} is open.")
        changed = item.model_copy(update={"done_by": None, "done_at": None, "dropped": False})
        await _change(tx, deps, incident, person, changed, LogKind.ITEM_REOPENED, {})
        await tracking.mirror(tx, deps, incident, changed, person.id)
        await _chase_later(tx, deps, incident)
        await _noted(tx, deps, incident)
    return Outcome(text=f"Action item {number} of {incident.label} is open again.", incident=incident)


async def listed(deps: Deps, incident: Incident) -> list[ActionItem]:
    """Return the items of an incident."""
    async with deps.db.read() as db:
        return await action_items.of_incident(db, incident.id)


async def chase(deps: Deps, job: Job) -> None:
    """Remind each person once a week of their open items, and the channel of those of nobody, until all are closed."""
    async with job.finish(deps.db) as tx:
        incident = await incidents.lock(tx, job.payload["incident_id"])
        still = [item for item in await action_items.of_incident(tx, incident.id) if item.is_open]
        known = await names.names(tx, deps.workspace_id)
        today = deps.now().date()
        for who in sorted({item.assignee for item in still}, key=str):
            theirs = [item for item in still if item.assignee == who]
            late = sum(bool(item.due and item.due < today) for item in theirs)
            count = "1 open action item" if len(theirs) == 1 else f"{len(theirs)} open action items"
            whose = f"You have {count}" if who else f"There {'is' if len(theirs) == 1 else 'are'} {count} of nobody"
            text = f"{whose} from {incident.label} {incident.title}{f', {late} overdue' if late else ''}."
            detail = "\n".join(f"• {shown.in_words(item, known)}" for item in theirs)
            await reminders.tell(tx, deps, incident, who, "action-items", text, detail)
        if still:
            await _chase_later(tx, deps, incident)


async def _close(deps: Deps, incident_id: str, person: Person, number: int, kind: LogKind, *, dropped: bool) -> Outcome:
    async with _asked(deps, incident_id, person) as (tx, incident):
        item = await _open(tx, incident, number)
        update = {"done_by": person.id, "done_at": deps.now(), "dropped": dropped}
        closed = item.model_copy(update=update)
        await _change(tx, deps, incident, person, closed, kind, {})
        await tracking.mirror(tx, deps, incident, closed, person.id)
        await _noted(tx, deps, incident)
    verb = "dropped" if dropped else "done"
    return Outcome(text=f"Action item {number} of {incident.label} is {verb}.", incident=incident)


@asynccontextmanager
async def _asked(deps: Deps, incident_id: str, person: Person) -> AsyncIterator[tuple[Tx, Incident]]:
    async with run.asked(deps, incident_id, person, WORK) as (tx, incident):
        try:
            yield tx, incident
        except UnknownThing as unknown:
            raise DecisionRefused(f"{incident.label} has {unknown}. /incident items lists them.") from unknown


async def _open(tx: Tx, incident: Incident, number: int) -> ActionItem:
    item = await action_items.get(tx, incident.id, number)
    if not item.is_open:
        how = "dropped" if item.dropped else "done"
        by = f", by <@{item.done_by}>" if item.done_by else ", at its tracker"
        raise DecisionRefused(f"Action item {number} is {how} already{by}.")
    return item


async def _change(
    tx: Tx,
    deps: Deps,
    incident: Incident,
    person: Person,
    item: ActionItem,
    kind: LogKind,
    payload: dict[str, object],
) -> None:
    await action_items.save(tx, item)
    await ledger.write_by(tx, deps, incident.id, kind, person, {"item": item.number, **payload})


async def _noted(tx: Tx, deps: Deps, incident: Incident, chosen_one: Person | None = None) -> None:
    """Bring message and document up to date after items changed."""
    if chosen_one:
        await ledger.keep_name(tx, deps, chosen_one)
    await shown.put(tx, deps, incident)
    await wakeups.revise(tx, deps, incident.id, at=deps.now())


async def _chase_later(tx: Tx, deps: Deps, incident: Incident) -> None:
    at = chosen.working_hours(deps, incident.team).next_time(deps.now() + EVERY)
    await wakeups.chase(tx, deps, incident.id, at=at)
