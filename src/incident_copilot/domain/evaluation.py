"""EvaluationRun: a set of cases asked of one version of an AI system, with what came of each; and two runs compared."""

from pydantic import Field

from incident_copilot.domain.base import Frozen, Utc

MOST_CASES = 5_000


class CaseResult(Frozen):
    """What came of one case; `faults` are the signals that its answer gave, or why there was none."""

    passed: bool
    score: float | None = None
    faults: tuple[str, ...] = ()


class EvaluationRun(Frozen):
    """One run of a set; `results` are by the id of the case."""

    id: str
    system: str = Field(max_length=100)
    suite: str = Field(max_length=60, pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")
    version: str = Field(default="", max_length=100)
    at: Utc
    results: dict[str, CaseResult] = Field(default_factory=dict)

    @property
    def passed(self) -> int:
        """How many cases passed."""
        return sum(one.passed for one in self.results.values())

    @property
    def share(self) -> float:
        """Which share passed; 0 without cases."""
        return self.passed / len(self.results) if self.results else 0.0


class Comparison(Frozen):
    """A run beside the one before it, case by case.

    `p` is the chance of so many cases that only passed before where nothing became worse, `score_p` that of the fall
    of the mean score; None where nothing can be compared. `broken` are the cases that only passed before.
    """

    before: str
    both: int = 0
    only_before: int = 0
    only_now: int = 0
    neither: int = 0
    p: float | None = None
    score_p: float | None = None
    broken: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """The four numbers, as figures hold them."""
        return {
            "both": self.both,
            "only_before": self.only_before,
            "only_now": self.only_now,
            "neither": self.neither,
        }
