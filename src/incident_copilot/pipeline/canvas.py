"""The canvas of an incident's own channel: a living brief while it runs, where that is wanted; then its postmortem."""

from datetime import timedelta

from incident_copilot.domain.effect import Canvas, EffectState
from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline import living_brief, show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import effects, evidence, incidents
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

AGAIN = timedelta(minutes=1)


async def write(tx: Tx, deps: Deps, incident: Incident, markdown: str) -> None:
    """Have a text in the canvas of the incident's own channel; a thread has none."""
    if not show.has_channel(incident):
        return
    before = [one.result for one in await effects.by_incident(tx, incident.id) if isinstance(one.deed, Canvas)]
    known = next((one["canvas"] for one in reversed(before) if one.get("canvas")), None)
    deed = Canvas(markdown=markdown, known=known)
    await show.send(tx, deps, incident, deed, stream=f"canvas:{incident.id}", priority=show.LATER)


async def refresh(deps: Deps, job: Job) -> None:
    """Write the living brief anew. While one waits to be sent, the newest goes after it; what has ended is left."""
    async with job.finish(deps.db) as tx:
        incident = await incidents.get(tx, job.payload["incident_id"])
        if not incident.is_running:
            return
        kept = await effects.by_incident(tx, incident.id)
        if any(isinstance(one.deed, Canvas) and one.state is EffectState.PENDING for one in kept):
            await wakeups.canvas(tx, deps, incident.id, at=deps.now() + AGAIN)
            return
        found = await evidence.latest_brief(tx, incident.id)
        await write(tx, deps, incident, living_brief.text_of(await show.card_of(tx, deps, incident.id), found))
