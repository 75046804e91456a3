"""Escalation: who else is called about an incident, after how long and why. Pure: facts and a policy in, calls out."""

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.domain.rotation import zone_of
from incident_copilot.domain.worth import Worth

_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_CONTACT = r"^(primary|secondary|commander|team:[^\s]{1,100}|[UW][A-Z0-9]{2,40})$"
Minutes = dict[Severity, int]
QUALITY = ("quality_degradation", "model_regression", "context_retrieval", "data_quality")
"""Types in which a system answers and its answers are worse."""


class Contact(Frozen):
    """Whom to call: the first of these that is somebody: primary, secondary, commander, team:NAME, or a chat id."""

    who: tuple[str, ...] = Field(min_length=1, max_length=5)

    @field_validator("who", mode="before")
    @classmethod
    def _listed(cls, who: object) -> object:
        return (who,) if isinstance(who, str) else who

    @field_validator("who")
    @classmethod
    def _are_known_words(cls, who: tuple[str, ...]) -> tuple[str, ...]:
        strange = [one for one in who if not re.fullmatch(_CONTACT, one)]
        if strange:
            raise ValueError(f"{strange[0]} is nobody: write primary, secondary, commander, team:NAME or a Slack id")
        return who


class Route(Frozen):
    """A row of the matrix: for incidents of these types `to` is called when they last longer than `after_min`."""

    types: tuple[str, ...] = Field(min_length=1)
    to: Contact
    after_min: int = Field(ge=0, le=7 * 24 * 60)


class Business(Frozen):
    """Whom the business wants called at once for what matters most to it.

    That is by the tier of the service, by what is lost in a minute, or by the tiers of `customers` that are affected,
    as alerts name them with the label `customer_tier`.
    """

    to: Contact
    tiers: tuple[int, ...] = (1,)
    customers: tuple[str, ...] = ()
    cost_per_minute: float | None = Field(default=None, gt=0)
    severities: tuple[Severity, ...] = (Severity.P0,)

    def why(self, facts: "Facts") -> str | None:
        """Return why it is among what matters most, or None; what it costs counts in whichever currency."""
        service, worth = facts.incident.service, facts.worth
        if facts.tier in self.tiers:
            return f"{service} is of tier {facts.tier}"
        if affected := sorted(facts.customers & {*self.customers}):
            return f"{affected[0]} customers are affected"
        lost = worth.cost_per_minute if worth else None
        if worth and lost and self.cost_per_minute and lost >= self.cost_per_minute:
            return f"{service} costs {lost:g} {worth.currency} a minute while it fails"
        return None


class QuietHours(Frozen):
    """When small incidents call nobody; they do when it ends. It may go over midnight, in a time zone."""

    begin: str = Field(pattern=_TIME)
    end: str = Field(pattern=_TIME)
    zone: str = "UTC"
    severities: tuple[Severity, ...] = (Severity.P2, Severity.P3)

    @field_validator("zone")
    @classmethod
    def _is_known(cls, zone: str) -> str:
        return zone_of(zone)

    def end_of(self, severity: Severity, now: datetime) -> datetime | None:
        """Return when they end, or None where they do not hold for this severity now."""
        local = now.astimezone(ZoneInfo(self.zone))
        said = f"{local:%H:%M}"
        within = self.begin <= said < self.end if self.begin < self.end else said >= self.begin or said < self.end
        if severity not in self.severities or not within:
            return None
        ends = datetime.combine(local.date(), time.fromisoformat(self.end))
        ends += timedelta(days=said >= self.end)
        return ends.replace(tzinfo=ZoneInfo(self.zone)).astimezone(ZoneInfo("UTC"))


def _routes() -> tuple[Route, ...]:
    """The matrix of seed 003: provider outages 30 min, performance 1 h, security at once, quality 2 h.

    Unfairness is for those who answer for it at once, as security is.
    """
    return (
        Route(types=("dependency",), to=Contact(who=("secondary",)), after_min=30),
        Route(types=("performance", "capacity"), to=Contact(who=("secondary",)), after_min=60),
        Route(types=("security", "prompt_injection"), to=Contact(who=("team:security", "secondary")), after_min=0),
        Route(types=("bias_and_fairness",), to=Contact(who=("team:legal-and-ethics", "secondary")), after_min=0),
        Route(types=QUALITY, to=Contact(who=("secondary",)), after_min=120),
    )


