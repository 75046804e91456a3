"""What happens once a postmortem is published: its channel is told, and it goes where the house keeps postmortems."""

from incident_copilot.domain.postmortem import ReviewState
from incident_copilot.pipeline import publish_postmortem, show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents, reviews
from incident_copilot.store.jobs import Job
from incident_copilot.store.reviews import COPILOT


async def published(deps: Deps, job: Job) -> None:
    """Tell it and put it there; what was edited meanwhile is in review again, and waits until it is published."""
    async with job.finish(deps.db) as tx:
        incident = await incidents.lock(tx, job.payload["incident_id"])
        review = await reviews.get(tx, incident.id)
        if review and review.state is ReviewState.PUBLISHED:
            people = [one.by for one in review.approvals]
            approved = ", ".join(f"<@{who}>" for who in people)
            text, detail = f"The postmortem of {incident.label} is published.", f"Approved by {approved}."
            await show.notice(
                tx, deps, incident, "published", text, detail=detail, people=people, anew=True, under="review"
            )
            await publish_postmortem.everywhere(tx, deps, incident, review.published_by or COPILOT)
