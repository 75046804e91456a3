"""People say from 1 to 5 how useful the copilot was in an incident; each has one word, and may change it."""

from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, people
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents, ratings
from incident_copilot.store.db import CLICKS

LOWEST, HIGHEST = 1, 5


async def rate(deps: Deps, incident_id: str, person: Person, stars: int) -> Outcome:
    """Record how useful a person found the copilot.

    Raises:
        DecisionRefused: not allowed, the incident runs, or no number from 1 to 5; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": "rate", "stars": stars}
    async with ledger.refusals(deps, person, incident_id, asked), deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        people.require(person, Role.RESPONDER, "rate the copilot")
        if incident.is_running:
            raise DecisionRefused(f"{incident.label} runs still; rate it when it has ended.")
        if not LOWEST <= stars <= HIGHEST:
            raise DecisionRefused("Rate from 1, no use, to 5, very useful.")
        before = await ratings.given(tx, deps.workspace_id, incident_id, person.id)
        await ratings.rate(tx, deps.workspace_id, incident_id, person.id, stars=stars, at=deps.now())
        payload = {"stars": stars, **({"before": before} if before else {})}
        await ledger.write_by(tx, deps, incident_id, LogKind.RATED, person, payload)
    said = f"You rated {incident.label} {stars} of 5. Press another number to change it."
    return Outcome(text=said, incident=incident)
