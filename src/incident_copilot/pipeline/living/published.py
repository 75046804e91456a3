"""What happens once a postmortem is published: its incident's channel is told, with the whole as it was approved."""

from incident_copilot.domain.postmortem import ReviewState
from incident_copilot.pipeline import show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents, reviews
from incident_copilot.store.jobs import Job


async def published(deps: Deps, job: Job) -> None:
    """Tell that it is published; what was edited meanwhile is in review again, and is told when it is published."""
    async with job.finish(deps.db) as tx:
        incident = await incidents.lock(tx, job.payload["incident_id"])
        review = await reviews.get(tx, incident.id)
        if review and review.state is ReviewState.PUBLISHED:
            approved = ", ".join(f"<@{one.by}>" for one in review.approvals)
            text = f"The postmortem of {incident.label} is published."
            await show.notice(
                tx, deps, incident, "published", text, detail=f"Approved by {approved}.", anew=True, under="review"
            )
