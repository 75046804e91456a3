"""The product's brief on evidence that an eval gives, without a model, a database or a chat."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.domain.evidence import ContextBundle
from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigate import Investigation, investigate


def found_of(
    title: str,
    service: str,
    bundle: ContextBundle,
    *,
    alerted: datetime,
    opened: datetime,
    until: datetime,
    depends_on: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Incident, Investigation]:
    """Return the incident of one alert of a service, and all that the copilot finds."""
    incident = incident_of(title, service, started=alerted, opened=opened)
    alert = Alert(
        source="eval",
        fingerprint=title,
        name=title,
        status=AlertStatus.FIRING,
        summary=title,
        service=service,
        starts_at=alerted,
    )
    known = tuple(Service(name=name, depends_on=tuple(needs)) for name, needs in (depends_on or {}).items())
    return incident, investigate(deps_of(Catalog(services=known), until), incident, [alert], bundle)


def incident_of(title: str, service: str, *, started: datetime, opened: datetime, **fields: str) -> Incident:
    """Return a running incident of a service."""
    told = {"id": "i", "workspace_id": "w", "number": 1, "title": title, "service": service, "severity": "P1"}
    times = {"started_at": started, "opened_at": opened}
    return Incident.model_validate({**told, "status": "open", "correlation_key": title, **times, **fields})


def deps_of(catalog: Catalog, now: datetime) -> Deps:
    """Return what an investigation needs that computes only: it touches neither database nor chat."""
    nothing: Any = None
    return Deps(db=nothing, now=lambda: now, workspace_id="w", chat=nothing, catalog=catalog, runbooks=nothing)
