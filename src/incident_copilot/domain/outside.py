"""Outside parties of an incident: vendors with contact, SLA and case, and authorities to be told in time. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import Field

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.incident import Incident

BY_VENDOR = "dependency"
"""The type of incidents whose cause is with somebody else."""


class Vendor(Frozen):
    """Somebody whose service ours need: who is asked for help and how, and what was agreed.

    `services` are those of ours that need it. A name that services depend on in the catalogue is found by itself.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")
    contact: str = Field(min_length=3, max_length=300)
    sla: str | None = Field(default=None, max_length=200)
    services: tuple[str, ...] = ()


class Regulation(Frozen):
    """Whom the law wants told of some incidents, and within how long after the incident was opened.

    With `personal_data` it is for services that handle such, or of which nobody knows. `lead` is reminded, else whoever
    sends updates, `remind_before_h` before the deadline and once it has passed.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")
    tell: str = Field(min_length=3, max_length=200)
    within_h: float = Field(gt=0, le=24 * 365)
    types: tuple[str, ...] = Field(default=("security",), min_length=1)
    personal_data: bool = False
    lead: str | None = Field(default=None, pattern=r"^[UW][A-Z0-9]{2,40}$")
    remind_before_h: tuple[float, ...] = Field(default=(24, 4), max_length=10)

    def due_at(self, incident: Incident) -> datetime:
        """Return until when they have to be told."""
        return incident.opened_at + timedelta(hours=self.within_h)

    def reminders(self, incident: Incident) -> list[datetime]:
        """Return when somebody is reminded, the last time at the deadline itself."""
        due = self.due_at(incident)
        return sorted({due, *(due - timedelta(hours=hours) for hours in self.remind_before_h)})


def vendors_of(vendors: Sequence[Vendor], incident: Incident, depends_on: Sequence[str]) -> list[Vendor]:
    """Return the vendors that an incident's service needs, or that have a case about it."""
    needed = {*depends_on, incident.service}
    return [
        one
        for one in vendors
        if incident.service in one.services or one.name in needed or one.name in incident.vendor_cases
    ]


def duties_of(regulations: Sequence[Regulation], incident: Incident, *, personal_data: bool | None) -> list[Regulation]:
    """Return what the law wants of an incident; of a test it wants nothing."""
    return [
        one
        for one in regulations
        if not incident.test
        and incident.incident_type in one.types
        and (personal_data is not False or not one.personal_data)
    ]


def vendor_line(vendor: Vendor, incident: Incident) -> str:
    """Return how a vendor is reached about an incident."""
    case = incident.vendor_cases.get(vendor.name)
    sla = f"; SLA: {vendor.sla}" if vendor.sla else ""
    return f"{vendor.name}: {vendor.contact}{sla}; {f'case {case}' if case else 'no case yet'}"


def duty_line(duty: Regulation, incident: Incident, now: datetime) -> str:
    """Return by when an authority has to be told, or that it was."""
    told_at, due = incident.authorities_told.get(duty.name), duty.due_at(incident)
    if told_at:
        late = " late" if told_at > due else ""
        return f"{duty.name}: {duty.tell} was told{late} at {told_at:%Y-%m-%d %H:%M} UTC"
    left = (due - now).total_seconds() / 3600
    when = f"in {left:.0f} h" if left > 0 else "overdue"
    return f"{duty.name}: tell {duty.tell} by {due:%Y-%m-%d %H:%M} UTC, {when}"
