"""Tasks of an incident: added, taken or given to somebody, done; shown in one message below the card."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from incident_copilot.domain.content import TaskList
from incident_copilot.domain.effect import Place, Show
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person
from incident_copilot.domain.task import Task
from incident_copilot.errors import DecisionRefused, UnknownThing
from incident_copilot.pipeline import ledger, people, run, show
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import tasks, texts
from incident_copilot.store.db import Tx

WORK = "work on tasks"
LONGEST = 500
SLOT = "tasks"


async def add(deps: Deps, incident_id: str, person: Person, text: str, assignee: str | None = None) -> Outcome:
    """Add a task, for somebody where one is named; an incident that has ended may still get some.

    Raises:
        DecisionRefused: not allowed, without words, or not a task for this person; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    chosen = await people.known(deps, assignee) if assignee else None
    async with _asked(deps, incident_id, person) as (tx, incident):
        words = text.strip().replace("\x00", "")
        if not words:
            raise DecisionRefused("Say what is to be done, as in /incident task restart the pods @ben.")
        if len(words) > LONGEST:
            raise DecisionRefused(f"A task has at most {LONGEST} characters; that is {len(words)}.")
        task = Task(
            workspace_id=deps.workspace_id,
            incident_id=incident.id,
            number=0,
            text=words,
            added_by=person.id,
            added_at=deps.now(),
            assignee=people.member(chosen, "gets no tasks").id if chosen else None,
        )
        added = await tasks.add(tx, task)
        kept = await texts.store_text(tx, incident_id=incident.id, author=person.id, text=words, now=deps.now())
        payload = {"task": added.number, "words": kept} | ({"person": assignee} if assignee else {})
        await _noted(tx, deps, incident, person, LogKind.TASK_ADDED, payload, chosen)
    to = f" for <@{assignee}>" if assignee else ""
    return Outcome(text=f"Task {added.number} of {incident.label}{to}: {words}", incident=incident)


async def assign(deps: Deps, incident_id: str, person: Person, number: int, who: str) -> Outcome:
    """Give a task to somebody, or take it.

    Raises:
        DecisionRefused: not allowed, done already, theirs already, or not for this person; it is logged.
        UnknownThing: there is no such incident or task.
        StoreUnavailable: nothing was recorded.
    """
    chosen = await people.known(deps, who)
    async with _asked(deps, incident_id, person) as (tx, incident):
        task = await tasks.get(tx, incident.id, number)
        if not task.is_open:
            raise DecisionRefused(f"Task {number} is done, by <@{task.done_by}>.")
        if task.assignee == who:
            raise DecisionRefused(f"Task {number} is with <@{who}> already.")
        await tasks.save(tx, task.model_copy(update={"assignee": people.member(chosen, "gets no tasks").id}))
        payload = {"task": number, "person": who}
        await _noted(tx, deps, incident, person, LogKind.TASK_ASSIGNED, payload, chosen)
    return Outcome(text=f"Task {number} of {incident.label} is with <@{who}>.", incident=incident)


async def done(deps: Deps, incident_id: str, person: Person, number: int) -> Outcome:
    """Note that a task is done; the first word counts.

    Raises:
        DecisionRefused: not allowed, or done already; it is logged.
        UnknownThing: there is no such incident or task.
        StoreUnavailable: nothing was recorded.
    """
    async with _asked(deps, incident_id, person) as (tx, incident):
        task = await tasks.get(tx, incident.id, number)
        if not task.is_open:
            raise DecisionRefused(f"Task {number} is done already, by <@{task.done_by}>.")
        await tasks.save(tx, task.model_copy(update={"done_by": person.id, "done_at": deps.now()}))
        await _noted(tx, deps, incident, person, LogKind.TASK_DONE, {"task": number})
    return Outcome(text=f"Task {number} of {incident.label} is done.", incident=incident)


async def reopen(deps: Deps, incident_id: str, person: Person, number: int) -> Outcome:
    """Note that a task is not done after all.

    Raises:
        DecisionRefused: not allowed, or it is open; it is logged.
        UnknownThing: there is no such incident or task.
        StoreUnavailable: nothing was recorded.
    """
    async with _asked(deps, incident_id, person) as (tx, incident):
        task = await tasks.get(tx, incident.id, number)
        if task.is_open:
            raise DecisionRefused(f"Task {number} is open.")
        await tasks.save(tx, task.model_copy(update={"done_by": None, "done_at": None}))
        await _noted(tx, deps, incident, person, LogKind.TASK_REOPENED, {"task": number})
    return Outcome(text=f"Task {number} of {incident.label} is open again.", incident=incident)


async def pass_on(tx: Tx, deps: Deps, incident: Incident, person: Person, chosen: Person) -> int:
    """Give a person's open tasks of a locked incident to somebody; return how many there were."""
    mine = [task for task in await tasks.of_incident(tx, incident.id) if task.is_open and task.assignee == person.id]
    for task in mine:
        await tasks.save(tx, task.model_copy(update={"assignee": chosen.id}))
        payload: dict[str, object] = {"task": task.number, "person": chosen.id}
        await _noted(tx, deps, incident, person, LogKind.TASK_ASSIGNED, payload, chosen)
    return len(mine)


async def listed(deps: Deps, incident: Incident) -> TaskList:
    """Return the tasks of an incident as they are shown."""
    async with deps.db.read() as db:
        return TaskList(incident=incident, tasks=tuple(await tasks.of_incident(db, incident.id)))


@asynccontextmanager
async def _asked(deps: Deps, incident_id: str, person: Person) -> AsyncIterator[tuple[Tx, Incident]]:
    async with run.asked(deps, incident_id, person, WORK) as (tx, incident):
        try:
            yield tx, incident
        except UnknownThing as unknown:
            raise DecisionRefused(f"{incident.label} has {unknown}. /incident tasks lists them.") from unknown


async def _noted(
    tx: Tx,
    deps: Deps,
    incident: Incident,
    person: Person,
    kind: LogKind,
    payload: dict[str, object],
    chosen: Person | None = None,
) -> None:
    """Log what changed, and bring the one message of all tasks and the card up to date."""
    if chosen:
        await ledger.keep_name(tx, deps, chosen)
    await ledger.write_by(tx, deps, incident.id, kind, person, payload)
    shown = TaskList(incident=incident, tasks=tuple(await tasks.of_incident(tx, incident.id)))
    # A stream of its own: a newer list takes the place of one that waits, and must not wait for a card behind it.
    deed = Show(place=Place.INCIDENT, slot=SLOT, content=shown, under="card")
    await show.send(tx, deps, incident, deed, stream=f"tasks:{incident.id}")
    await show.card(tx, deps, incident.id)
