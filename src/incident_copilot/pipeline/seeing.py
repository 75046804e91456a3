"""Whether somebody may see an incident: looked at before anything of it is told, to a person or for one."""

from incident_copilot.domain.content import Card
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person, Role
from incident_copilot.pipeline import people, read
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents


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
    held = (incident.commander, incident.acknowledged_by, incident.declared_by, *incident.duties.values())
    return frozenset(who for who in held if who)


def _is_its_own(incident: Incident, here: str | None) -> bool:
    return here is not None and incident.thread_ts is None and incident.channel_id == here


async def by_number(deps: Deps, number: int, viewer: Person, *, here: str, alone: bool) -> Incident | None:
    """Return the incident people call INC-number, or None where there is none that this person may see."""
    async with deps.db.read() as db:
        found = await incidents.by_number(db, deps.workspace_id, number)
    return found if found and may_see(viewer, found, here=here, alone=alone) else None


async def card_of(deps: Deps, number: int, viewer: Person, *, here: str, alone: bool) -> Card | None:
    """Return the card of such an incident, or None."""
    found = await by_number(deps, number, viewer, here=here, alone=alone)
    return await read.card(deps, found.id) if found else None