class Escalation(Frozen):
    """Who is called when: not acknowledged in time, no progress, too much for one, by type, and for the business.

    Minutes are by severity; one that is left out calls nobody. After `response_min` the secondary is called, after
    twice that `last`. `several_services` in trouble, or no likely cause after `unknown_cause_min`, are too much for one
    person: `helper` is called, as for no progress. Alerts of the sources in `paged_already` come from where people were
    paged, so no pager is told of their incidents.
    """

    response_min: Minutes = Field(
        default_factory=lambda: {Severity.P0: 15, Severity.P1: 30, Severity.P2: 120, Severity.P3: 1440}
    )
    progress_min: Minutes = Field(default_factory=lambda: {Severity.P0: 30, Severity.P1: 60})
    several_services: int = Field(default=4, ge=2)
    unknown_cause_min: Minutes = Field(default_factory=lambda: {Severity.P0: 30, Severity.P1: 60})
    helper: Contact = Contact(who=("secondary",))
    last: Contact | None = None
    matrix: tuple[Route, ...] = Field(default_factory=_routes)
    business: Business | None = None
    quiet_hours: QuietHours | None = None
    paged_already: tuple[str, ...] = ("pagerduty", "opsgenie", "victorops")

    def response_time(self, severity: Severity) -> timedelta:
        """Return how long until somebody must have acknowledged."""
        return timedelta(minutes=self.response_min.get(severity, 1440))


class Facts(Frozen):
    """What the rules look at; `since` is when the incident was opened, or opened again."""

    incident: Incident
    since: datetime
    progress_at: datetime
    services: int = 1
    cause_is_known: bool = False
    tier: int | None = None
    worth: Worth | None = None
    customers: frozenset[str] = frozenset()


class Due(NamedTuple):
    """A call that is due at a time: by which rule, to whom, and why in words."""

    at: datetime
    rule: str
    to: Contact
    why: str


def calls(policy: Escalation, facts: Facts) -> list[Due]:
    """Return the calls that an incident as it is now leads to, due or not yet, the earliest first."""
    if not facts.incident.is_running or facts.incident.status is Status.MITIGATED:
        return []
    return sorted(_calls(policy, facts), key=lambda one: (one.at, one.rule))


def held_until(policy: Escalation, incident: Incident, now: datetime) -> datetime | None:
    """Return until when calls of an incident are held back by a snooze or by quiet hours; None: they are not."""
    quiet = policy.quiet_hours.end_of(incident.severity, now) if policy.quiet_hours else None
    snoozed = incident.snoozed_until if incident.snoozed_until and now < incident.snoozed_until else None
    return max((one for one in (quiet, snoozed) if one), default=None)


def _calls(policy: Escalation, facts: Facts) -> Iterator[Due]:
    incident, severity = facts.incident, facts.incident.severity
    if incident.status is Status.OPEN:
        # Nobody was called in quiet hours, so nobody could be late before they ended.
        held = policy.quiet_hours.end_of(severity, facts.since) if policy.quiet_hours else None
        at = (held or facts.since) + 2 * policy.response_time(severity)
        if policy.last:
            yield Due(at, "still_unacknowledged", policy.last, "still nobody has acknowledged it")
    elif severity in policy.progress_min:
        at = facts.progress_at + timedelta(minutes=policy.progress_min[severity])
        yield Due(at, "no_progress", policy.helper, f"nothing was done for {policy.progress_min[severity]} min")
    if facts.services >= policy.several_services:
        yield Due(facts.since, "several_services", policy.helper, f"{facts.services} services are in trouble")
    is_taken = incident.status is not Status.OPEN
    if is_taken and not facts.cause_is_known and severity in policy.unknown_cause_min:
        minutes = policy.unknown_cause_min[severity]
        at = facts.since + timedelta(minutes=minutes)
        yield Due(at, "unknown_cause", policy.helper, f"its cause is not known after {minutes} min")
    for route in policy.matrix:
        if incident.incident_type in route.types:
            kind = incident.incident_type.replace("_", " ")
            lasted = f" that lasts longer than {route.after_min} min" if route.after_min else ""
            why = f"it is a {kind} incident{lasted}"
            yield Due(facts.since + timedelta(minutes=route.after_min), f"type:{incident.incident_type}", route.to, why)
    wanted = policy.business
    if wanted and severity in wanted.severities:
        matters = wanted.why(facts)
        if matters:
            yield Due(facts.since, "business", wanted.to, matters)
