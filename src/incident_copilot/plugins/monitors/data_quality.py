"""Data quality: fields that go missing or out of range, a schema that changed, data that is old, or too little of it.

Reference: https://docs.greatexpectations.io/docs/reference/learn/data_quality_use_cases/dq_use_cases_lp/
"""

from collections.abc import Iterator, Sequence

from pydantic import Field

from incident_copilot.analysis.monitoring import saying, windows
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.observation import SignalKind
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.ports import Monitor, Watched

VOICE = saying.Voice("data_quality", SignalKind.BAD_DATA, AiIncident.DATA)
BAD_ROWS = ("data.missing.", "data.out_of_range.")
SCHEMA, AGE, ROWS = "data.schema", "data.age_s", "data.rows"


class Options(Frozen):
    """How many points more bad rows are trouble, how old data may be, how many deviations below the usual volume."""

    smallest_rise: float = Field(default=0.01, gt=0, lt=1)
    severe_rise: float = Field(default=0.1, gt=0, lt=1)
    max_age_h: float = Field(default=24.0, gt=0)
    volume_deviations: float = Field(default=4.0, gt=0)


def create(options: Options) -> Monitor:
    """Return the monitor."""
    return DataQuality(options)


class DataQuality:
    """Looks at data.* of a system."""

    name = "data_quality"

    def __init__(self, options: Options) -> None:
        self._options = options

    def look(self, watched: Watched) -> Sequence[Verdict]:
        """Return a verdict for each field, for the schema, for age and volume; of those that were told."""
        current = windows.by_key(watched.current, lambda metric: metric.startswith("data."))
        before = windows.by_key(watched.baseline, lambda metric: metric.startswith("data."))
        found: list[Verdict] = []
        for key, seen in current.items():
            found += self._verdicts(watched, key, seen, before.get(key, []))
        return found

    def _verdicts(
        self, watched: Watched, key: windows.Key, current: windows.Some, before: windows.Some
    ) -> Iterator[Verdict]:
        options = self._options
        if key[0].startswith(BAD_ROWS):
            good, earlier = windows.inverted(current), windows.inverted(before)
            found = windows.fall(good, earlier, watched.began, watched.window)
            if found:
                yield VOICE.of_fall(
                    watched, key, found, smallest=options.smallest_rise, severe=options.severe_rise, rises=True
                )
        elif key[0] == SCHEMA:
            yield from _schema(watched, key, current, before)
        elif key[0] == AGE and current[-1].figure.value is not None:
            yield self._age(watched, key, current[-1].figure.value)
        elif key[0] == ROWS:
            yield from self._volume(watched, key, [*before, *current])

    def _age(self, watched: Watched, key: windows.Key, age_s: float) -> Verdict:
        limit = self._options.max_age_h
        outcome = Outcome.FIRING if age_s > limit * 3600 else Outcome.FINE
        said = f"data is {age_s / 3600:.1f} h old, {limit:g} h are allowed"
        return VOICE.says(watched, key, outcome, said, value=age_s, baseline=limit * 3600)

    def _volume(self, watched: Watched, key: windows.Key, observed: windows.Some) -> Iterator[Verdict]:
        found = windows.unusual_hour(observed, watched.now)
        if found is None:
            return
        outcome = Outcome.WEAK if found.z <= -self._options.volume_deviations else Outcome.FINE
        said = f"{saying.number(found.value)} rows in the last hour, usually {saying.number(found.usual)} ({found.by})"
        yield VOICE.says(
            watched,
            key,
            outcome,
            said,
            value=found.value,
            baseline=found.usual,
            baseline_n=found.n,
            details={"z": found.z},
        )


def _schema(watched: Watched, key: windows.Key, current: windows.Some, before: windows.Some) -> Iterator[Verdict]:
    """Fields are told as name:type; what the baseline never had, or always had and is gone, changed."""
    known, now = set(windows.counts_of(before)), set(current[-1].figure.counts)
    if not known or not now:
        return
    added, gone = sorted(now - known), sorted(set(before[-1].figure.counts) - now)
    outcome = Outcome.FIRING if gone else Outcome.WEAK if added else Outcome.FINE
    said = [f"gone: {', '.join(gone)}"] * bool(gone) + [f"new: {', '.join(added)}"] * bool(added)
    summary = f"schema changed: {'; '.join(said)}" if said else "schema is as it was"
    yield VOICE.says(watched, key, outcome, summary, n=len(now), baseline_n=len(known))
