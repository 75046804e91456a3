"""Who outside has to do with an incident, by the catalogue: vendors who help, and whom the law wants told."""

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.outside import (
    BY_VENDOR,
    Regulation,
    Vendor,
    duties_of,
    duty_line,
    vendor_line,
    vendors_of,
)
from incident_copilot.pipeline.deps import Deps


def vendors(deps: Deps, incident: Incident) -> list[Vendor]:
    """Return the vendors that the incident's service needs, or that have a case about it."""
    return vendors_of(deps.catalog.vendors, incident, deps.catalog.depends_on.get(incident.service or "", ()))


def vendor_lines(deps: Deps, incident: Incident) -> tuple[str, ...]:
    """Return what the card says of vendors: where it may be their trouble, and where there is a case."""
    concerned = incident.incident_type == BY_VENDOR or incident.vendor_cases
    return tuple(vendor_line(one, incident) for one in vendors(deps, incident)) if concerned else ()


def duties(deps: Deps, incident: Incident) -> list[Regulation]:
    """Return whom the law wants told of an incident."""
    service = deps.catalog.service(incident.service)
    holds = service.handles_personal_data if service else None
    return duties_of(deps.catalog.regulatory, incident, personal_data=holds)


def duty_lines(deps: Deps, incident: Incident) -> tuple[str, ...]:
    """Return a line for each deadline."""
    return tuple(duty_line(one, incident, deps.now()) for one in duties(deps, incident))
