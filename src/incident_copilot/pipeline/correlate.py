"""Place waiting alerts: each refreshes, joins or opens an incident, or goes to the digest; and says why."""

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.incident import OPENED_IT, Incident, ScoreSheet, Severity, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.pipeline import drilling, grouping, history, ledger, merging, opening, severity, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.ending import RECOVERED
from incident_copilot.pipeline.matching import Match, Matching, key_of
from incident_copilot.pipeline.placing import Placing
from incident_copilot.pipeline.snapshots import due
from incident_copilot.store import alerts, incidents, muted_alerts
from incident_copilot.store.alerts import StoredAlert
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

BATCH = 500


async def correlate(deps: Deps, job: Job) -> None:
    """Place up to 500 waiting alerts in one transaction; more of them wake the next job."""
    async with job.finish(deps.db) as tx:
        waiting = await alerts.waiting(tx, deps.workspace_id, BATCH)
        placing = await Placing.begin(tx, deps)
        for stored in placing.matching.causes_first(waiting):
            await _place(placing, stored)
        await placing.write()
        if len(waiting) == BATCH:
            await wakeups.correlate(tx, deps, deps.now())


async def preview(tx: Tx, deps: Deps, alert: Alert) -> Match | None:
    """Return the running incident this alert would join, or None."""
    return (await Matching.begin(tx, deps)).best(alert)


async def join_or_open(
    tx: Tx, deps: Deps, stored: StoredAlert, sheet: ScoreSheet, *, actor: str, reopens: bool = False
) -> Incident:
    """Place an alert in the running incident it belongs to, else in one opened for it.

    Where it `reopens`, its own incident that has ended lately is opened again instead.
    """
    placing = await Placing.begin(tx, deps)
    known = await placing.known(stored.incident_id) if stored.incident_id and reopens else None
    if match := placing.matching.best(stored.alert):
        incident = await _join(placing, stored, match)
    elif known and (ended := await _ended_lately(placing, stored.alert, known, sheet)):
        incident = await _reopen(placing, stored, ended)
    else:
        incident = await _open(placing, stored, sheet, actor=actor)
    await placing.write()
    return incident


async def _place(placing: Placing, stored: StoredAlert) -> None:
    alert = stored.alert
    if alert.status is AlertStatus.RESOLVED:
        await _resolved(placing, stored)
        return
    if await drilling.place(placing, stored):
        return
    known = await placing.known(stored.incident_id) if stored.incident_id else None
    runs = known is not None and known.is_running
    if _is_muted(placing, stored, runs=runs):
        return
    why = placing.deps.catalog.noise.why(alert)
    if why and not runs:  # what people have promoted stays with its incident
        placing.count(stored, why)
        return
    is_held = known is not None and runs and placing.matching.holds(known, alert)
    match = None if is_held else placing.matching.best(alert)
    sheet = placing.sheet(alert)
    if known and (is_held or (match and match.incident.id == known.id)):
        await _fires_again(placing, stored, known)
    elif match:
        await _join(placing, stored, match)
    elif ended := await _ended_lately(placing, alert, known, sheet):
        await _reopen(placing, stored, ended)
    elif noise := await placing.noise(alert, sheet):
        placing.count(stored, noise)
    elif sheet.severity is Severity.P3:
        placing.small(stored)
    else:
        await _open_or_hold(placing, stored, sheet, known)


def _is_muted(placing: Placing, stored: StoredAlert, *, runs: bool) -> bool:
    """Put an alert aside that another one mutes, or people; what belongs to an incident that runs stays there."""
    alert = stored.alert
    if runs:
        return False
    if source := placing.muting.source_of(alert):
        placing.put(stored, muted_by=muted_alerts.by_alert(source.fingerprint))
    elif silence := placing.muting.silence_of(alert):
        placing.digest(stored, muted_by=muted_alerts.by_silence(silence.id))
    elif placing.deps.catalog.correlation.mute(alert, placing.deps.now()):
        placing.digest(stored)
    else:
        return False
    return True


async def _resolved(placing: Placing, stored: StoredAlert) -> None:
    placing.over(stored)
    if stored.incident_id is not None:
        incident = await placing.lock(stored.incident_id)
        placing.note(stored, incident, "resolved")
        placing.resolved(stored, incident)


async def _fires_again(placing: Placing, stored: StoredAlert, known: Incident) -> None:
    incident = await placing.lock(known.id)
    placing.put(stored, incident.id)
    placing.matching.began(incident, stored.alert)
    placing.note(stored, incident, "fires again")
    await placing.fires(incident, stored.alert.name)


async def _join(placing: Placing, stored: StoredAlert, match: Match) -> Incident:
    incident = await placing.lock(match.incident.id)
    placing.belongs(stored, incident, match.reason)
    placing.note(stored, incident, f"joined: {match.reason}")
    placing.explains(stored, incident)
    if stored.alert.status is AlertStatus.FIRING:  # not so where people promote one that is over
        await placing.fires(incident, stored.alert.name)
    sheet = placing.sheet(stored.alert)
    await due.joined(placing.tx, placing.deps, incident, sheet.incident_type)
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
    tx, deps, key = placing.tx, placing.deps, placing.matching.new_key(stored.alert)
    apart = placing.matching.kept_apart(stored.alert)
    told = history.with_record(sheet, await placing.record(stored.alert))
    incident = await opening.open_from_alert(tx, deps, stored.alert, told, actor=actor, key=key)
    placing.changed(incident)
    reason = f"{OPENED_IT}, apart from {apart.incident.label}: {apart.reason}" if apart else OPENED_IT
    placing.belongs(stored, incident, reason)
    placing.note(stored, incident, "fires")
    return incident


async def _open_or_hold(placing: Placing, stored: StoredAlert, sheet: ScoreSheet, known: Incident | None) -> None:
    """Open an incident, once a rule has seen enough alerts; ask whether it belongs into another one."""
    limit = await grouping.threshold(placing, stored)
    if limit and not limit.is_reached:
        placing.hold(stored, limit.group)
        return
    candidate = placing.matching.candidate(stored.alert, known)
    opened = await _open(placing, stored, sheet, actor="policy:triage")
    if limit:
        for waited in limit.others:
            opened = await _join(placing, waited, Match(incident=opened, reason=limit.text))
    if candidate:
        await merging.propose(placing.tx, placing.deps, opened, candidate)


async def _reopen(placing: Placing, stored: StoredAlert, ended: Incident) -> Incident:
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
    return reopened


async def _ended_lately(placing: Placing, alert: Alert, known: Incident | None, sheet: ScoreSheet) -> Incident | None:
    """Return the incident whose trouble is back: the alert's own, or one of its service where it is no small alert."""
    tx, deps = placing.tx, placing.deps
    keys = [known.correlation_key] if known else []
    if sheet.severity is not Severity.P3:
        keys.append(key_of(deps.catalog, alert))
    since = deps.now() - deps.policy.reopen_window
    for key in keys:
        last = await incidents.by_key(tx, deps.workspace_id, key)
        if last and last.ended_at and last.ended_at >= since and last.ending in RECOVERED:
            covered = await incidents.footprint(tx, last.id)
            return None if placing.matching.is_apart(alert, covered.kinds) else last
    return None


def _minutes(deps: Deps) -> int:
    return int(deps.policy.reopen_window.total_seconds() // 60)
