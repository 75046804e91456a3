"""People settle an outcome that nobody knows: it worked, or it did not."""

from datetime import timedelta

from incident_copilot.domain.effect import SETTLED_BY_PEOPLE, Effect, Publish
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person
from incident_copilot.errors import DecisionRefused, UnknownThing, VendorError
from incident_copilot.pipeline import carry_out, ledger, people
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import ChatChannel
from incident_copilot.store import effects, incidents, open_effects, proposals
from incident_copilot.store.db import CLICKS

LOOK_BACK = timedelta(seconds=60)


async def answer(deps: Deps, effect_id: str, person: Person, *, happened: bool) -> Outcome:
    """Record what a person found out about an action or update whose answer was lost; the first word counts.

    Raises:
        DecisionRefused: not this person's to say, or known already; the refusal is logged.
        UnknownThing: there is no such action.
        StoreUnavailable: nothing was recorded.
    """
    async with deps.db.read() as db:
        effect = await effects.get(db, effect_id)
    if not isinstance(effect.deed, SETTLED_BY_PEOPLE):
        raise UnknownThing(f"effect {effect_id} is nothing that people settle")
    found = await _found(deps, effect) if happened else {}
    asked = {"effect": effect_id, "happened": happened}
    async with ledger.refusals(deps, person, effect.incident_id, asked), deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, str(effect.incident_id))
        proposal = await proposals.lock(tx, effect.deed.proposal_id)
        people.require_right_to_decide(person, proposal)
        settled = await open_effects.answer(tx, effect_id, happened=happened, by=person.id, found=found)
        if settled is None:
            raise DecisionRefused(f"That is settled: {proposal.outcome or 'it is on its way'}")
        payload = {"proposal": proposal.id, "effect": effect_id, "happened": happened}
        await ledger.write_by(tx, deps, incident.id, LogKind.ANSWERED, person, payload)
        await carry_out.settled(deps, tx, settled)
    said = "Noted: it worked." if happened else "Noted: it did not happen. You can propose it again."
    return Outcome(text=said, incident=incident)


async def _found(deps: Deps, effect: Effect) -> dict[str, object]:
    """Return where an update is that people have seen: without that the next one would open a second incident there."""
    channel = deps.comms_channels.get(effect.deed.channel) if isinstance(effect.deed, Publish) else None
    if channel is None or isinstance(channel, ChatChannel) or not isinstance(effect.deed, Publish):
        return {}
    try:
        receipt = await channel.find(effect.deed.update, effect.created_at - LOOK_BACK)
    except VendorError:
        return {}
    return receipt.model_dump(mode="json") if receipt else {}
