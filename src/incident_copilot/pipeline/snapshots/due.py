"""When the evidence of an incident is kept without anybody's asking: what happened may have to be shown later."""

from datetime import timedelta

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.incident_type import RESTRICTED
from incident_copilot.pipeline import wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store.db import Tx

AFTER_ASKING = timedelta(minutes=1)
"""By then every source has answered, or has not."""


def is_sensitive(incident: Incident) -> bool:
    """Whether the evidence of an incident is kept from its beginning: it is restricted, or of such a type; no test."""
    return not incident.test and (incident.private or incident.incident_type in RESTRICTED)


async def opened(tx: Tx, deps: Deps, incident: Incident) -> None:
    """Have it kept as the incident opens, before anything changes, and once its sources were asked."""
    if is_sensitive(incident):
        await wakeups.snapshot(tx, deps, incident.id, "it opened", at=deps.now())
        await wakeups.snapshot(tx, deps, incident.id, "its sources were asked", at=deps.now() + AFTER_ASKING)


async def joined(tx: Tx, deps: Deps, incident: Incident, incident_type: str) -> None:
    """Have it kept where an alert of a restricted type joined an incident that is of another."""
    if incident_type in RESTRICTED and not incident.test and not is_sensitive(incident):
        because = f"an alert about {incident_type.replace('_', ' ')} joined"
        await wakeups.snapshot(tx, deps, incident.id, because, at=deps.now())


async def held(tx: Tx, deps: Deps, incident: Incident) -> None:
    """Have it kept where the law wants it kept."""
    await wakeups.snapshot(tx, deps, incident.id, "a legal hold was set", at=deps.now())
