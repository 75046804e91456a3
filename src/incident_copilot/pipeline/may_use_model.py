"""Whether a model may be shown anything of an incident."""

from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline.deps import Deps


def may_use_model(deps: Deps, incident: Incident) -> bool:
    """Whether a model is configured and the incident is not private."""
    return deps.llm is not None and not incident.private
