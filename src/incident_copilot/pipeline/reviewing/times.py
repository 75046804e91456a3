"""How long things took, computed from recorded times and held against their targets."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.evidence import Evidence
from incident_copilot.domain.incident import Status
from incident_copilot.domain.log import LogEntry, LogKind, TimelineEntry, TimelineKind
from incident_copilot.domain.postmortem import Line, Section, Source
from incident_copilot.pipeline import measure
from incident_copilot.pipeline.reviewing.record import CLOCK, Record, computed, of_evidence, of_log, of_timeline
from incident_copilot.vendors.promql import condition

BRIEF_TARGET = timedelta(seconds=5)
"""How soon after opening people must have the brief (promise P9)."""


class Span(Frozen):
    """A duration with its two ends, where each is recorded, and its target where there is one."""

    what: str
    since: datetime
    until: datetime
    sources: tuple[Source, ...]
    target: timedelta | None = None

    @property
    def length(self) -> timedelta:
        """How long it took; never below zero."""
        return max(timedelta(), self.until - self.since)

    @property
    def is_late(self) -> bool:
        """Whether it took longer than its target."""
        return self.target is not None and self.length > self.target


def section(record: Record) -> Section:
    """Return detect, acknowledge, mitigate and resolve as durations against their targets."""
    return Section(key="times", heading="Times", lines=tuple(_lines(record)))


def exactly(span: timedelta) -> str:
    """Return a duration to the second where that matters: 45 s, 3 min 20 s, 1 h 5 min, 2 d 4 h."""
    seconds = max(0, round(span.total_seconds()))
    for size, name, small, small_name in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            rest = seconds % size // small
            return f"{seconds // size} {name}" + (f" {rest} {small_name}" if rest else "")
    return f"{seconds} s"


def detect(record: Record) -> Span | None:
    """Return from the onset to the first alert; None where a person declared and no alert belongs to it."""
    alert = record.first_alert
    if alert is None:
        return None
    where = (*onset_sources(record), *alert_sources(record, alert))
    return _span("detect", record.incident.started_at, alert.starts_at, where)


def brief(record: Record) -> Span | None:
    """Return from the opening to the first brief; None where there was none."""
    first = next(iter(record.moments(TimelineKind.BRIEF)), None)
    if first is None:
        return None
    where = (*opening_sources(record), of_timeline(first))
    return _span("brief", record.incident.opened_at, first.at, where, BRIEF_TARGET)


def acknowledge(record: Record) -> Span | None:
    """Return from the opening to the acknowledgement; None where nobody acknowledged."""
    incident = record.incident
    if incident.acknowledged_at is None:
        return None
    where = (*opening_sources(record), *(of_log(row) for row in record.rows(LogKind.ACKNOWLEDGED)[-1:]))
    return _span("acknowledge", incident.opened_at, incident.acknowledged_at, where, record.response_target)


def mitigate(record: Record) -> Span | None:
    """Return from the onset to the mitigation; None where it was not set before the end."""
    incident = record.incident
    if incident.mitigated_at is None:
        return None
    where = (*onset_sources(record), *(of_log(row) for row in mitigations(record)[-1:]))
    return _span("mitigate", incident.started_at, incident.mitigated_at, where)


def resolve(record: Record) -> Span | None:
    """Return from the onset to the end; None while it runs."""
    incident = record.incident
    if incident.ended_at is None:
        return None
    where = (*onset_sources(record), *(of_log(row) for row in record.rows(LogKind.RESOLVED, LogKind.ENDED)[-1:]))
    return _span("resolve", incident.started_at, incident.ended_at, where)


def over_limit(alert: Alert, item: Evidence) -> timedelta | None:
    """Return how long a metric was over its alert's limit, by its readings; None where the alert names no limit."""
    _, comparison, limit = condition(str(alert.expression))
    if comparison is None or limit is None:
        return None
    broken = measure.OPERATORS[comparison]
    pairs = pairwise(item.data["points"])
    return timedelta(seconds=sum(later[0] - now[0] for now, later in pairs if broken(float(now[1]), limit)))


