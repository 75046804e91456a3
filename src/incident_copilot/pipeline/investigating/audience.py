"""Who may read what of an AI system in an incident: fairness and attacks have an audience of their own."""

from collections.abc import Mapping

from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.verdict import AiIncident

_OF_FIGURES: Mapping[str, tuple[AiIncident, ...]] = {
    "fairness": (AiIncident.BIAS,),
    "safety": (AiIncident.SECURITY, AiIncident.INJECTION),
}


def may_read(catalog: Catalog, incident: Incident, *types: AiIncident) -> bool:
    """Whether what is of these types of incidents may be told in an incident: it is of one, or none is restricted."""
    return incident.incident_type in types or not any(map(catalog.restricts, types))


def may_read_figure(catalog: Catalog, incident: Incident, metric: str) -> bool:
    """Whether a figure may be told in an incident."""
    return may_read(catalog, incident, *_OF_FIGURES.get(metric.partition(".")[0], ()))
