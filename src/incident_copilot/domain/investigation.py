"""Investigation: what the model looks into for an incident, what that takes, and what it would change in the brief."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from pydantic import Field

from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.hypothesis import Hypothesis
from incident_copilot.domain.model_call import ModelCall


class Spent(Frozen):
    """What calls of a model took; `seconds` is the time that was waited for answers."""

    steps: int = 0
    tokens: int = 0
    usd: float = 0.0
    seconds: float = 0.0

    def plus(self, call: ModelCall) -> "Spent":
        """Return this and one call more."""
        return Spent(
            steps=self.steps + 1,
            tokens=self.tokens + call.input_tokens + call.output_tokens,
            usd=self.usd + (call.cost_usd or 0.0),
            seconds=self.seconds + call.latency_ms / 1000,
        )


class Budget(Frozen):
    """How much may be spent, on one incident or in one day."""

    steps: int
    tokens: int
    usd: float
    seconds: float

    @property
    def half(self) -> "Budget":
        """Half of it, the larger one where it is odd."""
        return Budget(
            steps=self.steps - self.steps // 2,
            tokens=self.tokens - self.tokens // 2,
            usd=self.usd / 2,
            seconds=self.seconds / 2,
        )

    def used_up(self, spent: Spent, of: str) -> str | None:
        """Return in words which part of it is used up, or None while there is some of each; `of` says whose it is."""
        parts = (
            (spent.steps >= self.steps, f"{self.steps} steps"),
            (spent.tokens >= self.tokens, f"{self.tokens:,} tokens"),
            (spent.usd >= self.usd, f"${self.usd:g}"),
            (spent.seconds >= self.seconds, f"{self.seconds:g} s"),
        )
        return _first_over(parts, of)

    def too_dear(self, spent: Spent, of: str) -> str | None:
        """Return in words whether tokens or dollars are used up: who asks a question takes no step of a plan."""
        parts = (
            (spent.tokens >= self.tokens, f"{self.tokens:,} tokens"),
            (spent.usd >= self.usd, f"${self.usd:g}"),
        )
        return _first_over(parts, of)


def _first_over(parts: Iterable[tuple[bool, str]], of: str) -> str | None:
    return next((f"the budget of {words} {of} is used up" for is_over, words in parts if is_over), None)


PER_INCIDENT = Budget(steps=12, tokens=60_000, usd=0.5, seconds=180)
PER_DAY = Budget(steps=500, tokens=2_000_000, usd=10, seconds=7_200)


class InvestigationState(StrEnum):
    """Where an investigation is."""

    RUNNING = "running"
    ENDED = "ended"


class Look(Frozen):
    """One use of a tool. `result` is untrusted text, `cited` the labels of the evidence that it shows.

    `is_new` is False where it had been asked for before, or there was nothing of that name. `parts` is what of the
    result is about each label, where it shows several.
    """

    specialist: str
    request_id: str
    tool: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    result: str
    cited: tuple[str, ...] = ()
    is_new: bool = True
    parts: dict[str, str] = Field(default_factory=dict)

    def about(self, label: str) -> str:
        """Return what it shows of a label."""
        return self.parts.get(label, self.result)


class Judgement(Frozen):
    """What a specialist makes of one hypothesis, after code has checked it; `evidence` and `against` are labels."""

    hypothesis: str
    confidence: float
    evidence: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    because: str = ""


class Opinion(Frozen):
    """A specialist's answer after the checks; `struck` says what was taken out and why, of `claims` that it made.

    `sentences` is how many it wrote, `unsupported` how many of them were struck.
    """

    specialist: str
    judgements: tuple[Judgement, ...] = ()
    next_step: str | None = None
    struck: tuple[str, ...] = ()
    claims: int = 0
    sentences: int = 0
    unsupported: int = 0


class Result(Frozen):
    """What the model would change; `order` are the labels of the hypotheses, best first.

    `above` is the label of the computed first cause where the model puts another one first, else None. `evidence` are
    the labels that this rests on; none of it where the model changed nothing.
    """

    order: tuple[str, ...]
    confidence: dict[str, float] = Field(default_factory=dict)
    above: str | None = None
    evidence: tuple[str, ...] = ()
    next_step: str | None = None


class Investigation(Frozen):
    """One investigation by the model, a step at a time.

    `plan` names the specialists in the order in which they are asked, `place` is the one at work. `hypotheses` are the
    brief's when it began, in its order, with those that a specialist added. `labels` gives each piece of evidence its
    short name, `steps` each next step that exists. `idle` counts steps in a row that brought nothing. `missing` are the
    servers whose tools could not be listed, `unusable` the specialists that gave no usable answer, with the reason;
    `lacked` says by specialist what the model had no room for. `why` says why it ended. `records` say how specialists
    of the plan have done in other incidents.
    """

    id: str
    workspace_id: str
    incident_id: str
    state: InvestigationState = InvestigationState.RUNNING
    began_at: Utc
    plan: tuple[str, ...]
    place: int = 0
    hypotheses: tuple[Hypothesis, ...]
    labels: dict[str, str] = Field(default_factory=dict)
    steps: dict[str, str] = Field(default_factory=dict)
    looks: tuple[Look, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    spent: Spent = Spent()
    idle: int = 0
    missing: dict[str, str] = Field(default_factory=dict)
    unusable: dict[str, str] = Field(default_factory=dict)
    lacked: dict[str, str] = Field(default_factory=dict)
    records: dict[str, str] = Field(default_factory=dict)
    why: str = ""
    result: Result | None = None
    stopped_by: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return self.state is InvestigationState.RUNNING

    @property
    def by_label(self) -> dict[str, Hypothesis]:
        """The hypotheses as the model knows them: H1 is the computed first."""
        return {label(place): one for place, one in enumerate(self.hypotheses)}

    @property
    def first_cause(self) -> str:
        """The computed first cause."""
        return self.hypotheses[0].cause

    @property
    def struck(self) -> list[str]:
        """All that was taken out of the answers."""
        return [one for opinion in self.opinions for one in opinion.struck]

    @property
    def claims(self) -> int:
        """How much was checked in the answers."""
        return sum(opinion.claims for opinion in self.opinions)

    def looks_of(self, specialist: str) -> list[Look]:
        """Return what one specialist has looked at."""
        return [look for look in self.looks if look.specialist == specialist]

    def looked_at(self) -> frozenset[str]:
        """Return the labels of the evidence that tools have shown."""
        return frozenset(cited for look in self.looks for cited in look.cited)

    def ids_of(self, labels: Sequence[str]) -> tuple[str, ...]:
        """Return the ids of the evidence behind labels."""
        return tuple(self.labels[one] for one in labels if one in self.labels)


def label(place: int) -> str:
    """Return what the hypothesis at a place is called."""
    return f"H{place + 1}"
