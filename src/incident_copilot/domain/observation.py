"""What is observed of an AI system: figures at a time, and single interactions with what they were scored."""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum

from pydantic import Field

from incident_copilot.domain.base import Frozen, Utc


class Figure(Frozen):
    """One metric of a system, over `n` cases.

    A share has `successes` of `n`. A mean has `value`, and `squares` (the sum of squares) where its spread is known.
    A distribution has `counts` by bucket. `group` is whom it is about, such as "language=de"; "" is everybody.
    `baseline` and `history` are what the sender itself holds it against: its own figure, and earlier values of it.
    """

    metric: str = Field(max_length=160)
    group: str = Field(default="", max_length=160)
    value: float | None = None
    n: int | None = None
    successes: int | None = None
    squares: float | None = None
    counts: dict[str, int] = Field(default_factory=dict)
    baseline: float | None = None
    history: tuple[float, ...] = ()

    @property
    def share(self) -> float | None:
        """Successes of all, else the value; None where neither is known."""
        if self.successes is not None and self.n:
            return self.successes / self.n
        return self.value

    @property
    def variance(self) -> float | None:
        """The sample variance of a mean's cases; None where it is not known."""
        if self.squares is None or self.value is None or self.n is None or self.n < 2:
            return None
        return max(0.0, (self.squares - self.n * self.value**2) / (self.n - 1))


class Snapshot(Frozen):
    """What was told at once of one system; the same id twice is one. `labels` say of which version, region or such."""

    system: str = Field(max_length=100)
    id: str = Field(max_length=200)
    at: Utc
    figures: tuple[Figure, ...] = ()
    labels: dict[str, str] = Field(default_factory=dict)


class Observed(Frozen):
    """One figure with when it was observed, and under which labels.

    The clock that its business goes by was `ahead_s` seconds ahead of UTC then.
    """

    at: Utc
    figure: Figure
    labels: dict[str, str] = Field(default_factory=dict)
    ahead_s: float = 0.0


class SignalKind(StrEnum):
    """What a signal says: seed 002's four, and those that windows of figures give."""

    LOW_QUALITY = "low_quality"
    SAFETY_VIOLATION = "safety_violation"
    ANOMALY = "anomaly"
    NEGATIVE_FEEDBACK = "negative_feedback"
    QUALITY_DROP = "quality_drop"
    DRIFT = "drift"
    UNFAIRNESS = "unfairness"
    BAD_DATA = "bad_data"
    REGRESSION = "regression"
    BAD_CONTEXT = "bad_context"
    COST = "cost"
    SLOW = "slow"
    UNAVAILABLE = "unavailable"


class Signal(Frozen):
    """One thing about an interaction that may be wrong; `name` says what exactly, such as "pii.email"."""

    kind: SignalKind
    name: str = ""
    score: float | None = None


class Interaction(Frozen):
    """One request and its answer, redacted, as it was scored.

    `user` is a pseudonym. `labels` are what it can be sliced by: model, version, prompt, language, segment.
    `scores` are 0 (worst) to 1 by evaluator; `score` sums them up. `feedback` is -1 to 1.
    """

    system: str = Field(max_length=100)
    id: str = Field(max_length=200)
    at: Utc
    request: str = ""
    response: str = ""
    user: str | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    scores: dict[str, float] = Field(default_factory=dict)
    score: float | None = None
    signals: tuple[Signal, ...] = ()
    feedback: float | None = None

    @property
    def alerts(self) -> bool:
        """Whether it alone is reason for an alert."""
        return should_alert([one.kind for one in self.signals])


def should_alert(kinds: Sequence[SignalKind]) -> bool:
    """Seed 002's rule: one safety violation alerts at once, two or more signals alert together."""
    return SignalKind.SAFETY_VIOLATION in kinds or len(kinds) >= 2


def pooled(figures: Iterable[Figure]) -> Figure | None:
    """Return several figures of one metric as one over all their cases; None where there is none.

    Values that tell no `n` count as one case each.
    """
    told = list(figures)
    if len(told) < 2:
        return told[0] if told else None
    shares = [one for one in told if one.successes is not None and one.n]
    if shares:
        told = shares  # figures without cases say nothing of a share
    means = [(one.value, one.n or 1) for one in told if one.value is not None]
    weighed = sum(weight for _, weight in means)
    squares = [_squares(one) for one in told if one.value is not None]
    return Figure(
        metric=told[0].metric,
        group=told[0].group,
        value=math.fsum(value * weight for value, weight in means) / weighed if weighed else None,
        n=sum(one.n or one.value is not None for one in told) or None,
        successes=sum(one.successes or 0 for one in shares) if shares else None,
        squares=math.fsum(one for one in squares if one is not None) if squares and None not in squares else None,
        counts=dict(sum((Counter(one.counts) for one in told), Counter())),
        baseline=told[-1].baseline,
        history=told[-1].history,
    )


def row_id(snapshot: Snapshot, figure: Figure) -> str:
    """Return what makes a figure of a snapshot the same one when it is told again."""
    text = f"{snapshot.system}\x1f{snapshot.id}\x1f{figure.metric}\x1f{figure.group}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _squares(figure: Figure) -> float | None:
    """A single value is its own square; the spread of several that is not told is not known."""
    if figure.squares is not None or figure.value is None:
        return figure.squares
    return figure.value**2 if figure.n in {None, 1} else None