def mitigations(record: Record) -> list[LogEntry]:
    """Return the log rows that set the status to mitigated."""
    return [row for row in record.rows(LogKind.STATUS_SET) if row.payload.get("to") == Status.MITIGATED]


def onset_sources(record: Record) -> tuple[Source, ...]:
    """Return where the onset comes from: the metric that left its normal level, else the first alert or the opening."""
    alert = record.first_alert
    if alert is None:
        return opening_sources(record)
    if record.incident.started_at < alert.starts_at:
        measured = [item for one in record.alerts for item in record.metrics_of(one)]
        if measured:
            return (of_evidence(measured[0]),)
    return alert_sources(record, alert)


def opening_sources(record: Record) -> tuple[Source, ...]:
    """Return the log row with which the incident began."""
    return tuple(of_log(row) for row in record.rows(LogKind.OPENED, LogKind.DECLARED)[:1])


def alert_sources(record: Record, alert: Alert) -> tuple[Source, ...]:
    """Return where it is noted that an alert fired."""
    return tuple(of_timeline(entry) for entry in alert_entries(record, alert)[:1])


def alert_entries(record: Record, alert: Alert) -> list[TimelineEntry]:
    """Return what the timeline holds of an alert, in order."""
    prefix = f"alert:{alert.fingerprint}|"
    return [entry for entry in record.moments(TimelineKind.ALERT) if (entry.ref or "").startswith(prefix)]


def _lines(record: Record) -> Iterator[Line]:
    severity = record.incident.severity
    yield _said(detect(record), "Detected {length} after the onset: the first alert fired at {until} UTC.") or Line(
        text="Noticed by a person: no alert belongs to this incident.", sources=opening_sources(record)
    )
    yield _said(brief(record), "First brief {length} after the incident was opened{verdict}.") or Line(
        text="No brief was written.", sources=_none(record, "brief", TimelineKind.BRIEF)
    )
    yield _said(acknowledge(record), f"Acknowledged {{length}} after opening{{verdict}} for {severity}.") or Line(
        text=f"Not acknowledged. The target for {severity} is {exactly(record.response_target)}.",
        sources=(*opening_sources(record), computed("acknowledge", "no row incident:acknowledged in the action log")),
    )
    yield _said(mitigate(record), "Mitigated {length} after the onset, at {until} UTC.") or Line(
        text="Not marked as mitigated before the end.",
        sources=(computed("mitigate", "no row that sets the status to mitigated in the action log"),),
    )
    ended = _said(resolve(record), "Ended {length} after the onset, at {until} UTC.")
    if ended:
        yield ended
    for row in record.rows(LogKind.REOPENED):
        yield Line(text=f"Reopened at {row.at:{CLOCK}} UTC; the times count to the last end.", sources=(of_log(row),))


def _said(span: Span | None, pattern: str) -> Line | None:
    if span is None:
        return None
    verdict = ""
    if span.target:
        verdict = f", {'after' if span.is_late else 'within'} the target of {exactly(span.target)}"
    text = pattern.format(length=exactly(span.length), until=f"{span.until:{CLOCK}}", verdict=verdict)
    return Line(text=text, sources=span.sources, tag="late" if span.is_late else "")


def _span(
    what: str, since: datetime, until: datetime, where: tuple[Source, ...], target: timedelta | None = None
) -> Span:
    inputs = f"{what}: {until:{CLOCK}} minus {since:{CLOCK}} UTC"
    return Span(
        what=what, since=since, until=until, sources=(*dict.fromkeys(where), computed(what, inputs)), target=target
    )


def _none(record: Record, what: str, kind: TimelineKind) -> tuple[Source, ...]:
    count = len(record.timeline)
    return (*opening_sources(record), computed(what, f"none of {count} entries on the timeline is a {kind}"))
