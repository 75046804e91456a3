"""Templates of status updates: each audience in its own tone and length, and nothing that is not known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.hypothesis import Brief, Verdict
from incident_copilot.domain.incident import Incident, Status
from incident_copilot.domain.proposal import Audience
from incident_copilot.pipeline.triage import share_failing

UNNAMED = "our service"
HANDLED = {Status.MITIGATED: "mitigated", Status.RESOLVED: "resolved"}


@dataclass(frozen=True)
class Known:
    """What an update may tell."""

    incident: Incident
    members: Sequence[Alert]
    brief: Brief
    started_at: datetime
    now: datetime
    catalog: Catalog

    @property
    def thing(self) -> str:
        """What people outside call the service that is in trouble."""
        service = self.catalog.service(self.incident.service)
        return (service.public_name if service else None) or UNNAMED

    @property
    def workaround(self) -> str | None:
        """What people outside can do meanwhile."""
        service = self.catalog.service(self.incident.service)
        return service.workaround if service else None

    @property
    def share(self) -> str:
        """How many requests fail, as a sentence; "" where no alert says it."""
        shares = [found for alert in self.members if (found := share_failing(alert))]
        return f" About {max(shares):.0%} of them fail." if shares else ""

    @property
    def is_mended(self) -> bool:
        """Whether it works again, for now or for good."""
        return self.incident.status in HANDLED

    @property
    def since(self) -> str:
        """When it began, as it is told."""
        return self.catalog.comms.clock(self.started_at)

    @property
    def leader(self) -> str | None:
        """The name of who leads, where it is known."""
        person = self.catalog.person(self.incident.commander) if self.incident.commander else None
        return (person.name or None) if person else None


def text_for(audience: Audience, known: Known) -> str:
    """Return the update for an audience."""
    lines = {
        Audience.INTERNAL: _for_colleagues,
        Audience.MANAGEMENT: _for_management,
        Audience.CUSTOMERS: _for_customers,
        Audience.EXTERNAL: _for_outside_parties,
    }[audience](known)
    closing = [] if known.incident.status is Status.RESOLVED else [next_update(known)]
    return "\n".join([*lines, *closing])


def holding_statement(audience: Audience, known: Known) -> str:
    """Say that somebody is on it and when more will be said; what happened is for people to tell."""
    incident = known.incident
    if audience.is_outside:
        opening, over = "We are looking into a problem with our service.", "The problem we were looking into is over."
    else:
        opening = f"{incident.label} ({incident.severity}) is being handled by those who need to know of it."
        over = f"{incident.label} is over."
    return over if incident.status is Status.RESOLVED else f"{opening}\n{next_update(known)}"


def next_update(known: Known) -> str:
    """Return the promise of the next update, which becomes a timer once it is published."""
    comms = known.catalog.comms
    return f"Next update by {comms.clock(known.now + comms.cadence(known.incident.severity))}."


def _for_colleagues(known: Known) -> list[str]:
    incident, suspect = known.incident, known.brief.suspect
    said = known.members[0].description or known.members[0].summary if known.members else ""
    is_likely = suspect is not None and suspect.verdict is Verdict.LIKELY
    return [
        f"{incident.label} ({incident.severity} {incident.severity.word}): {said or incident.title}",
        f"Since {known.since}. Status: {HANDLED.get(incident.status, 'being handled')}.",
        *([f"Likely cause: {suspect.cause}."] if suspect and is_likely else []),
        *([f"Led by {known.leader}."] if known.leader else []),
    ]


def _for_management(known: Known) -> list[str]:
    """Impact, what to expect, who is on it; no names of parts and no figures but the share of users."""
    incident, suspect = known.incident, known.brief.suspect
    is_likely = suspect is not None and suspect.verdict is Verdict.LIKELY
    expected = {
        Status.MITIGATED: "A fix is in place and is being watched.",
        Status.RESOLVED: "It is over. A review follows.",
    }.get(
        incident.status,
        "A likely cause is known and is being worked on." if is_likely else "The cause is still being looked for.",
    )
    verb = "failed" if known.is_mended else "have been failing"
    share = "" if known.is_mended else known.share
    level = f"{incident.severity} {incident.severity.word}"
    return [
        f"{incident.label}, {level}: since {known.since} requests to {known.thing} {verb}.{share}",
        f"What to expect: {expected}",
        f"Who is on it: {f'{known.leader} leads' if known.leader else 'the engineers on call'}.",
    ]


def _for_customers(known: Known) -> list[str]:
    """What they notice, what they can do, and no cause."""
    thing, status = known.thing, known.incident.status
    if status is Status.RESOLVED:
        begun = f"From {known.since} some requests to {thing} failed."
        return [begun, f"{thing[0].upper()}{thing[1:]} works again. We are sorry for the trouble."]
    if status is Status.MITIGATED:
        begun = f"From {known.since} some requests to {thing} failed."
        return [begun, "A fix is in place and we are watching it."]
    return [
        f"Since {known.since} requests to {thing} have been failing.{known.share}",
        *([f"Meanwhile: {known.workaround}"] if known.workaround else []),
        "Our engineers are working on it.",
    ]


def _for_outside_parties(known: Known) -> list[str]:
    """For regulators, vendors and partners: dates in full, and nothing that may have to be taken back."""
    on = f"On {known.catalog.comms.day(known.started_at)} at {known.since}"
    state = {
        Status.MITIGATED: "It has been contained and is under observation. The cause is being confirmed.",
        Status.RESOLVED: "It has ended. The cause is being confirmed; a report can be given on request.",
    }.get(known.incident.status, "It is being handled. No cause is confirmed.")
    return [f"{on} a disruption of {known.thing} began.", state]
