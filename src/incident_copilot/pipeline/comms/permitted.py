"""Whether an approved update may still go out: rights are looked up once more, right before it is sent."""

from incident_copilot.domain.content import PublicUpdate
from incident_copilot.domain.effect import Effect, Publish, Rewrite, Show
from incident_copilot.pipeline import people
from incident_copilot.pipeline.comms import outlets
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import proposals


async def withheld(deps: Deps, effect: Effect) -> str | None:
    """Return why an update may not be told any more, or None; also for whatever is no update.

    Raises:
        ChatError: the workspace could not say who the person is.
    """
    match effect.deed:
        case Rewrite():  # it was told already, and says less now
            return None
        case Publish(update=update, approved_by=person):
            text = update.text
        case Show(content=PublicUpdate(text=text, approved_by=person)):
            pass
        case _:
            return None
    proposal_id, _ = outlets.told_by(effect.deed) or ("", "")
    async with deps.db.read() as db:
        proposal = await proposals.get(db, proposal_id)
    if proposal.retracted_at and text != outlets.WITHDRAWN:
        return "it was retracted before it went out here"
    return await people.lost_right(deps, [person] if person else [], proposal)
