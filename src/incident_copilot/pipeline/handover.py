"""Hand a shift over: one's duties and open tasks pass to somebody, who is told where everything stands."""

from incident_copilot.domain.content import HandedOver, Handover
from incident_copilot.domain.effect import Place, ShowTo
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, people, roles, show, tasks
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import effects, incidents, proposals, texts
from incident_copilot.store import tasks as task_rows
from incident_copilot.store.db import CLICKS, Tx

WHAT = "hand over shifts"
MOST_TOLD = 15
LONGEST = 1_000


async def hand_over(deps: Deps, person: Person, who: str, note: str = "") -> Outcome:
    """Pass a person's duties and open tasks to somebody, and tell them of all that runs in a direct message.

    A private incident is left out: whoever comes may not be a member of its channel.

    Raises:
        DecisionRefused: not allowed, to oneself, or to somebody who cannot respond; it is logged.
        StoreUnavailable: nothing was recorded.
    """
    chosen = await people.known(deps, who)
    async with ledger.refusals(deps, person, None, {"asked": WHAT}), deps.db.transaction(CLICKS) as tx:
        people.require(person, Role.RESPONDER, WHAT)
        _require_fit(person, chosen)
        if len(note) > LONGEST:
            raise DecisionRefused(f"A note has at most {LONGEST} characters; that is {len(note)}.")
        running = [one for one in await incidents.running(tx, deps.workspace_id) if not one.private]
        # In one order, so that two who hand over to each other do not wait in a circle.
        passed = {one.id: await _pass_on(tx, deps, one.id, person, chosen) for one in sorted(running, key=_by_id)}
        told = [passed[one.id] for one in running]
        await _tell(tx, deps, person, chosen, told, note.strip())
        mine = [one for one in told if one.duties]
        count = sum(task.assignee == chosen.id for one in told for task in one.tasks)
    what = f"{len(mine)} {_plural('incident', len(mine))}, {count} open {_plural('task', count)}"
    return Outcome(text=f"Handed over to <@{who}>: {what}. They have the summary as a direct message.")


async def _pass_on(tx: Tx, deps: Deps, incident_id: str, person: Person, chosen: Person) -> HandedOver:
    """Pass on what the person has in one incident, and return how it stands."""
    incident = await incidents.lock(tx, incident_id)
    duties = roles.duties_of(incident, person.id) if incident.is_running else []
    for duty in duties:
        incident = await roles.give(tx, deps, incident, duty, chosen, person)
    moved = await tasks.pass_on(tx, deps, incident, person, chosen)
    if duties or moved:
        await show.card(tx, deps, incident.id)
    waiting = await proposals.of_incident(tx, incident.id, ProposalState.OPEN)
    return HandedOver(
        incident=incident,
        duties=tuple(duty.word for duty in duties),
        tasks=tuple(task for task in await task_rows.of_incident(tx, incident.id) if task.is_open),
        waiting=tuple(one.title for one in waiting),
    )


async def _tell(tx: Tx, deps: Deps, person: Person, chosen: Person, told: list[HandedOver], note: str) -> None:
    payload: dict[str, object] = {"person": chosen.id, "incidents": [one.incident.label for one in told if one.duties]}
    if note:
        payload["note"] = await texts.store_text(tx, incident_id=None, author=person.id, text=note, now=deps.now())
    await ledger.keep_name(tx, deps, chosen)
    await ledger.write_by(tx, deps, None, LogKind.HANDED_OVER, person, payload)
    # What passed on comes first, then what is most severe.
    ordered = sorted(told, key=lambda one: (not one.duties, one.incident.severity.rank, -one.incident.number))
    more = max(0, len(ordered) - MOST_TOLD)
    content = Handover(by=person.id, note=note, incidents=tuple(ordered[:MOST_TOLD]), more=more)
    await effects.enqueue(
        tx,
        workspace_id=deps.workspace_id,
        incident_id=None,
        stream=f"handover:{chosen.id}",
        deed=ShowTo(place=Place.PERSON, to=chosen.id, slot="handover", content=content, anew=True),
        now=deps.now(),
        priority=show.FIRST,
    )


def _require_fit(person: Person, chosen: Person) -> None:
    if chosen.id == person.id:
        raise DecisionRefused("Hand over to somebody else, as in /incident handover @ben.")
    if chosen.is_outsider or not people.has(chosen, Role.RESPONDER):
        raise DecisionRefused(f"{chosen.name} cannot respond to incidents here, so nothing was handed over.")


def _by_id(incident: Incident) -> str:
    return incident.id


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
