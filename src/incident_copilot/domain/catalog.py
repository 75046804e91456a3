"""The service catalogue: who owns what, what depends on what, who is on call, who may decide."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from incident_copilot.domain.automation import Automation, AutomationPolicy
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.comms import CommsPolicy
from incident_copilot.domain.escalation import Escalation
from incident_copilot.domain.grouping import Grouping
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.incident_type import BY_NAME, of
from incident_copilot.domain.noise import NoisePolicy
from incident_copilot.domain.outside import Regulation, Vendor
from incident_copilot.domain.person import Role
from incident_copilot.domain.proposal import Risk
from incident_copilot.domain.rotation import Rotation, zone_of
from incident_copilot.domain.support_hours import SupportHours
from incident_copilot.domain.worth import Worth

NOT_PRODUCTION = ("staging", "stage", "stg", "dev", "development", "test", "testing", "qa", "sandbox", "preview")


MAILBOX = r"^[^@\s,;<>\"]+@[^@\s,;<>\"]+$"
"""An e-mail address and nothing else: it becomes part of a header."""


class Rollback(Frozen):
    """The workflow that rolls a service back."""

    workflow: str
    ref: str = "main"


class Service(Frozen):
    """A service; `tier` 1 is the most important to the business; with `model: off` no language model sees it.

    `public_name` is what people outside call it, and `workaround` what they can do while it fails.
    """

    name: str
    team: str | None = None
    tier: int | None = Field(default=None, ge=1, le=4)
    user_facing: bool | None = None
    handles_personal_data: bool | None = None
    kind: str = "service"
    depends_on: tuple[str, ...] = ()
    repo: str | None = None
    environment: str = "production"
    slack_channel: str | None = None
    rollback: Rollback | None = None
    support_hours: SupportHours | None = None
    model: bool = True
    public_name: str | None = Field(default=None, max_length=80)
    workaround: str | None = Field(default=None, max_length=300)
    automation: Automation = Automation.SUPERVISED
    worth: Worth | None = None


class OnCall(Frozen):
    """Who is called first and second: by a schedule elsewhere, else by a rotation, else always the same chat ids.

    `source` is a schedule source of copilot.yaml and `schedule` its name or id there; while it cannot be read, what it
    said last counts, and then the rotation or the fixed people. `pager` is one of copilot.yaml that is told as well.
    """

    primary: str | None = None
    secondary: str | None = None
    rotation: Rotation | None = None
    source: str | None = None
    schedule: str | None = None
    pager: str | None = None

    @model_validator(mode="after")
    def _names_both(self) -> "OnCall":
        if (self.source is None) is not (self.schedule is None):
            raise ValueError("write source and schedule, both")
        return self


MOST_EXAMPLES = 500
"""What is learnt from in well under a second, when the first alert after a start or reload needs it."""
Examples = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=2000)], ...], Field(max_length=100)]
"""What alerts of one kind say: names or texts; words such as `topic=kafka` are labels."""


class Team(Frozen):
    """A team, its rotation, and where its e-mail goes while the chat is away.

    `examples` are alerts of the team: an alert that names no known service goes to whom its words fit.
    """

    name: str
    on_call: OnCall = OnCall()
    email: str | None = Field(default=None, pattern=MAILBOX)
    examples: Examples = ()


class CatalogPerson(Frozen):
    """Roles of one person by chat id; with `services` they approve actions on no others.

    `zone` is where they live, as an IANA name: what is night for them is measured by it.
    """

    slack: str
    name: str = ""
    email: str | None = Field(default=None, pattern=MAILBOX)
    roles: frozenset[Role] = frozenset()
    max_risk: Risk = Risk.HIGH
    services: tuple[str, ...] = ()
    zone: Annotated[str, AfterValidator(zone_of)] | None = None


class SeverityPolicy(Frozen):
    """Which label words force which severity at least, and the weights of the score sheet by incident type.

    `caps` names, by environment, the severity that nothing there exceeds; an empty one lets tests page like production.
    `examples` are alerts by severity word; they say what an alert without such a word is like.
    """

    floors: dict[str, Severity] = Field(default_factory=lambda: {"critical": Severity.P1, "page": Severity.P1})
    caps: dict[str, Severity] = Field(default_factory=lambda: dict.fromkeys(NOT_PRODUCTION, Severity.P2))
    weights: dict[str, dict[str, float]] = Field(default_factory=dict)
    examples: dict[Literal["critical", "warning", "info"], Examples] = Field(default_factory=dict)


class TypePolicy(Frozen):
    """Whose incidents of a type are, and whether they are for that team and those whom it brings in alone.

    What is left out is as the copilot has it: docs/ai-incidents.md lists types, owners and which are restricted.
    `examples` are alerts of the type: one that names no type and is clearly like them is of it.
    """

    team: str | None = None
    restricted: bool | None = None
    examples: Examples = ()


class ApprovalPolicy(Frozen):
    """Who may approve what; `solo` lets one person decide alone where two are needed, logged as such.

    For `rejections_count_days` a rejection is told with the same proposal in a later incident; 0: never.
    """

    solo: bool = False
    high_risk_people: int = Field(default=2, ge=1, le=5)
    expires_after_s: int = Field(default=3600, ge=60)
    rejections_count_days: int = Field(default=90, ge=0, le=3650)


class Catalog(Frozen):
    """Everything in catalog.yaml; empty by default."""

    services: tuple[Service, ...] = ()
    teams: tuple[Team, ...] = ()
    people: tuple[CatalogPerson, ...] = ()
    severity: SeverityPolicy = SeverityPolicy()
    approvals: ApprovalPolicy = ApprovalPolicy()
    automation: AutomationPolicy = AutomationPolicy()
    correlation: Grouping = Grouping()
    noise: NoisePolicy = NoisePolicy()
    comms: CommsPolicy = CommsPolicy()
    escalation: Escalation = Escalation()
    vendors: tuple[Vendor, ...] = Field(default=(), max_length=200)
    regulatory: tuple[Regulation, ...] = Field(default=(), max_length=50)
    types: dict[str, TypePolicy] = Field(default_factory=dict)

    @field_validator("types")
    @classmethod
    def _types_are_known(cls, types: dict[str, TypePolicy]) -> dict[str, TypePolicy]:
        if strange := sorted(set(types) - set(BY_NAME)):
            raise ValueError(f"{strange[0]} is no type of incident: there are {', '.join(sorted(BY_NAME))}")
        return types

    @field_validator("teams")
    @classmethod
    def _few_enough_examples(cls, teams: tuple[Team, ...]) -> tuple[Team, ...]:
        number = sum(len(team.examples) for team in teams)
        if number > MOST_EXAMPLES:
            raise ValueError(f"{number} examples of all teams; keep the {MOST_EXAMPLES} that tell most")
        return teams

    def service(self, name: str | None) -> Service | None:
        """Return the service of this name, or None where the catalogue has none."""
        return next((service for service in self.services if service.name == name), None)

    def team(self, name: str | None) -> Team | None:
        """Return the team of this name, or None."""
        return next((team for team in self.teams if team.name == name), None)

    def person(self, chat_id: str) -> CatalogPerson | None:
        """Return what the catalogue says about a person, or None."""
        return next((person for person in self.people if person.slack == chat_id), None)

    def owner_of(self, incident_type: str) -> str | None:
        """Return the team whose incidents of a type are; None where none is named for it, or it does not exist."""
        wanted = (self.types.get(incident_type) or TypePolicy()).team or of(incident_type).owner
        return wanted if self.team(wanted) else None

    def restricts(self, incident_type: str) -> bool:
        """Whether incidents of a type are nobody's business but their audience's."""
        told = (self.types.get(incident_type) or TypePolicy()).restricted
        return of(incident_type).restricted if told is None else told

    def declared_automation(self, service: str | None) -> Automation:
        """Return how far the catalogue lets the copilot go for a service; for one it does not have, as by default."""
        known = self.service(service)
        return known.automation if known else Automation.SUPERVISED

    @property
    def depends_on(self) -> dict[str, tuple[str, ...]]:
        """Service name to the names it depends on."""
        return {service.name: service.depends_on for service in self.services}

    @property
    def opted_out(self) -> frozenset[str]:
        """The services that no language model may be told of."""
        return frozenset(service.name for service in self.services if not service.model)
