"""Lower how far the copilot goes for a service: one person is enough, and it holds at once."""

from incident_copilot.domain.automation import ChangeState
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import Risk
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import change_level, ledger, operators, people
from incident_copilot.pipeline.automation import standings
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store.db import CLICKS


async def lower(deps: Deps, person: Person, service: str, reason: str) -> Outcome:
    """Lower the level of a service by one; it takes one person and holds at once.

    Raises:
        DecisionRefused: not allowed, no reason, or nothing below; it is logged.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": "lower a level", "service": service}
    async with ledger.refusals(deps, person, None, asked), deps.db.transaction(CLICKS) as tx:
        people.require(person, Role.APPROVER, "lower how far I go for a service")
        people.require_within_bounds(person, Risk.LOW, service)
        [standing] = await standings(tx, deps, service)
        wanted = standing.level.less
        if wanted is None:
            raise DecisionRefused(f"{service} is set to {standing.level} already; there is nothing below.")
        kept, said = await change_level.keep_reason(tx, deps, person, reason)
        change = change_level.new(deps, standing, wanted, person, ChangeState.IN_FORCE, kept["text"])
        made = await change_level.put_in_force(tx, deps, change, standing, person)
        payload = change_level.about(made, standing.judged_by) | {"reason": kept}
        await change_level.tell_all(tx, deps, made, person, LogKind.LEVEL_LOWERED, payload)
        await operators.tell(tx, deps, change_level.slot(made), f"{person.name} lowered {made.step}.", detail=said)
    return Outcome(text=f"{service} is set to {wanted} from now on.")
