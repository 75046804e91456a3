"""Place waiting alerts: each refreshes, joins or opens an incident, or goes to the digest; and says why."""

from datetime import timedelta

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.incident import OPENED_IT, Incident, ScoreSheet, Severity, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.pipeline import ledger, opening, severity, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.ending import RECOVERED
from incident_copilot.pipeline.placing import Placing
from incident_copilot.pipeline.triage import correlation_key
from incident_copilot.store import alerts, incidents
from incident_copilot.store.alerts import StoredAlert
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

BATCH = 500


class Match(Frozen):
    """A running incident that an alert belongs to, and why, in words people read."""

    incident: Incident
    reason: str


async def correlate(deps: Deps, job: Job) -> None:
    """Place up to 500 waiting alerts in one transaction; more of them wake the next job."""
    async with job.finish(deps.db) as tx:
        waiting = await alerts.waiting(tx, deps.workspace_id, BATCH)
        placing = await Placing.begin(tx, deps)
        for stored in waiting:
            await _place(placing, stored)
        await placing.write()
        if len(waiting) == BATCH:
            await wakeups.correlate(tx, deps, deps.now())


async def preview(tx: Tx, deps: Deps, alert: Alert) -> Match | None:
    """Return the running incident this alert would join, or None."""
    return _match(deps, alert, await incidents.running(tx, deps.workspace_id))


async def join_or_open(tx: Tx, deps: Deps, stored: StoredAlert, sheet: ScoreSheet, *, actor: str) -> Incident:
    """Place an alert in the running incident it belongs to, else in one opened for it."""
    placing = await Placing.begin(tx, deps)
    match = _match(deps, stored.alert, placing.running)
    incident = await (_join(placing, stored, match) if match else _open(placing, stored, sheet, actor=actor))
    await placing.write()
    return incident


async def _place(placing: Placing, stored: StoredAlert) -> None:
    alert, deps = stored.alert, placing.deps
    if alert.status is AlertStatus.RESOLVED:
        await _resolved(placing, stored)
        return
    known = await placing.known(stored.incident_id) if stored.incident_id else None
    match = None if known and known.is_running else _match(deps, alert, placing.running)
    sheet = placing.sheet(alert)
    if known and known.is_running:
        await _fires_again(placing, stored, known)
    elif match:
        await _join(placing, stored, match)
    elif ended := await _ended_lately(placing.tx, deps, alert, known, sheet):
        await _reopen(placing, stored, ended)
    elif sheet.severity is Severity.P3:
        placing.put(stored, digest_hour=deps.now().replace(minute=0, second=0, microsecond=0))
    else:
        await _open(placing, stored, sheet, actor="policy:triage")


async def _resolved(placing: Placing, stored: StoredAlert) -> None:
    placing.put(stored, stored.incident_id, stored.digest_hour)
    if stored.incident_id is not None:
        incident = await placing.lock(stored.incident_id)
        placing.note(stored, incident, "resolved")
        placing.resolved(incident)


async def _fires_again(placing: Placing, stored: StoredAlert, known: Incident) -> None:
    incident = await placing.lock(known.id)
    placing.put(stored, incident.id)
    placing.note(stored, incident, "fires again")
    await placing.fires(incident, stored.alert.name)


async def _join(placing: Placing, stored: StoredAlert, match: Match) -> Incident:
    incident = await placing.lock(match.incident.id)
    placing.belongs(stored, incident, match.reason)
    placing.note(stored, incident, f"joined: {match.reason}")
    if stored.alert.status is AlertStatus.FIRING:  # not so where people promote one that is over
        await placing.fires(incident, stored.alert.name)
    sheet = placing.sheet(stored.alert)
    if sheet.severity.rank < incident.severity.rank:
        because = f"{stored.alert.name} joined and is {sheet.severity} by the score sheet"
        incident = await severity.change(
            placing.tx,
            placing.deps,
            incident,
            sheet.severity,
            actor="policy:score-sheet",
            because=because,
            sheet=sheet,
        )
        placing.changed(incident)
    return incident


