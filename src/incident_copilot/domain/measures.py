"""Measures: how incidents went and how the copilot did in them, over a period; everything is computed from rows."""

from enum import StrEnum

from pydantic import Field

from incident_copilot.domain.base import Frozen, Utc


class Phase(StrEnum):
    """The four times of an incident: to acknowledge counts from the opening, the others from the onset."""

    DETECT = "detect"
    ACKNOWLEDGE = "acknowledge"
    MITIGATE = "mitigate"
    RESOLVE = "resolve"

    @property
    def short(self) -> str:
        """The abbreviation that people know."""
        return f"MTT{self.value[0].upper()}"


class Spread(Frozen):
    """What a sample says. `low` and `high` hold the true median in 9 of 10 cases, None for too few.

    `before` is the median of the period before, `chance` how often as great a difference comes by chance alone.
    """

    number: int
    mean: float
    median: float
    p90: float
    low: float | None = None
    high: float | None = None
    before: float | None = None
    before_number: int = 0
    chance: float | None = None


class Share(Frozen):
    """A part of a whole, between what it truly lies in 9 of 10 cases."""

    name: str
    part: int
    whole: int
    low: float
    high: float


class Load(Frozen):
    """What one person had to do: in how many incidents, how many they led, how often they were called, and at night."""

    person: str
    name: str
    incidents: int
    led: int
    calls: int
    at_night: int


class Week(Frozen):
    """One week: how many incidents opened, and the median time to resolve of those, None where none has ended."""

    begins: Utc
    incidents: int
    resolve_s: float | None


class Saved(Frozen):
    """Minutes that were likely saved, and how that was reckoned."""

    minutes: int
    how: tuple[str, ...]


class Rule(Frozen):
    """Which incidents are measured; None is all."""

    service: str | None = None
    severity: str | None = None
    incident_type: str | None = None

    @property
    def text(self) -> str:
        """It in words; empty where all are."""
        named = (("service", self.service), ("severity", self.severity), ("type", self.incident_type))
        return ", ".join(f"{name} {value}" for name, value in named if value)


Times = dict[Phase, Spread]


class Measures(Frozen):
    """Everything that is measured over a period; tests, private and merged incidents are left out.

    `left_out` counts incidents beyond what is looked at. `by` has the times by group, as by["severity"]["P1"].
    """

    since: Utc
    until: Utc
    rule: Rule = Rule()
    incidents: int = 0
    left_out: int = 0
    times: Times = Field(default_factory=dict)
    by: dict[str, dict[str, Times]] = Field(default_factory=dict)
    weeks: tuple[Week, ...] = ()
    accepted: tuple[Share, ...] = ()
    shadowed: tuple[Share, ...] = ()
    edited: Spread | None = None
    usd: Spread | None = None
    tokens: Spread | None = None
    detection: tuple[Share, ...] = ()
    triage: tuple[Share, ...] = ()
    updates: Share | None = None
    recurring: Share | None = None
    rating: Spread | None = None
    saved: Saved = Saved(minutes=0, how=())
    load: tuple[Load, ...] = ()

    @property
    def days(self) -> int:
        """How long the period is."""
        return round((self.until - self.since).total_seconds() / 86_400)
