"""Whether somebody may see an incident: looked at before anything of it is told, to a person or for one."""

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person, Role
from incident_copilot.pipeline import people


def may_see(viewer: Person, incident: Incident, *, here: str | None = None) -> bool:
    """Whether a person may see an incident.

    A private one is seen by those who have a part in it, and in its own channel, `here`, where only its members are.
    """
    if not people.has(viewer, Role.VIEWER):
        return False
    return not incident.private or _is_its_own(incident, here) or viewer.id in parts_in(incident)


def parts_in(incident: Incident) -> frozenset[str]:
    """Return the chat ids of those who have a part in an incident."""
    return frozenset(who for who in (incident.commander, incident.acknowledged_by, incident.declared_by) if who)


def _is_its_own(incident: Incident, here: str | None) -> bool:
    return here is not None and incident.thread_ts is None and incident.channel_id == here
