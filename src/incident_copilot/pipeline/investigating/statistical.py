"""The statistical phase: when figures of an AI system moved, whether they do so each week, and what moved with them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from incident_copilot.analysis.levels import shifts
from incident_copilot.analysis.ranking import ODD, RankedSeries
from incident_copilot.analysis.same_hours import same_hours
from incident_copilot.analysis.together import moving_together
from incident_copilot.analysis.words import number
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.hypothesis import Statement
from incident_copilot.pipeline.investigating.findings import of_kind, series_of, week_before
from incident_copilot.pipeline.investigating.lines import clock
from incident_copilot.pipeline.investigating.looked import Looked, Said

MOST = 3
APART = timedelta(minutes=10)
"""How far apart two changes of level are two."""


def statistical(looked: Looked) -> Said:
    """When a metric changed level, whether it does so each week, and what moved with it or moves so at other times."""
    if looked.onset:
        at, item = looked.onset.at, looked.onset.evidence
        yield Statement(text=f"{item.title} changed its level at {clock(at)}", evidence_ids=(item.id,))
        yield from _earlier(item, at)
        yield _season(item, at)
    else:
        yield "no series shows when it began"
    ranked = sorted(looked.findings.series.items(), key=lambda pair: -pair[1].score)
    own = looked.onset.evidence.id if looked.onset else ""
    moved = [(key, one) for key, one in ranked if one.score >= ODD and key != own]
    yield from _moved_with_it(looked, moved[:MOST])
    usual = [(key, one) for key, one in ranked if one.standing >= ODD and not one.score]
    yield from (
        Statement(text=f"{one.name} moves as far at other times", evidence_ids=(key,)) for key, one in usual[:1]
    )
    if not ranked:
        yield "no series is long enough to compare with its usual"


def _earlier(item: Evidence, onset: datetime) -> Iterator[Statement]:
    """Yield the last change of level before the one that the alert is about: trouble is often older than its alert."""
    found = [one for one in shifts(series_of(item)) if onset.timestamp() - one.at > APART.total_seconds()]
    for one in found[-1:]:
        unit = str(item.data.get("unit") or "")
        levels = f"from {number(one.before, unit)} to {number(one.after, unit)}"
        text = f"It went {levels} at {clock(datetime.fromtimestamp(one.at, UTC))} before"
        yield Statement(text=text, evidence_ids=(item.id,))


def _season(item: Evidence, onset: datetime) -> Statement | str:
    """Hold a series against the same hours of the week before, where they are known."""
    then = week_before(item)
    found = same_hours(series_of(item), then, onset.timestamp()) if then else None
    if found is None:
        return f"nothing is known of {item.title} a week before"
    return Statement(text=f"It {found.text}", evidence_ids=(item.id,))


def _moved_with_it(looked: Looked, moved: Sequence[tuple[str, RankedSeries]]) -> Iterator[Statement]:
    """Yield what moved at the onset, and how closely with the series that shows it."""
    items = {item.id: item for item in of_kind(looked.bundle, EvidenceKind.METRIC)}
    series = {key: series_of(items[key]) for key, _ in moved}
    own = series_of(looked.onset.evidence) if looked.onset else None
    close = {one.name: one for one in moving_together(own, series)} if own else {}
    for key, one in moved:
        how = f" ({close[key].text})" if key in close else ""
        yield Statement(text=f"With it {one.reason}{how}", evidence_ids=(key,))
