"""What one person has to do: their parts in what runs, what waits for their decision, reviews; and who is on call."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from incident_copilot.domain.incident import Duty, Ending, Incident, Severity
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Proposal, ProposalState
from incident_copilot.domain.task import Task
from incident_copilot.pipeline import on_call, recap, roles, seeing
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.on_call import Called
from incident_copilot.store import incidents, postmortems, proposals, tasks
from incident_copilot.store.db import Tx

REVIEWED_WITHIN = timedelta(days=7)
"""How long after its end people should have talked an incident over."""
LOOKED_AT = 50


@dataclass(frozen=True)
class Review:
    """An incident that ended lately and should be talked over; `is_written` whether its postmortem is there."""

    incident: Incident
    is_written: bool


@dataclass(frozen=True)
class Work:
    """What one person sees of their own work; `parts` say in words what they are in an incident."""

    parts: tuple[tuple[Incident, str], ...] = ()
    decisions: tuple[tuple[Incident, Proposal], ...] = ()
    todo: tuple[tuple[Incident, Task], ...] = ()
    asked: tuple[tuple[Incident, Proposal], ...] = ()
    reviews: tuple[Review, ...] = ()
    on_call: tuple[tuple[str, Called], ...] = ()


async def my_work(deps: Deps, viewer: Person) -> Work:
    """Return what somebody who may see incidents has to do."""
    async with deps.db.read() as db:
        running = [one for one in await incidents.running(db, deps.workspace_id) if seeing.may_see(viewer, one)]
        put = [(one, each) for one in running for each in await proposals.of_incident(db, one.id, ProposalState.OPEN)]
        todo = await tasks.open_of(db, deps.workspace_id, viewer.id)
        reviews = await _reviews(db, deps, viewer)
        turns = {team.name: await on_call.of_team(db, deps, team) for team in deps.catalog.teams}
    by_id = {one.id: one for one in running}
    return Work(
        parts=tuple((one, ", ".join(told)) for one in running if (told := list(_parts(viewer, one, turns)))),
        decisions=tuple(pair for pair in put if recap.may_decide(viewer, pair[1])),
        todo=tuple((by_id[task.incident_id], task) for task in todo if task.incident_id in by_id),
        asked=tuple(pair for pair in put if pair[1].requested_by == viewer.id),
        reviews=tuple(reviews),
        on_call=tuple((name, turn) for name, turn in turns.items() if turn.primary or turn.secondary),
    )


def _parts(viewer: Person, incident: Incident, turns: Mapping[str, Called]) -> Iterable[str]:
    turn = turns.get(incident.team or "", Called())
    for duty in roles.duties_of(incident, viewer.id):
        yield "you lead it" if duty is Duty.COMMANDER else f"you are its {incident.called(duty)}"
    if viewer.id == incident.acknowledged_by:
        yield "you took it"
    if viewer.id in (turn.primary, turn.secondary):
        yield f"you are on call for {incident.team}"
    if viewer.id == incident.declared_by:
        yield "you declared it"


async def _reviews(db: Tx, deps: Deps, viewer: Person) -> list[Review]:
    """Return the big incidents that ended within a week and were real, newest first."""
    recent = await incidents.recent(db, deps.workspace_id, deps.now() - REVIEWED_WITHIN, LOOKED_AT)
    due = [one for one in recent if _wants_review(one) and seeing.may_see(viewer, one)]
    return [Review(one, await postmortems.get(db, one.id) is not None) for one in due]


def _wants_review(incident: Incident) -> bool:
    is_big = incident.severity in (Severity.P0, Severity.P1)
    return not incident.is_running and is_big and not incident.test and incident.ending is Ending.RESOLVED
