"""The incident of a drill is worked on in a world of its own: nothing real is asked, and nothing real is changed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from incident_copilot.domain.action import Actions
from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.drill import Drill
from incident_copilot.domain.effect import RunAction
from incident_copilot.errors import VendorRefused
from incident_copilot.pipeline import wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import ActionResult, DryRun
from incident_copilot.store import drills, proposals
from incident_copilot.store.db import CLICKS


async def in_its_world(deps: Deps, incident_id: str | None) -> Deps:
    """Return what to work on an incident with; for a drill that is its own world: nothing real is asked or changed."""
    if deps.drills is None or incident_id is None:
        return deps
    async with deps.db.read() as db:
        drill = await drills.of_incident(db, deps.workspace_id, incident_id)
    if drill is None:
        return deps
    world = deps.drills.world(drill)
    sources = tuple(world.context_sources.values())
    return replace(
        deps,
        context_sources=sources,
        actions=world.actions,
        entries=Actions(),
        catalog=_both(deps.catalog, world.catalog),
        drills=None,
    )


async def act(deps: Deps, approved: RunAction) -> ActionResult | None:
    """Carry an approved action out in the world of its drill; None where it belongs to none.

    Raises:
        VendorError: as the world's action says.
    """
    drill = await _drill_of(deps, approved)
    if drill is None or deps.drills is None:
        return None
    world = deps.drills.world(drill)
    action = world.actions.get(approved.action)
    if action is None:
        return ActionResult(ok=False, summary=f"A drill has no {approved.action}; nothing was done.")
    result = await action.execute(approved)
    async with deps.db.transaction(CLICKS) as tx:
        now_is = await drills.lock(tx, deps.workspace_id, drill.id) or drill
        await drills.save(tx, now_is.model_copy(update={"done": world.done}))
        await wakeups.drill(tx, deps, drill.id, at=deps.now())
    return result


async def _drill_of(deps: Deps, approved: RunAction) -> Drill | None:
    async with deps.db.read() as db:
        proposal = await proposals.get(db, approved.proposal_id)
        return await drills.of_incident(db, deps.workspace_id, proposal.incident_id)


def _both(real: Catalog, drilled: Catalog) -> Catalog:
    """Return the drill's services before the real ones; people, on-call and rules stay as they are."""
    services, teams = ({one.name for one in some} for some in (drilled.services, real.teams))
    return real.model_copy(
        update={
            "services": (*drilled.services, *(one for one in real.services if one.name not in services)),
            "teams": (*real.teams, *(one for one in drilled.teams if one.name not in teams)),
        }
    )


class OnlyInDrills:
    """An action that no plugin offers here: a drill has its own, and nothing real is changed by this one."""

    retry = "ask"

    def __init__(self, name: str) -> None:
        self.name = name

    async def dry_run(self, params: Mapping[str, str]) -> DryRun:
        """Refuse: there is nothing to change."""
        raise VendorRefused(f"{self.name}: no such action is set up ({len(params)} parameters)", 404)

    async def execute(self, approved: RunAction) -> ActionResult:
        """Say that there is nothing to change."""
        return ActionResult(ok=False, summary=f"there is no action {approved.action} any more")

    async def find(self, approved: RunAction, since: datetime) -> ActionResult | None:
        """Find nothing."""
        del approved, since
        return None
