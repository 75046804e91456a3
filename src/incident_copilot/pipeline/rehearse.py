"""Show what a webhook's body would become and where each alert would be placed, and store nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.incident import Severity
from incident_copilot.errors import ConfigError, StoreUnavailable
from incident_copilot.pipeline import dead_letters, grouping
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.placing import Placing
from incident_copilot.ports import AlertSource
from incident_copilot.store import schema
from incident_copilot.store.alerts import StoredAlert


async def rehearse(
    deps: Deps, instance: str, source: AlertSource, headers: Mapping[str, str], body: bytes
) -> list[str]:
    """Return in lines what one body becomes; the request is not authenticated.

    Raises:
        BadPayload: the body is not what the source sends.
    """
    delivery = dead_letters.parsed(instance, source, headers, body)
    said = [f"delivery id: {delivery.delivery_id or 'none; told apart by the states of its alerts'}"]
    for number, alert in enumerate(delivery.alerts, 1):
        said += [f"alert {number} of {len(delivery.alerts)}", *_fields(alert.model_dump(mode="json"))]
        said.append(f"  -> {await _place(deps, alert)}")
    for number, change in enumerate(delivery.changes, 1):
        said += [f"change {number} of {len(delivery.changes)}", *_fields(change.model_dump(mode="json"))]
    for snapshot in delivery.snapshots:
        said += [f"figure {figure.metric} {figure.group}".rstrip() for figure in snapshot.figures]
    if delivery.interactions:
        said.append(f"{len(delivery.interactions)} interactions, redacted before they are kept")
    said += [f"left out: {flagged}" for flagged in delivery.flagged]
    if delivery.ignored:
        said.append(f"ignored: {delivery.ignored}")
    if delivery.unknown:
        said.append(f"unknown, kept as a dead letter: {delivery.unknown}")
    return said


async def _place(deps: Deps, alert: Alert) -> str:
    if deps.catalog.correlation.watchdog(alert):
        return "is a watchdog: it shows that its source lives, and opens nothing"
    if alert.status is AlertStatus.RESOLVED:
        return "ends where it fires, joins nothing"
    try:
        await schema.check_schema(deps.db)
        async with deps.db.read() as db:
            return await _fate(await Placing.begin(db, deps), alert)
    except (ConfigError, StoreUnavailable) as error:
        return f"which incident it would join is not known: {error}"


async def _fate(placing: Placing, alert: Alert) -> str:
    """Return in words where an alert that is new would be placed; in the order of `correlate`."""
    if muted := _muted(placing, alert):
        return f"is muted {muted}"
    if noise := placing.deps.catalog.noise.why(alert):
        return f"is noise, counted and no more: {noise}"
    if match := placing.matching.best(alert):
        return f"joins {match.incident.label}: {match.reason}"
    return await _without_incident(placing, alert)


async def _without_incident(placing: Placing, alert: Alert) -> str:
    sheet = placing.sheet(alert)
    if noise := await placing.noise(alert, sheet):
        return f"is noise, counted and no more: {noise}"
    severity = f"{sheet.severity} {sheet.severity.word}"
    if sheet.severity is Severity.P3:
        return f"joins no running incident; goes to the hourly digest as {severity}"
    limit = await grouping.threshold(placing, _new(placing, alert))
    if limit and not limit.is_reached:
        return f"waits for {limit.after} alerts within {limit.within_min} minutes; {len(limit.others)} wait so far"
    return f"joins no running incident; opens one as {severity}"


def _muted(placing: Placing, alert: Alert) -> str | None:
    if source := placing.muting.source_of(alert):
        return f"by {source.name} on {source.service or 'an unnamed service'}, which fires"
    if silence := placing.muting.silence_of(alert):
        return f"until {silence.until:%Y-%m-%d %H:%M} UTC: {silence.reason}"
    mute = placing.deps.catalog.correlation.mute(alert, placing.deps.now())
    return f"until {mute.until:%Y-%m-%d %H:%M} UTC: {mute.reason}" if mute else None


def _new(placing: Placing, alert: Alert) -> StoredAlert:
    now = placing.deps.now()
    return StoredAlert(alert=alert, first_seen=now, last_seen=now, times_seen=1, incident_id=None, digest_hour=None)


def _fields(values: Mapping[str, Any], indent: str = "  ") -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield f"{indent}{name}:"
            yield from _fields(value, indent + "  ")
        elif value not in (None, "", {}):
            yield f"{indent}{name}: {value}"
