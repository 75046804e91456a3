"""Place waiting alerts: each refreshes, joins or opens an incident, or goes to the digest; and says why."""

from datetime import datetime, timedelta

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import Frozen, new_id
from incident_copilot.domain.incident import Ending, Incident, Membership, Severity, Status
from incident_copilot.domain.log import LogKind, TimelineEntry, TimelineKind
from incident_copilot.pipeline import ledger, opening, severity, show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.triage import correlation_key, triage
from incident_copilot.store import alerts, incidents
from incident_copilot.store.alerts import StoredAlert
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

BATCH = 500
SETTLE = timedelta(seconds=3)
"""How long after a join the brief is refreshed, so that the alerts of a storm are looked at together."""


class Match(Frozen):
    """A running incident that an alert belongs to, and why, in words people read."""

    incident: Incident
    reason: str


async def correlate(deps: Deps, job: Job) -> None:
    """Place up to 500 waiting alerts in one transaction; more of them wake the next job."""
    async with job.finish(deps.db) as tx:
        waiting = await alerts.waiting(tx, deps.workspace_id, BATCH)
        touched: dict[str, Incident] = {}
        for stored in waiting:
            incident = await _place(tx, deps, stored)
            if incident:
                touched[incident.id] = incident
        for incident_id in touched:
            await show.card(tx, deps, incident_id)
        if len(waiting) == BATCH:
            await wakeups.correlate(tx, deps, deps.now())


async def preview(tx: Tx, deps: Deps, alert: Alert) -> Match | None:
    """Return the running incident this alert would join, or None."""
    return _match(deps, alert, await incidents.running(tx, deps.workspace_id), deps.now())


async def _place(tx: Tx, deps: Deps, stored: StoredAlert) -> Incident | None:
    if stored.alert.status is AlertStatus.RESOLVED:
        return await _resolved(tx, deps, stored)
    if stored.incident_id:
        known = await incidents.get(tx, stored.incident_id)
        if known.is_running:
            return await _fires_again(tx, deps, stored, known)
    match = _match(deps, stored.alert, await incidents.running(tx, deps.workspace_id), deps.now())
    if match:
        return await _join(tx, deps, stored, match)
    ended = await _ended_lately(tx, deps, stored.alert)
    if ended:
        return await _reopen(tx, deps, stored, ended)
    return await _open_or_digest(tx, deps, stored)


async def _resolved(tx: Tx, deps: Deps, stored: StoredAlert) -> Incident | None:
    fingerprint = stored.alert.fingerprint
    await alerts.place(
        tx, deps.workspace_id, [fingerprint], incident_id=stored.incident_id, digest_hour=stored.digest_hour
    )
    if stored.incident_id is None:
        return None
    incident = await incidents.lock(tx, stored.incident_id)
    await _note(tx, deps, incident, stored, "resolved")
    if incident.is_running:
        await opening.alerts_quiet(tx, deps, incident)
    return incident


async def _fires_again(tx: Tx, deps: Deps, stored: StoredAlert, incident: Incident) -> Incident:
    await alerts.place(tx, deps.workspace_id, [stored.alert.fingerprint], incident_id=incident.id)
    await _note(tx, deps, incident, stored, "fires again")
    await wakeups.cancel(tx, deps, wakeups.Work.QUIET, incident.id)
    return incident


async def _join(tx: Tx, deps: Deps, stored: StoredAlert, match: Match) -> Incident:
    now = deps.now()
    incident = await incidents.lock(tx, match.incident.id)
    await _belong(tx, deps, stored, incident, match.reason)
    await _note(tx, deps, incident, stored, f"joined: {match.reason}")
    sheet = triage(stored.alert, deps.catalog)
    if sheet.severity.rank < incident.severity.rank:
        reason = f"{stored.alert.name} joined and is {sheet.severity} by the score sheet"
        incident = await severity.change(
            tx, deps, incident, sheet.severity, actor="policy:score-sheet", reason=reason, sheet=sheet
        )
    await wakeups.gather(tx, deps, incident.id, at=now + SETTLE)
    return incident


