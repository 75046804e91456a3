"""Show what a webhook's body would become and which incident each alert would join, and store nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.errors import ConfigError, StoreUnavailable
from incident_copilot.pipeline import correlate, dead_letters
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.muting import Muting
from incident_copilot.ports import AlertSource
from incident_copilot.store import schema


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
    if delivery.ignored:
        said.append(f"ignored: {delivery.ignored}")
    if delivery.unknown:
        said.append(f"unknown, kept as a dead letter: {delivery.unknown}")
    return said


async def _place(deps: Deps, alert: Alert) -> str:
    if alert.status is AlertStatus.RESOLVED:
        return "ends where it fires, joins nothing"
    try:
        await schema.check_schema(deps.db)
        async with deps.db.read() as db:
            muting = await Muting.begin(db, deps)
            match = await correlate.preview(db, deps, alert)
    except (ConfigError, StoreUnavailable) as error:
        return f"which incident it would join is not known: {error}"
    if muted := _muted(deps, muting, alert):
        return f"opens nothing, muted: {muted}"
    return f"joins {match.incident.label}: {match.reason}" if match else "joins no running incident"


def _muted(deps: Deps, muting: Muting, alert: Alert) -> str | None:
    """Return what keeps an alert out of incidents now, or None."""
    if source := muting.source_of(alert):
        return f"{source.name} fires"
    mute = muting.silence_of(alert) or deps.catalog.correlation.mute(alert, deps.now())
    return mute.reason if mute else None


def _fields(values: Mapping[str, Any], indent: str = "  ") -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield f"{indent}{name}:"
            yield from _fields(value, indent + "  ")
        elif value not in (None, "", {}):
            yield f"{indent}{name}: {value}"
