"""The harm in numbers: requests, users, error budget and money, from measured shares and what the catalogue says."""

import math
from collections.abc import Iterator
from itertools import pairwise

from incident_copilot.domain.evidence import Evidence
from incident_copilot.domain.postmortem import Line, Source
from incident_copilot.domain.worth import Worth
from incident_copilot.pipeline.reviewing.record import Record, computed, of_evidence
from incident_copilot.vendors.promql import condition

MINUTE_S = 60.0
DAY_MIN = 1440


def in_numbers(record: Record) -> Iterator[Line]:
    """Yield what can be counted, and in one line what cannot."""
    failing = failing_share(record)
    lines = list(_counted(record, record.worth, failing)) if record.worth and failing else []
    yield from (line for _, line in lines)
    counted = {what for what, _ in lines}
    unknown = [what for what in ("users", "requests", "the error budget", "money") if what not in counted]
    if unknown:
        yield _unknown(record, unknown, is_measured=failing is not None)


def failing_share(record: Record) -> Evidence | None:
    """Return the reading of the share of requests that failed, the longest one; None where no share was measured."""
    for alert in record.alerts:
        items = [item for item in record.metrics_of(alert) if item.data.get("unit") == "ratio"]
        if items and (condition(str(alert.expression)).comparison or ">").startswith(">"):
            return max(items, key=lambda one: len(one.data["points"]))
    return None


def failed_minutes(record: Record, item: Evidence) -> float:
    """Return for how many minutes all requests would have had to fail to do the same harm."""
    within = _within(record, item)
    return sum(now[1] * (later[0] - now[0]) for now, later in pairwise(within)) / MINUTE_S


def worst(record: Record, item: Evidence) -> float:
    """Return the highest share of requests that failed at once; 0 where nothing was read meanwhile."""
    return max((value for _, value in _within(record, item)), default=0.0)


def _within(record: Record, item: Evidence) -> list[tuple[float, float]]:
    since = record.incident.started_at.timestamp()
    until = (record.incident.ended_at or record.written_at).timestamp()
    points = ((float(at), float(value)) for at, value in item.data["points"])
    return [(at, value) for at, value in points if since <= at <= until and math.isfinite(value)]


def _counted(record: Record, worth: Worth, item: Evidence) -> Iterator[tuple[str, Line]]:
    minutes, share = failed_minutes(record, item), worst(record, item)
    lost = f"{minutes:.1f} min of full failure, the sum of the failing share over time"
    if worth.active_users:
        text = f"Up to {share * worth.active_users:,.0f} of about {worth.active_users:,} users at a time were affected."
        yield "users", _line(text, item, "users", f"the highest failing share, {share:.1%}, of those in the catalogue")
    if worth.requests_per_minute:
        text = f"About {minutes * worth.requests_per_minute:,.0f} requests failed."
        yield "requests", _line(text, item, "requests", f"{worth.requests_per_minute:g} a minute times {lost}")
    if worth.slo:
        budget = worth.slo_days * DAY_MIN * (1 - worth.slo)
        text = (
            f"It used {minutes / budget:.0%} of the error budget of {worth.slo_days} days: {minutes:.1f} of "
            f"{budget:.1f} min at {worth.slo * 100:g} %."
        )
        yield "the error budget", _line(text, item, "error budget", lost)
    if worth.cost_per_minute:
        text = f"It cost about {minutes * worth.cost_per_minute:,.0f} {worth.currency}."
        yield "money", _line(text, item, "money", f"{worth.cost_per_minute:g} {worth.currency} a minute times {lost}")


def _line(text: str, item: Evidence, what: str, inputs: str) -> Line:
    sources: tuple[Source, ...] = (of_evidence(item), computed(what, inputs))
    return Line(text=text, sources=sources)


def _unknown(record: Record, what: list[str], *, is_measured: bool) -> Line:
    listed = f"{', '.join(what[:-1])} and {what[-1]}" if len(what) > 1 else what[0]
    why = f"the catalogue does not say what {record.incident.service or 'the service'} is worth"
    if not is_measured:
        why = f"none of {len(record.evidence)} pieces of evidence measures the share of requests that failed"
    text = f"Not known: how much of {listed} was affected."
    return Line(text=text, sources=(computed("not-known", why),))
