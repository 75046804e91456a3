"""Timers: call whoever was not called yet, or the secondary, when nobody acknowledged; post the hourly digest."""

from collections.abc import Mapping
from datetime import timedelta

from incident_copilot.domain.content import Digest, DigestEntry
from incident_copilot.domain.effect import Invite, Place, Show
from incident_copilot.domain.escalation import held_until
from incident_copilot.domain.incident import Incident, Status
from incident_copilot.domain.incident_type import of
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.silence import Silence
from incident_copilot.pipeline import on_call, opening, show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.triage import type_of
from incident_copilot.store import action_log, alerts, effects, incidents, muted_alerts, silences
from incident_copilot.store.alerts import StoredAlert
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

DIGEST_LINES = 15


async def remind(deps: Deps, job: Job) -> None:
    """Call the secondary, once an opening, when the response time is over and nobody has acknowledged.

    A snooze and quiet hours hold the call back. Where quiet hours have held back that of the primary, it comes first.
    """
    async with job.finish(deps.db) as tx:
        incident = await incidents.lock(tx, job.payload["incident_id"])
        is_left_alone = incident.quiet or incident.by_invitation or incident.test
        if not incident.is_running or incident.status is not Status.OPEN or is_left_alone:
            return
        now, called = deps.now(), await on_call.of(tx, deps, incident)
        if held := held_until(deps.catalog.escalation, incident, now):
            await wakeups.remind(tx, deps, incident.id, at=held)
        elif called.primary and not await _was_anybody_called(tx, incident):
            await opening.call_on_call(tx, deps, incident)
            await wakeups.remind(tx, deps, incident.id, at=now + opening.response_time(deps, incident))
        elif called.secondary and not await _was_called(tx, incident, called.secondary):
            await _call_secondary(tx, deps, incident, called.secondary)


async def digest(deps: Deps, job: Job) -> None:
    """Post the small alerts of all hours that are over and were not posted yet; nothing where there were none."""
    now = deps.now()
    async with job.finish(deps.db) as tx:
        small = await alerts.for_digest(tx, deps.workspace_id, now.replace(minute=0, second=0, microsecond=0))
        if not small:
            return
        content = _digest(deps, small, await _silences(tx, small))
        deed = Show(place=Place.ANNOUNCE, slot=f"digest:{content.hour.isoformat()}", content=content, anew=True)
        await effects.enqueue(tx, workspace_id=deps.workspace_id, incident_id=None, stream="digest", deed=deed, now=now)
        await alerts.digested(tx, deps.workspace_id, [stored.alert.fingerprint for stored in small])


async def _call_secondary(tx: Tx, deps: Deps, incident: Incident, secondary: str) -> None:
    if show.has_channel(incident):
        await show.send(tx, deps, incident, Invite(people=(secondary,)), stream=f"people:{incident.id}")
    text = f"Nobody has acknowledged {incident.label} in time. You are the secondary; please take it."
    await opening.call(tx, deps, incident, secondary, "secondary", text)


async def _was_anybody_called(tx: Tx, incident: Incident) -> bool:
    return any(row.kind is LogKind.PAGED for row in await action_log.entries(tx, incident.id))


async def _was_called(tx: Tx, incident: Incident, secondary: str) -> bool:
    """Whether the secondary was called since the incident was opened, by whatever rule."""
    called = False
    for row in await action_log.entries(tx, incident.id):
        if row.kind is LogKind.REOPENED:
            called = False
        elif row.kind is LogKind.PAGED and (row.payload["turn"] == "secondary" or row.payload["person"] == secondary):
            called = True
    return called


async def _silences(tx: Tx, small: list[StoredAlert]) -> dict[str, Silence]:
    """Return by id what mutes those that have a line of the digest."""
    muted = {muted_alerts.silence_of(stored.muted_by) for stored in small[:DIGEST_LINES]}
    return await silences.some(tx, {one for one in muted if one})


def _digest(deps: Deps, small: list[StoredAlert], muting: Mapping[str, Silence]) -> Digest:
    entries = tuple(
        DigestEntry(
            fingerprint=stored.alert.fingerprint,
            name=_named(deps, stored),
            service=stored.alert.service,
            summary=_said(deps, stored, muting),
            count=stored.times_seen,
            since=stored.alert.starts_at,
        )
        for stored in small[:DIGEST_LINES]
    )
    hours = [stored.digest_hour for stored in small if stored.digest_hour]
    until = max(hours) + timedelta(hours=1)
    return Digest(entries=entries, more=len(small) - len(entries), hour=min(hours), until=until)


def _named(deps: Deps, stored: StoredAlert) -> str:
    kind = type_of(stored.alert, deps.catalog)
    return f"{of(kind).title.capitalize()} alert" if deps.catalog.restricts(kind) else stored.alert.name


def _said(deps: Deps, stored: StoredAlert, muting: Mapping[str, Silence]) -> str:
    """Return what an alert says, and that it was muted, for whoever wonders why nobody was called."""
    silence = muting.get(muted_alerts.silence_of(stored.muted_by) or "")
    mute = silence or deps.catalog.correlation.mute(stored.alert, stored.last_seen)
    muted = f"Muted until {mute.until:%Y-%m-%d %H:%M} UTC: {mute.reason}. " if mute else ""
    kind = type_of(stored.alert, deps.catalog)
    is_theirs = deps.catalog.restricts(kind)
    return f"{muted}{'Its words are for whom it concerns.' if is_theirs else stored.alert.summary}"
