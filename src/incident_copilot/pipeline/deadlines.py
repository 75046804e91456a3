"""Authorities that have to be told in time: who has to is reminded until somebody says that it was done."""

from datetime import datetime, timedelta

from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import Place, ShowTo
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.outside import Regulation, duty_line
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, outsiders, people, show, wakeups
from incident_copilot.pipeline.comms import promised
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents
from incident_copilot.store.db import CLICKS, Tx
from incident_copilot.store.jobs import Job

AGAIN = timedelta(hours=4)
"""How often somebody is reminded of what is overdue."""
LONGEST_REFERENCE = 200


async def plan(tx: Tx, deps: Deps, incident: Incident) -> None:
    """Set the timer of the next reminder; the end of an incident stops none, for the duty goes on."""
    await wakeups.cancel(tx, deps, wakeups.Work.DEADLINE, incident.id)
    coming = [at for one in _untold(deps, incident) for at in one.reminders(incident) if at > deps.now()]
    overdue = [deps.now() + AGAIN] if any(one.due_at(incident) <= deps.now() for one in _untold(deps, incident)) else []
    if times := [*coming, *overdue]:
        await wakeups.deadline(tx, deps, incident.id, at=min(times))


async def remind(deps: Deps, job: Job) -> None:
    """Remind who has to tell an authority, privately and in the incident, and write down that it is not done."""
    async with job.finish(deps.db) as tx:
        incident = await incidents.lock(tx, job.payload["incident_id"])
        for duty in _untold(deps, incident):
            if duty.reminders(incident)[0] <= deps.now():
                await _tell(tx, deps, incident, duty)
        await show.card(tx, deps, incident.id)
        await plan(tx, deps, incident)


async def told(deps: Deps, incident_id: str, person: Person, name: str, reference: str) -> Incident:
    """Write down that an authority was told, by whom and under which reference.

    Raises:
        DecisionRefused: not allowed, or no such duty; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": "say that an authority was told", "duty": name}
    async with ledger.refusals(deps, person, incident_id, asked), deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        people.require(person, Role.COMMS, "say that an authority was told")
        duty = next((one for one in outsiders.duties(deps, incident) if one.name == name), None)
        if duty is None:
            known = ", ".join(one.name for one in outsiders.duties(deps, incident)) or "none"
            raise DecisionRefused(f"{incident.label} has no deadline {name}; it has {known}.")
        if name in incident.authorities_told:
            raise DecisionRefused(f"That is written down already: {duty_line(duty, incident, deps.now())}.")
        done = incident.authorities_told | {name: deps.now()}
        changed = await incidents.save(tx, incident.model_copy(update={"authorities_told": done}))
        payload = _about(duty, incident, deps.now()) | {"reference": reference.strip()[:LONGEST_REFERENCE]}
        await ledger.write_by(tx, deps, incident.id, LogKind.AUTHORITY_TOLD, person, payload)
        await plan(tx, deps, changed)
        await show.card(tx, deps, incident.id)
    return changed


def _untold(deps: Deps, incident: Incident) -> list[Regulation]:
    return [one for one in outsiders.duties(deps, incident) if one.name not in incident.authorities_told]


async def _tell(tx: Tx, deps: Deps, incident: Incident, duty: Regulation) -> None:
    who = duty.lead or promised.sends_updates(deps, incident)
    text = f"{incident.label}: {duty_line(duty, incident, deps.now())}. Then: /incident regulator {duty.name} told"
    name = f"deadline:{duty.name}"
    await show.notice(tx, deps, incident, name, text, mentions=[who] if who else [], anew=True)
    if who:
        deed = ShowTo(place=Place.PERSON, to=who, slot=f"notice:{name}", content=Notice(text=text), anew=True)
        await show.send(tx, deps, incident, deed, stream=f"person:{incident.id}")
    payload = _about(duty, incident, deps.now()) | {"person": who or ""}
    await ledger.write(tx, deps, incident.id, LogKind.AUTHORITY_DUE, "policy:regulatory", payload)


def _about(duty: Regulation, incident: Incident, now: datetime) -> dict[str, object]:
    due = duty.due_at(incident)
    return {"duty": duty.name, "tell": duty.tell, "due": due.isoformat(), "late": now > due}
