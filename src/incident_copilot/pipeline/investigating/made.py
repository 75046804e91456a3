"""Evidence that the copilot makes of what it holds itself, taken now."""

from typing import Any

from incident_copilot.domain.base import new_id
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline.deps import Deps


def made(deps: Deps, incident: Incident, kind: EvidenceKind, source: str, **fields: Any) -> Evidence:
    """Return a piece of evidence of an incident; `fields` are those of Evidence."""
    now = deps.now()
    told = {"id": new_id(now), "incident_id": incident.id, "source": source, "kind": kind, "taken_at": now}
    return Evidence.model_validate(told | fields)
