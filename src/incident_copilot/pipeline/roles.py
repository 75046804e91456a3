"""Who does what in an incident: commander, comms lead, scribe, operations lead; assigned, taken, handed over."""

from incident_copilot.domain.effect import Invite
from incident_copilot.domain.incident import Duty, Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, people, run, show
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents
from incident_copilot.store.db import Tx

ASSIGN = "assign roles"


async def assign(
    deps: Deps, incident_id: str, person: Person, who: str, duty: Duty = Duty.COMMANDER, *, only_if_free: bool = False
) -> Outcome:
    """Give somebody a duty, which takes it from whoever had it; who leads by their own word has acknowledged by that.

    Raises:
        DecisionRefused: not allowed, the person may not have it, or it is not free though it should be; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    chosen = await people.known(deps, who)
    async with run.changing(deps, incident_id, person, ASSIGN) as (tx, incident):
        _require_fit(chosen, duty)
        had = incident.holder(duty)
        if only_if_free and had not in (None, who):
            raise DecisionRefused(
                f"<@{had}> is the {duty.word} of {incident.label}. To take over: /incident assign me {duty}."
            )
        leads = duty is Duty.COMMANDER and person.id == who and not incident.acknowledged_by
        taken = await run.acknowledged(tx, deps, incident, person) if leads else incident
        changed = await give(tx, deps, taken, duty, chosen, person)
        await show.card(tx, deps, incident_id)
    return Outcome(text=_said(changed, duty, who), incident=changed)


async def give(tx: Tx, deps: Deps, incident: Incident, duty: Duty, chosen: Person, person: Person) -> Incident:
    """Give a duty of a locked incident to somebody who is fit for it; log it and invite them."""
    had = incident.holder(duty)
    changed = await incidents.save(tx, incident.with_holder(duty, chosen.id))
    await ledger.keep_name(tx, deps, chosen)
    before = {"from": had} if had and had != chosen.id else {}
    payload = {"role": duty.value, "person": chosen.id, **before}
    await ledger.write_by(tx, deps, changed.id, LogKind.ASSIGNED, person, payload)
    if show.has_channel(changed):
        await show.send(tx, deps, changed, Invite(people=(chosen.id,)), stream=f"people:{changed.id}")
    return changed


def lines(incident: Incident) -> list[str]:
    """Return who has which duty, a line each."""
    held = [(duty, incident.holder(duty)) for duty in Duty]
    return [f"{duty.word.capitalize()}: {f'<@{who}>' if who else 'nobody yet'}" for duty, who in held]


def duties_of(incident: Incident, who: str) -> list[Duty]:
    """Return the duties that somebody has in an incident."""
    return [duty for duty in Duty if incident.holder(duty) == who]


def _said(incident: Incident, duty: Duty, who: str) -> str:
    if duty is Duty.COMMANDER:
        return f"<@{who}> now leads {incident.label}."
    return f"<@{who}> is now the {duty.word} of {incident.label}."


def _require_fit(chosen: Person, duty: Duty) -> None:
    what = "lead an incident" if duty is Duty.COMMANDER else f"be its {duty.word}"
    if chosen.is_outsider:
        raise DecisionRefused(f"{chosen.name} is not a full member of this workspace and cannot {what}.")
    if not people.has(chosen, Role.RESPONDER):
        raise DecisionRefused(f"{chosen.name} has not the role responder and cannot {what}.")
