"""Sampled: one request to an AI system and its answer, as the system told it; and what evaluators say of it."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from pydantic import Field

from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.observation import Signal


class Retrieved(Frozen):
    """A passage that the system was given to answer from."""

    id: str
    text: str = ""
    updated_at: Utc | None = None


class Sampled(Frozen):
    """One interaction before it is scored.

    `retrieved` is None where the system retrieves nothing, empty where it looked and found nothing. `relevant` are the
    ids that should have been found, `expected` is the right answer, where somebody knows. `feedback` is -1 to 1.
    `outcome` is what a system decided that says yes or no, `truth` what was right; with `groups`, such as gender, they
    tell whether it is fair.
    """

    id: str
    at: Utc
    request: str
    response: str = ""
    retrieved: tuple[Retrieved, ...] | None = None
    cited: tuple[str, ...] | None = None
    relevant: tuple[str, ...] | None = None
    expected: str | None = None
    format: Literal["json"] | None = None
    language: str | None = None
    user: str | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    groups: dict[str, str] = Field(default_factory=dict)
    feedback: float | None = None
    confidence: float | None = None
    outcome: bool | None = None
    truth: bool | None = None
    latency_ms: float | None = None
    cost_usd: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


MEASURED = ("latency_ms", "cost_usd", "input_tokens", "output_tokens")
"""The figures of an interaction that can be unusual."""


class Typical(NamedTuple):
    """What a figure of a system is like: its mean and standard deviation, over `n` interactions."""

    mean: float
    spread: float
    n: int


Usual = Mapping[str, Typical]
"""What is typical, by the name of the figure."""


class Evaluation(Frozen):
    """What an evaluator says of one interaction; it says nothing of what it has no material for.

    `score` is 0 (worst) to 1. `facts` are counted as shares, `measures` are averaged; both are named as metrics are.
    """

    score: float | None = None
    signals: tuple[Signal, ...] = ()
    facts: dict[str, bool] = Field(default_factory=dict)
    measures: dict[str, float] = Field(default_factory=dict)


NOTHING = Evaluation()
