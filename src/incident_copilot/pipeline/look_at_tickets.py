"""Look at the trackers what became of tickets: what is closed there is done here, what is opened again there is not."""

from collections.abc import Sequence
from datetime import timedelta

from incident_copilot.domain.log import LogKind
from incident_copilot.domain.postmortem import ActionItem
from incident_copilot.domain.ticket import TicketState
from incident_copilot.errors import VendorError
from incident_copilot.pipeline import ledger, operators, show, tracking, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_items, incidents, tracked_items
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

EVERY = timedelta(minutes=10)
AT_ONCE = 40
"""Tickets that are asked for in one look; with more of them each waits its turn."""
LATELY = timedelta(days=30)
"""How long after it was done an item may be opened again at its tracker."""

Seen = tuple[ActionItem, TicketState]


async def look(deps: Deps, job: Job) -> None:
    """Ask the trackers for some of the tickets, and do here what people did there."""
    async with deps.db.read() as db:
        tracked = await tracked_items.since(db, deps.workspace_id, deps.now() - LATELY)
    known = [item for item in tracked if item.external and item.external.key and item.external.system in deps.trackers]
    seen, problems = await _asked(deps, in_turn(deps, known))
    async with job.finish(deps.db) as tx:
        for name in {item.external.system for item in known if item.external}:
            text = f"{deps.trackers[name].name}: tickets are not looked at. {problems.get(name, '')}"
            if name in problems:
                await operators.tell(tx, deps, f"tracker:{name}", text)
            else:
                await operators.take_back(tx, deps, f"tracker:{name}", f"{deps.trackers[name].name} answers again.")
        for item, state in seen:
            await follow(tx, deps, item, state)


def in_turn(deps: Deps, items: Sequence[ActionItem]) -> Sequence[ActionItem]:
    """Return the next few, going round: without a row of its own, since nothing is lost where one is asked twice."""
    if len(items) <= AT_ONCE:
        return items
    begin = int(deps.now().timestamp() // EVERY.total_seconds()) * AT_ONCE % len(items)
    return [*items[begin:], *items[:begin]][:AT_ONCE]


async def _asked(deps: Deps, items: Sequence[ActionItem]) -> tuple[list[Seen], dict[str, str]]:
    """Return what the trackers say, and what is wrong with those that do not answer, which are asked once."""
    seen: list[Seen] = []
    problems: dict[str, str] = {}
    for item in items:
        external = item.external
        if external is None or external.system in problems:
            continue
        try:
            seen.append((item, await deps.trackers[external.system].state({"key": external.key})))
        except VendorError as error:
            problems[external.system] = str(error)
    return seen, problems


async def follow(tx: Tx, deps: Deps, seen: ActionItem, state: TicketState) -> None:
    """Do here what was done there since we last knew; what is on its way from here to there is left alone."""
    incident = await incidents.lock(tx, seen.incident_id)
    item = await action_items.get(tx, incident.id, seen.number)
    if item.external is None or item.external != seen.external or item.external.state == state:
        return
    there = item.external.model_copy(update={"state": state})
    changed = item.model_copy(update={"external": there})
    payload = {"item": item.number, "tracker": there.system, "key": there.key}
    if state is TicketState.CLOSED and item.is_open:
        changed = changed.model_copy(update={"done_at": deps.now(), "done_by": None})
        await ledger.write(tx, deps, incident.id, LogKind.TICKET_CLOSED, f"tracker:{there.system}", payload)
    elif state is TicketState.OPEN and not item.is_open:
        changed = changed.model_copy(update={"done_at": None, "done_by": None})
        await ledger.write(tx, deps, incident.id, LogKind.TICKET_REOPENED, f"tracker:{there.system}", payload)
    elif state is TicketState.LOST:
        text = f"The ticket {there.key} of action item {item.number} is gone at {deps.trackers[there.system].name}."
        await show.notice(tx, deps, incident, f"ticket:{item.number}", text, anew=True)
    await action_items.save(tx, changed)
    await tracking.show_all(tx, deps, incident)
    await wakeups.revise(tx, deps, incident.id, at=deps.now())
