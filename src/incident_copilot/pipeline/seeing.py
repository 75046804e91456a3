"""Whether somebody may see an incident: looked at before anything of it is told, to a person or for one."""

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person, Role
from incident_copilot.pipeline import people


def may_see(viewer: Person, incident: Incident, *, here: str | None = None, alone: bool = True) -> bool:
    """Whether a person may see an incident.

    A private one is seen in its own channel, `here`, where only its members are; and by those who have a part in it
    where what is told is told to them `alone`.
    """
    if not people.has(viewer, Role.VIEWER):
        return False
    return not incident.private or _is_its_own(incident, here) or (alone and viewer.id in parts_in(incident))


def parts_in(incident: Incident) -> frozenset[str]:
    """Return the chat ids of those who have a part in an incident."""
    return frozenset(who for who in (incident.commander, incident.acknowledged_by, incident.declared_by) if who)


def _is_its_own(incident: Incident, here: str | None) -> bool:
    return here is not None and incident.thread_ts is None and incident.channel_id == here