async def _reopen(tx: Tx, deps: Deps, stored: StoredAlert, ended: Incident) -> Incident:
    incident = await incidents.lock(tx, ended.id)
    reopened = incident.model_copy(
        update={"status": Status.OPEN, "ending": None, "ended_at": None, "resolved_at": None, "mitigated_at": None}
    )
    await incidents.save(tx, reopened)
    reason = f"{stored.alert.name} fires again within {_minutes(deps)} minutes of the end"
    await _belong(tx, deps, stored, reopened, reason)
    await _note(tx, deps, reopened, stored, "fires again")
    await ledger.write(
        tx,
        deps,
        reopened.id,
        LogKind.REOPENED,
        "policy:reopen-window",
        {"because": reason, "alert": stored.alert.fingerprint},
    )
    await opening.woken(tx, deps, reopened, reason)
    return reopened


async def _open_or_digest(tx: Tx, deps: Deps, stored: StoredAlert) -> Incident | None:
    sheet = triage(stored.alert, deps.catalog)
    now = deps.now()
    if sheet.severity is Severity.P3:
        hour = now.replace(minute=0, second=0, microsecond=0)
        await alerts.place(tx, deps.workspace_id, [stored.alert.fingerprint], digest_hour=hour)
        return None
    incident = await opening.open_from_alert(tx, deps, stored.alert, sheet, actor="policy:triage")
    await _belong(tx, deps, stored, incident, "opened the incident")
    await _note(tx, deps, incident, stored, "fires")
    return incident


async def _belong(tx: Tx, deps: Deps, stored: StoredAlert, incident: Incident, reason: str) -> None:
    fingerprint = stored.alert.fingerprint
    await alerts.place(tx, deps.workspace_id, [fingerprint], incident_id=incident.id)
    await incidents.join(
        tx, Membership(incident_id=incident.id, fingerprint=fingerprint, reason=reason, joined_at=deps.now())
    )


async def _note(tx: Tx, deps: Deps, incident: Incident, stored: StoredAlert, what: str) -> None:
    alert = stored.alert
    is_end = alert.status is AlertStatus.RESOLVED
    at = (alert.ends_at or deps.now()) if is_end else alert.starts_at
    # Names its state, so that the same news told twice is one entry.
    await show.timeline_entry(
        tx,
        TimelineEntry(
            id=new_id(deps.now()),
            incident_id=incident.id,
            at=min(at, deps.now()),
            kind=TimelineKind.ALERT,
            text=f"{alert.name} on {alert.service or 'an unnamed service'} {what}. {alert.summary}".strip(),
            ref=f"alert:{alert.state_key}",
            link=alert.links.get("source"),
        ),
    )


def _match(deps: Deps, alert: Alert, running: list[Incident], now: datetime) -> Match | None:
    matches = (_related(deps, alert, incident, now) for incident in running if not incident.test)
    return next((match for match in matches if match), None)


def _related(deps: Deps, alert: Alert, incident: Incident, now: datetime) -> Match | None:
    if incident.correlation_key == correlation_key(alert):
        what = f"same service {alert.service}" if alert.service else f"same alert {alert.name}"
        return Match(incident=incident, reason=f"{what}{_where(alert)}")
    if alert.service is None or incident.service is None or not _same_place(alert, incident):
        return None
    apart = abs(alert.starts_at - incident.started_at)
    if apart > deps.policy.join_window and now - incident.opened_at > deps.policy.join_window:
        return None
    neighbours = deps.catalog.depends_on
    seconds = int(apart.total_seconds())
    if alert.service in neighbours.get(incident.service, ()):
        tie = f"{incident.service} depends on {alert.service}"
    elif incident.service in neighbours.get(alert.service, ()):
        tie = f"{alert.service} depends on {incident.service}"
    else:
        return None
    return Match(incident=incident, reason=f"{tie}, {seconds} s apart{_where(alert)}")


def _same_place(alert: Alert, incident: Incident) -> bool:
    cluster = alert.labels.get("cluster")
    same_cluster = cluster is None or incident.cluster is None or cluster == incident.cluster
    unknown = alert.environment is None or incident.environment is None
    return same_cluster and (unknown or alert.environment == incident.environment)


def _where(alert: Alert) -> str:
    cluster = alert.labels.get("cluster")
    return f", same cluster {cluster}" if cluster else ""


async def _ended_lately(tx: Tx, deps: Deps, alert: Alert) -> Incident | None:
    last = await incidents.by_key(tx, deps.workspace_id, correlation_key(alert))
    if last is None or last.ended_at is None or last.ending not in (Ending.RESOLVED, Ending.SELF_RECOVERED):
        return None
    return last if deps.now() - last.ended_at <= deps.policy.reopen_window else None


def _minutes(deps: Deps) -> int:
    return int(deps.policy.reopen_window.total_seconds() // 60)
