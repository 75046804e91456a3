"""The four times of incidents, together, by severity, service and type, and week by week."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median

from incident_copilot.analysis.samples import spread
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.measures import Phase, Times, Week
from incident_copilot.pipeline.stats.gathered import Gathered

MOST_GROUPS = 10
"""Of each kind, those with the most incidents: a list of all services helps nobody, nor does a label for each."""
MOST_WEEKS = 26
WEEK = timedelta(days=7)


def times(gathered: Gathered) -> Times:
    """Return the times of all incidents, beside those of the period before."""
    return _times(gathered.incidents, gathered.before, gathered.first_seen)


def grouped(gathered: Gathered) -> dict[str, dict[str, Times]]:
    """Return the times by group."""
    by: dict[str, Callable[[Incident], str]] = {
        "severity": lambda one: one.severity.value,
        "service": lambda one: one.service or "unknown",
        "type": lambda one: one.incident_type,
    }
    found: dict[str, dict[str, Times]] = {}
    for name, key in by.items():
        most = [group for group, _ in Counter(map(key, gathered.incidents)).most_common(MOST_GROUPS)]
        found[name] = {
            group: _times(
                [one for one in gathered.incidents if key(one) == group],
                [one for one in gathered.before if key(one) == group],
                gathered.first_seen,
            )
            for group in sorted(most)
        }
    return found


def weeks(gathered: Gathered) -> tuple[Week, ...]:
    """Return the weeks of the period, the last one ending now."""
    number = min(MOST_WEEKS, -(-(gathered.until - gathered.since) // WEEK))
    ends = [gathered.until - WEEK * back for back in reversed(range(number))]
    return tuple(_week(end, gathered.incidents) for end in ends)


def lasted(one: Incident, first_seen: Mapping[str, datetime]) -> dict[Phase, float]:
    """Return how long each phase of an incident took, in seconds; without those that did not end."""
    seen = first_seen.get(one.id, one.opened_at)
    ends = {
        Phase.DETECT: (one.started_at, seen),
        Phase.ACKNOWLEDGE: (one.opened_at, one.acknowledged_at),
        Phase.MITIGATE: (one.started_at, one.mitigated_at),
        Phase.RESOLVE: (one.started_at, one.ended_at),
    }
    return {phase: max(0.0, (end - begin).total_seconds()) for phase, (begin, end) in ends.items() if end}


def _times(now: Iterable[Incident], before: Iterable[Incident], first_seen: Mapping[str, datetime]) -> Times:
    here, there = _by_phase(now, first_seen), _by_phase(before, first_seen)
    spreads = {phase: spread(here[phase], there[phase]) for phase in Phase}
    return {phase: found for phase, found in spreads.items() if found}


def _by_phase(those: Iterable[Incident], first_seen: Mapping[str, datetime]) -> dict[Phase, list[float]]:
    found: dict[Phase, list[float]] = defaultdict(list)
    for one in those:
        for phase, seconds in lasted(one, first_seen).items():
            found[phase].append(seconds)
    return found


def _week(end: datetime, those: Sequence[Incident]) -> Week:
    opened = [one for one in those if end - WEEK < one.opened_at <= end]
    took = [(one.ended_at - one.started_at).total_seconds() for one in opened if one.ended_at]
    return Week(begins=end - WEEK, incidents=len(opened), resolve_s=median(took) if took else None)