async def _open(placing: Placing, stored: StoredAlert, sheet: ScoreSheet, *, actor: str) -> Incident:
    incident = await opening.open_from_alert(placing.tx, placing.deps, stored.alert, sheet, actor=actor)
    placing.changed(incident)
    placing.belongs(stored, incident, OPENED_IT)
    placing.note(stored, incident, "fires")
    return incident


async def _reopen(placing: Placing, stored: StoredAlert, ended: Incident) -> None:
    tx, deps = placing.tx, placing.deps
    is_known = stored.incident_id == ended.id
    fires = "fires again" if is_known else "fires"
    reason = f"{stored.alert.name} {fires} within {_minutes(deps)} minutes of the end"
    incident = await placing.lock(ended.id)
    # Who had it may be away by now: somebody must say again that they are on it.
    reopened = await opening.reopen(tx, deps, incident.model_copy(update={"acknowledged_by": None}), Status.OPEN)
    placing.changed(reopened)
    placing.belongs(stored, reopened, reason)
    placing.note(stored, reopened, fires)
    payload = {"because": reason, "alert": stored.alert.fingerprint}
    await ledger.write(tx, deps, reopened.id, LogKind.REOPENED, "policy:reopen-window", payload)
    await opening.woken(tx, deps, reopened, reason)
    await opening.call_on_call(tx, deps, reopened)


def _match(deps: Deps, alert: Alert, running: list[Incident]) -> Match | None:
    key = correlation_key(alert)
    matches = (_related(deps, alert, key, incident) for incident in running if not incident.test)
    return next((match for match in matches if match), None)


def _related(deps: Deps, alert: Alert, key: str, incident: Incident) -> Match | None:
    if incident.correlation_key == key:
        what = f"same service {alert.service}" if alert.service else f"same alert {alert.name}"
        return Match(incident=incident, reason=f"{what}{_where(alert)}")
    if alert.service is None or incident.service is None or not _same_place(alert, incident):
        return None
    if alert.service == incident.service:
        return Match(incident=incident, reason=f"same service {alert.service}{_where(alert)}")
    if _apart(alert, incident) > deps.policy.join_window:
        return None
    neighbours = deps.catalog.depends_on
    seconds = int(abs(alert.starts_at - incident.started_at).total_seconds())
    if alert.service in neighbours.get(incident.service, ()):
        tie = f"{incident.service} depends on {alert.service}"
    elif incident.service in neighbours.get(alert.service, ()):
        tie = f"{alert.service} depends on {incident.service}"
    else:
        return None
    return Match(incident=incident, reason=f"{tie}, {seconds} s apart{_where(alert)}")


def _apart(alert: Alert, incident: Incident) -> timedelta:
    """How far the alert's start is from the time between the incident's onset and its opening."""
    return max(incident.started_at - alert.starts_at, alert.starts_at - incident.opened_at, timedelta())


def _same_place(alert: Alert, incident: Incident) -> bool:
    cluster = alert.labels.get("cluster")
    same_cluster = cluster is None or incident.cluster is None or cluster == incident.cluster
    unknown = alert.environment is None or incident.environment is None
    return same_cluster and (unknown or alert.environment == incident.environment)


def _where(alert: Alert) -> str:
    cluster = alert.labels.get("cluster")
    return f", same cluster {cluster}" if cluster else ""


async def _ended_lately(tx: Tx, deps: Deps, alert: Alert, known: Incident | None, sheet: ScoreSheet) -> Incident | None:
    """Return the incident whose trouble is back: the alert's own, or one of its service where it is no small alert."""
    keys = [known.correlation_key] if known else []
    if sheet.severity is not Severity.P3:
        keys.append(correlation_key(alert))
    since = deps.now() - deps.policy.reopen_window
    for key in keys:
        last = await incidents.by_key(tx, deps.workspace_id, key)
        if last and last.ended_at and last.ended_at >= since and last.ending in RECOVERED:
            return last
    return None


def _minutes(deps: Deps) -> int:
    return int(deps.policy.reopen_window.total_seconds() // 60)
