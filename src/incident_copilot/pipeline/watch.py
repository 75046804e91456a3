"""Notice when monitoring itself falls silent: by the alert that always fires, and does not come any more.

It is said once, to operators and by an incident of its own, and taken back when it is heard again. Only time in which
somebody looked counts: after hours in which the copilot itself was away, nothing is silent yet.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from incident_copilot.domain.alert import Alert, AlertStatus, fingerprint_of
from incident_copilot.domain.heartbeat import Heartbeat, Watchdog
from incident_copilot.domain.incident import Ending, ScoreSheet, Severity
from incident_copilot.pipeline import correlate, ending, operators, show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.triage import triage
from incident_copilot.store import alerts, heartbeats, incidents
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

MISSING = "WatchdogMissing"
POLICY = "policy:watchdog"


class Beat(NamedTuple):
    """A watchdog's alert that a source has told."""

    source: str
    alert: Alert


async def heard(tx: Tx, deps: Deps, beats: Sequence[Beat]) -> None:
    """Note that watchdogs fire; where one was silent before, that is taken back soon."""
    firing = {(one.source, one.alert.fingerprint): one for one in beats if one.alert.status is AlertStatus.FIRING}
    if not firing:
        return  # an end, too, is no sign of life: it says that the alert does not come any more
    now = deps.now()
    known = {(one.source, one.alert.fingerprint): one for one in await heartbeats.lock_all(tx, deps.workspace_id)}
    told = [
        known[key].heard(beat.alert, now) if key in known else Heartbeat.first(beat.source, beat.alert, now)
        for key, beat in sorted(firing.items())
    ]
    await heartbeats.save(tx, deps.workspace_id, told)
    if any(one.silent_since for one in told):
        await wakeups.watch(tx, deps, now)


async def watch(deps: Deps, job: Job) -> None:
    """Tell of each watchdog that it is silent, or heard again; forget those that the catalogue names no more."""
    async with job.finish(deps.db) as tx:
        for beat in await heartbeats.lock_all(tx, deps.workspace_id):
            watchdog = deps.catalog.correlation.watchdog(beat.alert)
            if watchdog is None:
                await heartbeats.forget(tx, deps.workspace_id, beat)
            else:
                seen = await _looked_at(tx, deps, watchdog, beat.checked(deps.now()))
                await heartbeats.save(tx, deps.workspace_id, [seen])


async def _looked_at(tx: Tx, deps: Deps, watchdog: Watchdog, beat: Heartbeat) -> Heartbeat:
    if beat.silent_since is None:
        return await _silent(tx, deps, watchdog, beat) if beat.is_silent(watchdog, deps.now()) else beat
    return await _back(tx, deps, beat, beat.silent_since) if beat.last_at >= beat.silent_since else beat


async def _silent(tx: Tx, deps: Deps, watchdog: Watchdog, beat: Heartbeat) -> Heartbeat:
    now = deps.now()
    missing = _missing(beat, now)
    await operators.tell(tx, deps, _slot(beat, now), f"{missing.summary}. {missing.description}")
    incident_id = None
    if watchdog.opens:
        stored = await alerts.record_locked(tx, deps.workspace_id, missing, now)
        sheet = _sheet(deps, missing, watchdog.opens)
        incident_id = (await correlate.join_or_open(tx, deps, stored, sheet, actor=POLICY, reopens=True)).id
    return beat.model_copy(update={"silent_since": now, "incident_id": incident_id})


async def _back(tx: Tx, deps: Deps, beat: Heartbeat, since: datetime) -> Heartbeat:
    """Take it back; its incident ends when nothing else of it is silent."""
    text = f"Monitoring of {beat.subject} is heard again, since {beat.last_at:%Y-%m-%d %H:%M} UTC."
    await operators.tell(tx, deps, _slot(beat, since), text)
    if beat.incident_id:
        over = _missing(beat, since).model_copy(update={"status": AlertStatus.RESOLVED, "ends_at": beat.last_at})
        await alerts.record(tx, deps.workspace_id, over, deps.now())
        await wakeups.correlate(tx, deps, deps.now())
        await _end(tx, deps, beat.incident_id)
    return beat.model_copy(update={"silent_since": None, "incident_id": None})


async def _end(tx: Tx, deps: Deps, incident_id: str) -> None:
    incident = await incidents.lock(tx, incident_id)
    firing, _ = await alerts.counts(tx, incident_id)
    if incident.is_running and not firing:
        how = Ending.RESOLVED if incident.acknowledged_by else Ending.SELF_RECOVERED
        await ending.end(tx, deps, incident, actor=POLICY, ending=how, note="")


def _missing(beat: Heartbeat, now: datetime) -> Alert:
    """Return the alert that says so; it is the same while it lasts."""
    labels = {key: beat.alert.labels[key] for key in ("cluster", "team") if key in beat.alert.labels}
    usual = f", which usually comes every {show.in_words(beat.usual)}," if beat.usual else ""
    return Alert(
        source="copilot",
        fingerprint=fingerprint_of("copilot", MISSING, {"source": beat.source, "of": beat.alert.fingerprint}),
        name=MISSING,
        status=AlertStatus.FIRING,
        severity="critical",
        environment=beat.alert.environment,
        summary=f"Monitoring of {beat.subject} is silent",
        description=f"{beat.alert.name}{usual} was last heard at {beat.last_at:%Y-%m-%d %H:%M} UTC. "
        "Other alerts of this source may be missing too.",
        labels=labels,
        links=beat.alert.links,
        starts_at=now,
    )


def _sheet(deps: Deps, missing: Alert, opens: Severity) -> ScoreSheet:
    sheet = triage(missing, deps.catalog)
    return sheet.model_copy(update={"severity": opens, "floors": (f"monitoring that is silent is {opens}",)})


def _slot(beat: Heartbeat, since: datetime) -> str:
    return f"silent:{beat.alert.fingerprint}:{since:%Y%m%dT%H%M%S}"
