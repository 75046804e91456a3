"""Timers: call the secondary when nobody acknowledged; post the hourly digest."""

from datetime import timedelta

from incident_copilot.domain.content import Button, Digest, DigestEntry, Press
from incident_copilot.domain.effect import Invite, Place, Show
from incident_copilot.pipeline import opening, show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import alerts, effects, incidents
from incident_copilot.store.jobs import Job

DIGEST_LINES = 15


async def remind(deps: Deps, job: Job) -> None:
    """Call the secondary once, when the response time is over and nobody has acknowledged."""
    async with job.finish(deps.db) as tx:
        incident = await incidents.lock(tx, job.payload["incident_id"])
        secondary = opening.on_call(deps.catalog, incident).secondary
        if not incident.is_running or incident.acknowledged_by or incident.quiet or secondary is None:
            return
        if show.has_channel(incident):
            await show.send(tx, deps, incident, Invite(people=(secondary,)), stream=f"people:{incident.id}")
        waited = show.in_words(deps.now() - incident.opened_at)
        await show.notice(
            tx,
            deps,
            incident,
            "page:secondary",
            f"Nobody has acknowledged {incident.label} for {waited}. You are the secondary; please take it.",
            mentions=[secondary],
            buttons=[Button(press=Press.ACKNOWLEDGE, label="Acknowledge", value=incident.id, style="primary")],
        )
        await opening.log_paged(tx, deps, incident, secondary, "secondary")


async def digest(deps: Deps, job: Job) -> None:
    """Post the small alerts of the hour that is over; nothing where there were none."""
    hour = job.run_at.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    async with job.finish(deps.db) as tx:
        small = await alerts.in_digest(tx, deps.workspace_id, hour)
        if not small:
            return
        entries = tuple(
            DigestEntry(
                fingerprint=stored.alert.fingerprint,
                name=stored.alert.name,
                service=stored.alert.service,
                summary=stored.alert.summary,
                count=stored.times_seen,
                since=stored.alert.starts_at,
            )
            for stored in small[:DIGEST_LINES]
        )
        content = Digest(entries=entries, more=len(small) - len(entries), hour=hour)
        await effects.enqueue(
            tx,
            workspace_id=deps.workspace_id,
            incident_id=None,
            stream="digest",
            deed=Show(place=Place.ANNOUNCE, slot=f"digest:{hour.isoformat()}", content=content),
            now=deps.now(),
        )
