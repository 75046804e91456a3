"""Legal hold: while it is on, nothing of an incident is erased or cut by the retention policy."""

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused, UnknownThing
from incident_copilot.pipeline import ledger, people, show
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.snapshots import due
from incident_copilot.store import incidents
from incident_copilot.store.db import CLICKS, Tx


async def hold(deps: Deps, incident_id: str, person: Person, on: bool) -> Outcome:
    """Put an incident under legal hold, ended ones too, or take it from there.

    Raises:
        DecisionRefused: not allowed, or it is so already; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": "set the legal hold", "on": on}
    async with ledger.refusals(deps, person, incident_id, asked), deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        people.require(person, Role.COMMANDER, "set the legal hold")
        await ledger.keep_name(tx, deps, person)
        held = await set_hold(tx, deps, incident, on=on, by=person.id)
    said = "Nothing of it is erased or cut until the hold is off." if on else "The hold is off."
    return Outcome(text=f"{held.label}: {said}", incident=held)


async def by_operator(deps: Deps, number: int, *, on: bool) -> str:
    """Set or end the hold of INC-`number` from the command line, and say so. Raises UnknownThing, DecisionRefused."""
    async with deps.db.transaction() as tx:
        found = await incidents.by_number(tx, deps.workspace_id, number)
        if found is None:
            raise UnknownThing(f"there is no INC-{number}")
        held = await set_hold(tx, deps, await incidents.lock(tx, found.id), on=on, by="operator")
    return f"{held.label} is under {'' if on else 'no '}legal hold."


async def set_hold(tx: Tx, deps: Deps, incident: Incident, *, on: bool, by: str) -> Incident:
    """Set or end the hold of a locked incident, in the name of a person or the operators. Raises DecisionRefused."""
    if incident.legal_hold is on:
        raise DecisionRefused(f"{incident.label} is under {'' if on else 'no '}legal hold already.")
    held = await incidents.save(tx, incident.model_copy(update={"legal_hold": on}))
    await ledger.write(tx, deps, incident.id, LogKind.LEGAL_HOLD, by, {"on": on})
    await show.card(tx, deps, incident.id)
    if on:
        await due.held(tx, deps, incident)
    return held
