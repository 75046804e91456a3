"""Who does what in an incident: commander, comms lead, scribe and more; assigned, taken, given back, handed over."""

from incident_copilot.domain.base import new_id
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
        _require_fit(incident, chosen, duty)
        had = incident.holder(duty)
        if only_if_free and had not in (None, who):
            word = incident.called(duty)
            raise DecisionRefused(
                f"<@{had}> is the {word} of {incident.label}. To take over: /incident assign me {duty}."
            )
        leads = duty is Duty.COMMANDER and person.id == who and not incident.acknowledged_by
        taken = await run.acknowledged(tx, deps, incident, person) if leads else incident
        changed = await give(tx, deps, taken, duty, chosen, person)
        await show.card(tx, deps, incident_id)
    return Outcome(text=_said(changed, duty, who), incident=changed)


async def give_back(deps: Deps, incident_id: str, person: Person, duty: Duty, held_by: str | None = None) -> Outcome:
    """Make a duty free; `held_by` is who was seen to have it, and has it still, or nothing is done.

    Raises:
        DecisionRefused: not allowed, ended, or nobody has it, or somebody else by now; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with run.changing(deps, incident_id, person, ASSIGN) as (tx, incident):
        had, word = incident.holder(duty), incident.called(duty)
        if had is None:
            raise DecisionRefused(f"Nobody is the {word} of {incident.label}.")
        if held_by not in (None, had):
            raise DecisionRefused(f"<@{had}> is the {word} of {incident.label} by now.")
        freed = await incidents.save(tx, incident.with_holder(duty, None))
        await ledger.write_by(tx, deps, freed.id, LogKind.UNASSIGNED, person, {"role": duty.value, "from": had})
        whose = "" if had == person.id else f", which <@{had}> had"
        text = f"{person.name} made the role {word} free{whose}."
        await show.notice(tx, deps, freed, f"role:{new_id(deps.now())}", text, under="card")
        await show.card(tx, deps, incident_id)
    return Outcome(text=f"Nobody is the {word} of {freed.label} now.", incident=freed)


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


def duties_of(incident: Incident, who: str) -> list[Duty]:
    """Return the duties that somebody has in an incident."""
    return [duty for duty in incident.all_duties if incident.holder(duty) == who]


def _said(incident: Incident, duty: Duty, who: str) -> str:
    if duty is Duty.COMMANDER:
        return f"<@{who}> now leads {incident.label}."
    return f"<@{who}> is now the {incident.called(duty)} of {incident.label}."


def _require_fit(incident: Incident, chosen: Person, duty: Duty) -> None:
    if duty not in incident.all_duties:
        named = ", ".join(incident.all_duties)
        raise DecisionRefused(f"{incident.label} has no role {duty}; it has {named}.")
    what = "lead an incident" if duty is Duty.COMMANDER else f"be its {incident.called(duty)}"
    people.member(chosen, f"cannot {what}")
    if not people.has(chosen, Role.RESPONDER):
        raise DecisionRefused(f"{chosen.name} has not the role responder and cannot {what}.")
