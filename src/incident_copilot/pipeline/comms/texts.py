"""Templates of status updates: each audience in its own tone and length, and nothing that is not known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from incident_copilot.domain import incident_type
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.hypothesis import Brief, Verdict
from incident_copilot.domain.incident import Incident, Status
from incident_copilot.domain.proposal import Audience
from incident_copilot.domain.team_settings import Language
from incident_copilot.pipeline.comms.languages import PHRASES
from incident_copilot.pipeline.reviewing import inert
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
    cadence: timedelta | None = None
    """How long after this update the next one is due, where a team has set that."""
    language: Language = "en"
    """In which customers are told; everybody else is told in English."""

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
    def failing(self) -> str:
        """How many requests fail, as in 20%; "" where no alert says it."""
        shares = [found for alert in self.members if (found := share_failing(alert))]
        return f"{max(shares):.0%}" if shares else ""

    @property
    def share(self) -> str:
        """The same as a sentence."""
        return f" {PHRASES['en'].share.format(share=self.failing)}" if self.failing else ""

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
    is_for_customers = audience is Audience.CUSTOMERS
    promise = next_update(known, known.language if is_for_customers else "en")
    return "\n".join([*lines, *([] if known.incident.status is Status.RESOLVED else [promise])])


def holding_statement(audience: Audience, known: Known) -> str:
    """Say that somebody is on it and when more will be said; what happened is for people to tell."""
    incident = known.incident
    if audience.is_outside:
        opening, over = "We are looking into a problem with our service.", "The problem we were looking into is over."
    else:
        opening = f"{incident.label} ({incident.severity}) is being handled by those who need to know of it."
        over = f"{incident.label} is over."
    return over if incident.status is Status.RESOLVED else f"{opening}\n{next_update(known)}"


def next_update(known: Known, language: Language = "en") -> str:
    """Return the promise of the next update, which becomes a timer once it is published."""
    comms = known.catalog.comms
    due = known.now + (known.cadence or comms.cadence(known.incident.severity))
    return PHRASES[language].next_update.format(at=comms.clock(due))


def _for_colleagues(known: Known) -> list[str]:
    incident, suspect = known.incident, known.brief.suspect
    said = known.members[0].description or known.members[0].summary if known.members else ""
    # Whoever approves it approves words; an address in them would become a link.
    what = inert.dead(said or incident.title)
    is_likely = suspect is not None and suspect.verdict is Verdict.LIKELY
    return [
        f"{incident.label} ({incident.severity_in_words}): {what}",
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
    level = f"{incident.severity_in_words}"
    return [
        f"{incident.label}, {level}: since {known.since} requests to {known.thing} {verb}.{share}",
        f"What to expect: {expected}",
        f"Who is on it: {f'{known.leader} leads' if known.leader else 'the engineers on call'}.",
    ]


def _for_customers(known: Known) -> list[str]:
    """What they notice, what they can do, and no cause."""
    say, status = PHRASES[known.language], known.incident.status
    thing = say.unnamed if known.thing == UNNAMED else known.thing
    answers = incident_type.of(known.incident.incident_type).of_ai
    failing = say.wrong if answers else say.failing
    begun = (say.failed if known.is_mended else failing).format(since=known.since, thing=thing)
    if status is Status.RESOLVED:
        return [begun, say.works.format(Thing=f"{thing[0].upper()}{thing[1:]}")]
    if status is Status.MITIGATED:
        return [begun, say.mended]
    return [
        f"{begun} {say.share.format(share=known.failing)}" if known.failing else begun,
        *([say.meanwhile.format(workaround=known.workaround)] if known.workaround else []),
        say.at_work,
    ]


def _for_outside_parties(known: Known) -> list[str]:
    """For regulators, vendors and partners: dates in full, and nothing that may have to be taken back."""
    on = f"On {known.catalog.comms.day(known.started_at)} at {known.since}"
    state = {
        Status.MITIGATED: "It has been contained and is under observation. The cause is being confirmed.",
        Status.RESOLVED: "It has ended. The cause is being confirmed; a report can be given on request.",
    }.get(known.incident.status, "It is being handled. No cause is confirmed.")
    return [f"{on} a disruption of {known.thing} began.", state]
