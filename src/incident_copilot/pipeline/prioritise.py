"""Say in which order people should look at incidents."""

from collections.abc import Sequence

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.priority import TREND, Circumstances, Priority, priority_of
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.history import FACTOR
from incident_copilot.store import alerts
from incident_copilot.store.db import Tx


async def priorities(tx: Tx, deps: Deps, running: Sequence[Incident]) -> dict[str, Priority]:
    """Return the priority of each, by incident."""
    now = deps.now()
    begun = await alerts.begun(tx, [incident.id for incident in running], since=now - TREND, before=now - 2 * TREND)
    found = {}
    for incident in running:
        lately, earlier = begun.get(incident.id, (0, 0))
        around = _around(deps, incident).model_copy(update={"begun": lately, "begun_before": earlier})
        found[incident.id] = priority_of(incident, around)
    return found


def in_order(running: Sequence[Incident], found: dict[str, Priority]) -> list[Incident]:
    """Return them as they should be looked at; of equals the one that has waited longest first."""
    return sorted(running, key=lambda incident: (-found[incident.id].points, incident.opened_at, incident.number))


def _around(deps: Deps, incident: Incident) -> Circumstances:
    service, team = deps.catalog.service(incident.service), deps.catalog.team(incident.team)
    factors = incident.score_sheet.factors if incident.score_sheet else ()
    on_call = bool(team and team.on_call.primary) if deps.catalog.teams else None
    return Circumstances(
        now=deps.now(),
        hours=service.support_hours if service else None,
        on_call=on_call,
        likely_false=next((factor.impact for factor in factors if factor.name == FACTOR), None),
    )
