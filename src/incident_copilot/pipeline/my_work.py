"""What one person has to do: their parts in what runs, what waits for their decision, reviews; and who is on call."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from incident_copilot.domain.automation import ChangeState, LevelChange
from incident_copilot.domain.incident import Duty, Ending, Incident, Severity
from incident_copilot.domain.person import Person
from incident_copilot.domain.postmortem import ActionItem, ReviewState
from incident_copilot.domain.proposal import Proposal, ProposalState
from incident_copilot.domain.task import Task
from incident_copilot.pipeline import on_call, recap, roles, seeing
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.on_call import Called
from incident_copilot.pipeline.raise_level import may_agree
from incident_copilot.store import action_items, automation, incidents, postmortems, proposals, reviews, tasks
from incident_copilot.store.db import Tx

REVIEWED_WITHIN = timedelta(days=7)
"""How long after its end people should have talked an incident over."""
LOOKED_AT = 50


@dataclass(frozen=True)
class Review:
    """An incident that should be talked over; `state` is that of its postmortem's review, None before it is written."""

    incident: Incident
    is_written: bool
    state: ReviewState | None = None
    owner: str | None = None


@dataclass(frozen=True)
class Work:
    """What one person sees of their own work; `parts` say in words what they are in an incident.

    `items` are their action items, with the name of the incident that each follows; `levels` are requests to go further
    for a service to which they may agree.
    """

    parts: tuple[tuple[Incident, str], ...] = ()
    decisions: tuple[tuple[Incident, Proposal], ...] = ()
    todo: tuple[tuple[Incident, Task], ...] = ()
    asked: tuple[tuple[Incident, Proposal], ...] = ()
    items: tuple[tuple[str, ActionItem], ...] = ()
    levels: tuple[LevelChange, ...] = ()
    reviews: tuple[Review, ...] = ()
    on_call: tuple[tuple[str, Called], ...] = ()
    today: date | None = None


async def my_work(deps: Deps, viewer: Person) -> Work:
    """Return what somebody who may see incidents has to do."""
    async with deps.db.read() as db:
        running = [one for one in await incidents.running(db, deps.workspace_id) if seeing.may_see(viewer, one)]
        put = [(one, each) for one in running for each in await proposals.of_incident(db, one.id, ProposalState.OPEN)]
        todo = await tasks.open_of(db, deps.workspace_id, viewer.id)
        due = await _reviews(db, deps, viewer)
        items = await action_items.open_ones(db, deps.workspace_id, [viewer.id])
        labels = await incidents.labels(db, {item.incident_id for item in items})
        levels = await automation.live(db, deps.workspace_id)
        turns = {team.name: await on_call.of_team(db, deps, team) for team in deps.catalog.teams}
    by_id = {one.id: one for one in running}
    return Work(
        parts=tuple((one, ", ".join(told)) for one in running if (told := list(_parts(viewer, one, turns)))),
        decisions=tuple(pair for pair in put if recap.may_decide(viewer, pair[1])),
        todo=tuple((by_id[task.incident_id], task) for task in todo if task.incident_id in by_id),
        asked=tuple(pair for pair in put if pair[1].requested_by == viewer.id),
        items=tuple((labels[item.incident_id], item) for item in items),
        levels=tuple(one for one in levels if one.state is ChangeState.ASKED and may_agree(viewer, one)),
        reviews=tuple(due),
        today=deps.now().date(),
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
    """Return what is not published yet: the big incidents of the last week that were real, and what is begun of others.

    Newest first; what this person owns before the rest.
    """
    recent = await incidents.recent(db, deps.workspace_id, deps.now() - REVIEWED_WITHIN, LOOKED_AT)
    begun = await reviews.in_states(db, deps.workspace_id, (ReviewState.DRAFT, ReviewState.IN_REVIEW), LOOKED_AT)
    by_id = {one.id: one for one in recent if _wants_review(one)}
    for one in begun:
        by_id.setdefault(one.incident_id, await incidents.get(db, one.incident_id))
    states = {one.id: await reviews.get(db, one.id) for one in by_id.values()}
    due = [
        Review(
            one,
            await postmortems.is_written(db, one.id),
            state.state if (state := states[one.id]) else None,
            state.owner if state else None,
        )
        for one in by_id.values()
        if seeing.may_see(viewer, one)
    ]
    left = [one for one in due if one.state is not ReviewState.PUBLISHED]
    return sorted(left, key=lambda one: one.owner != viewer.id)


def _wants_review(incident: Incident) -> bool:
    is_big = incident.severity in (Severity.P0, Severity.P1)
    return not incident.is_running and is_big and not incident.test and incident.ending is Ending.RESOLVED
