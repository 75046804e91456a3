"""What people put on an incident's timeline: notes, messages worth keeping, and corrections of both."""

from datetime import datetime, timedelta

from incident_copilot.domain.base import new_id
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind, TimelineEntry, TimelineKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.said import Said
from incident_copilot.errors import DecisionRefused, UnknownThing
from incident_copilot.pipeline import housing, ledger, observe, people, show
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents, texts, timeline
from incident_copilot.store.db import CLICKS, Tx

WRITE = "write on the timeline"
MOST = 16
"""Entries that are read: one more than is listed, so that people are told of more."""
LONGEST = 3_000
EARLIEST = timedelta(days=30)
"""How long before an incident was opened something may have happened that belongs to it."""


async def note(deps: Deps, incident_id: str, person: Person, text: str) -> Outcome:
    """Put a person's words on the timeline of an incident, ended ones included; the thread of the card shows it.

    Raises:
        DecisionRefused: not allowed, or without words; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with ledger.refusals(deps, person, incident_id, {"asked": WRITE}), deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        people.require(person, Role.RESPONDER, WRITE)
        await put(tx, deps, incident, person, _required(text))
    return Outcome(text=f"It is on the timeline of {incident.label}.", incident=incident)


async def put(tx: Tx, deps: Deps, incident: Incident, person: Person, words: str) -> None:
    """Put a person's words on the timeline of a locked incident."""
    entry = TimelineEntry(
        id=new_id(deps.now()),
        incident_id=incident.id,
        at=deps.now(),
        kind=TimelineKind.NOTE,
        text=words,
        author=person.id,
    )
    await timeline.add(tx, entry)
    await ledger.keep_name(tx, deps, person)
    await _traced(tx, deps, incident, entry, f"{person.name} put a note on the timeline.")


async def home_of(deps: Deps, said: Said) -> Incident | None:
    """Return the incident in whose channel or thread a message stands, or None."""
    async with deps.db.read() as db:
        return await housing.incident_at(db, deps.workspace_id, said.channel, said.thread_ts)


async def keep(deps: Deps, incident_id: str, person: Person, said: Said) -> Outcome:
    """Put a message on the timeline of an incident, once, at the time at which it was said.

    Raises:
        DecisionRefused: not allowed; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with ledger.refusals(deps, person, incident_id, {"asked": WRITE}), deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        people.require(person, Role.RESPONDER, WRITE)
        entry = observe.entry_of(deps, incident.id, said, TimelineKind.PINNED)
        is_new = await timeline.mark(tx, entry, f"shortcut:{person.id}")
        await ledger.keep_name(tx, deps, person)
        if is_new:
            where = f": {said.link}" if said.link else "."
            await _traced(tx, deps, incident, entry, f"{person.name} put a message on the timeline{where}")
    already = "" if is_new else " already"
    return Outcome(text=f"It is on the timeline of {incident.label}{already}.", incident=incident)


async def put_there(deps: Deps, incident_id: str) -> list[TimelineEntry]:
    """Return what people put on the timeline, newest first."""
    async with deps.db.read() as db:
        return await timeline.put_there(db, incident_id, MOST)


async def entry(deps: Deps, entry_id: str) -> TimelineEntry:
    """Return an entry that may be corrected.

    Raises:
        UnknownThing: there is none with this id.
    """
    async with deps.db.read() as db:
        return await timeline.get(db, entry_id)


async def correct(deps: Deps, entry_id: str, person: Person, text: str, at: datetime) -> Outcome:
    """Give an entry other words or another time; what it was stays in the log.

    Raises:
        DecisionRefused: not allowed, without words, at a time that cannot be, or no change; it is logged.
        UnknownThing: there is no such entry.
        StoreUnavailable: nothing was recorded.
    """
    held = await entry(deps, entry_id)
    asked = {"asked": "correct the timeline"}
    async with ledger.refusals(deps, person, held.incident_id, asked), deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, held.incident_id)
        people.require(person, Role.RESPONDER, "correct the timeline")
        was = await timeline.get(tx, entry_id)
        _require_by_people(was)
        _require_change(deps, incident, was, _required(text), at)
        await timeline.correct(tx, was, _required(text), at)
        before = await texts.store_text(tx, incident_id=incident.id, author=was.author, text=was.text, now=deps.now())
        times = {"from": was.at.isoformat(), "to": at.isoformat()}
        payload = {"entry": was.id, "before": before, "times": times}
        await ledger.write_by(tx, deps, incident.id, LogKind.NOTE_CORRECTED, person, payload)
    return Outcome(text="Corrected; what it was stays in the log.", incident=incident)


async def remove(deps: Deps, entry_id: str, person: Person) -> Outcome:
    """Take an entry off the timeline; what it said stays with the log, and who removed it is said.

    Raises:
        DecisionRefused: not allowed, or it is gone already; it is logged.
        UnknownThing: there is no such entry.
        StoreUnavailable: nothing was recorded.
    """
    held = await entry(deps, entry_id)
    what = "take entries off the timeline"
    async with ledger.refusals(deps, person, held.incident_id, {"asked": what}), deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, held.incident_id)
        people.require(person, Role.RESPONDER, what)
        was = await timeline.get(tx, entry_id)
        _require_by_people(was)
        _require_there(was)
        await timeline.remove(tx, was, person.id)
        said = await texts.store_text(tx, incident_id=incident.id, author=was.author, text=was.text, now=deps.now())
        payload = {"entry": was.id, "said": said, "at": was.at.isoformat()}
        await ledger.write_by(tx, deps, incident.id, LogKind.NOTE_REMOVED, person, payload)
    return Outcome(text=f"It is off the timeline of {incident.label}; the log keeps what it said.", incident=incident)


def _required(text: str) -> str:
    words = text.strip().replace("\x00", "")
    if not words:
        raise DecisionRefused("Say what happened, as in /incident note failed over to the replica.")
    if len(words) > LONGEST:
        raise DecisionRefused(
            f"That is {len(words)} characters; an entry has at most {LONGEST}. Share the rest as a file."
        )
    return words


def _require_by_people(was: TimelineEntry) -> None:
    if was.kind not in (TimelineKind.NOTE, TimelineKind.PINNED):
        raise UnknownThing(f"the entry {was.id} was not put there by people")


def _require_there(was: TimelineEntry) -> None:
    if was.removed_by:
        raise DecisionRefused(f"<@{was.removed_by}> removed it already.")
    if was.deleted:
        raise DecisionRefused("Its message was deleted; nothing is left of it.")


def _require_change(deps: Deps, incident: Incident, was: TimelineEntry, text: str, at: datetime) -> None:
    _require_there(was)
    if (was.text, was.at.replace(microsecond=0)) == (text, at.replace(microsecond=0)):
        raise DecisionRefused("That is what it says already.")
    if not incident.opened_at - EARLIEST <= at <= deps.now() + timedelta(minutes=1):
        raise DecisionRefused("That time has not come yet, or is over a month before the incident.")


async def _traced(tx: Tx, deps: Deps, incident: Incident, entry: TimelineEntry, text: str) -> None:
    """Let the others see it, in the thread of the card, where it takes no room."""
    await show.notice(tx, deps, incident, f"note:{entry.id}", text, detail=entry.text, under="card")
