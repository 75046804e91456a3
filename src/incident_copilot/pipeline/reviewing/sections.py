"""Summary, impact, detection, communications and the people who took part."""

import math
from collections.abc import Iterator
from datetime import datetime

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.incident import Ending
from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.domain.postmortem import Line, Part, Section, Source
from incident_copilot.domain.proposal import Audience, Proposal
from incident_copilot.pipeline import measure
from incident_copilot.pipeline.ledger import is_person
from incident_copilot.pipeline.reviewing import causes, harm, times, words
from incident_copilot.pipeline.reviewing.record import CLOCK, Record, computed, of_evidence, of_log, of_timeline
from incident_copilot.pipeline.reviewing.times import exactly
from incident_copilot.vendors.promql import condition

ENDED = {
    Ending.RESOLVED: "was resolved",
    Ending.FALSE_ALARM: "was ended as a false alarm",
    Ending.SELF_RECOVERED: "recovered by itself",
    Ending.MERGED: "was merged into another incident",
}

TOLD = (LogKind.PUBLISHED, LogKind.CORRECTED, LogKind.RETRACTED)
"""Rows of what became of an update, the first publishing first."""
MOST_JOINED = 20
"""Alerts whose joining is told one by one."""
MOST_SERVICES = 12
MOST_METRICS = 5
"""Alerting metrics whose worst value is told; alerts that share an expression share it."""


def summary(record: Record) -> Section:
    """Return the incident in a few sentences: what, since when, why, what helped, how it ended."""
    return Section(key="summary", heading="Summary", lines=tuple(_summary(record)))


def impact(record: Record) -> Section:
    """Return who and what was affected, how much and how long; what is not known is said."""
    gaps = "; ".join(f"{gap.source}: {gap.reason}" for gap in record.late_gaps)
    note = f"When this was written, not every source could be asked for the latest numbers ({gaps})." if gaps else ""
    return Section(key="impact", heading="Impact", lines=tuple(_impact(record)), note=note)


def detection(record: Record) -> Section:
    """Return which alert told of it, how long after the onset, and what is known of why not sooner."""
    return Section(key="detection", heading="Detection", lines=tuple(_detection(record)))


def communications(record: Record) -> Section:
    """Return each published update with its words, who approved it, and how long after the onset."""
    published = record.rows(LogKind.PUBLISHED)
    note = "" if published else "No status update was published."
    first = {row.payload["proposal"]: row for row in reversed(published)}
    parts = tuple(_update(record, row) for row in published if first[row.payload["proposal"]] is row)
    return Section(key="communications", heading="Communications", parts=parts, note=note)


def people(record: Record) -> Section:
    """Return who was called, who took it, who led and who decided."""
    lines = tuple(_people(record))
    return Section(key="people", heading="Who took part", lines=lines, note="" if lines else "Nobody took part.")


def first_told(record: Record, audience: Audience) -> LogEntry | None:
    """Return the log row of the first update published for an audience, or None."""
    return next((row for row in record.rows(LogKind.PUBLISHED) if row.payload["audience"] == audience), None)


def peak(alert: Alert, items: list[Evidence], since: datetime) -> tuple[Evidence, float] | None:
    """Return the worst value since the onset and the reading that has it; None where there is no reading of then."""
    _, comparison, _ = condition(str(alert.expression))
    sign = -1 if (comparison or ">").startswith("<") else 1
    values = [(float(value), item) for item in items for at, value in item.data["points"] if at >= since.timestamp()]
    finite = [(value, item) for value, item in values if math.isfinite(value)]
    if not finite:
        return None
    value, item = max(finite, key=lambda pair: sign * pair[0])
    return item, value


def _summary(record: Record) -> Iterator[Line]:
    incident, alert = record.incident, record.first_alert
    what = (alert.description or alert.summary or alert.name).rstrip(".") if alert else incident.title
    first = times.alert_sources(record, alert) if alert else times.opening_sources(record)
    yield Line(text=f"{what}.", sources=first)
    span = times.resolve(record)
    if span:
        how = ENDED[incident.ending or Ending.RESOLVED]
        text = f"It began at {span.since:{CLOCK}} UTC on {span.since:%-d %B %Y} and {how} after {exactly(span.length)}."
        yield Line(text=text, sources=span.sources)
    yield causes.in_one_line(record)
    for row in record.rows(LogKind.VERIFIED):
        yield Line(text=words.sentence(record, row), sources=(of_log(row), *_evidence_of(record, row)))
    note = next((words.quoted(record, row) for row in record.rows(LogKind.RESOLVED, LogKind.ENDED)[-1:]), "")
    if note:
        row = record.rows(LogKind.RESOLVED, LogKind.ENDED)[-1]
        who = words.begun(words.who(record, row.actor))
        yield Line(text=f"{who} noted at the end:", sources=(of_log(row),), detail=note)


def _impact(record: Record) -> Iterator[Line]:
    span = times.mitigate(record) or times.resolve(record)
    if span:
        until = "mitigation" if span.what == "mitigate" else "end"
        yield Line(text=f"It lasted {exactly(span.length)}, from the onset to the {until}.", sources=span.sources)
    by_expression = {alert.expression: alert for alert in reversed(record.alerts)}
    for alert in list(reversed(by_expression.values()))[:MOST_METRICS]:
        yield from _measured(record, alert)
    services = {alert.service: alert for alert in reversed(record.alerts) if alert.service}
    if services:
        named = sorted(services)[:MOST_SERVICES]
        sources = tuple(source for name in named for source in times.alert_sources(record, services[name]))
        more = f" and {len(services) - MOST_SERVICES} more" if len(services) > MOST_SERVICES else ""
        yield Line(text=f"Services with alerts: {', '.join(named)}{more}.", sources=sources)
    yield _customers(record)
    yield from harm.in_numbers(record)


def _measured(record: Record, alert: Alert) -> Iterator[Line]:
    items = record.metrics_of(alert)
    worst = peak(alert, items, record.incident.started_at) if items else None
    if worst is None:
        return
    item, value = worst
    unit = str(item.data.get("unit", ""))
    limit = condition(str(alert.expression)).threshold
    against = f", against a limit of {measure.number(limit, unit)}" if limit is not None else ""
    share = "Share of requests affected: " if unit == "ratio" else ""
    text = f"{share}{item.title} reached {measure.number(value, unit)}{against}"
    last = items[-1].data["points"][-1][1]
    yield Line(
        text=f"{text}; last reading {measure.number(float(last), unit)}.",
        sources=tuple(dict.fromkeys((of_evidence(item), of_evidence(items[-1])))),
    )
    longest = max(items, key=lambda one: len(one.data["points"]))
    over = times.over_limit(alert, longest)
    if over:
        what = computed(f"time over the limit of {item.title}", "sum of the time between readings over the limit")
        yield Line(text=f"{item.title} was over its limit for {exactly(over)}.", sources=(of_evidence(longest), what))


def _customers(record: Record) -> Line:
    row = first_told(record, Audience.CUSTOMERS)
    if row is None:
        counted = computed("customers-told", f"no update for customers among {len(record.log)} rows of the action log")
        return Line(text="Customers were not told through the copilot.", sources=(counted,))
    after = exactly(row.at - record.incident.started_at)
    source = computed("customers-told", f"{row.at:{CLOCK}} minus {record.incident.started_at:{CLOCK}} UTC")
    return Line(text=f"Customers were first told {after} after the onset.", sources=(of_log(row), source))


def _detection(record: Record) -> Iterator[Line]:
    alert, span = record.first_alert, times.detect(record)
    if alert is None or span is None:
        opened = times.opening_sources(record)
        yield Line(text="A person declared the incident; no alert told of it.", sources=opened)
        return
    rule = f" Its rule: {alert.expression}." if alert.expression else ""
    text = f"{alert.name} told of it, {exactly(span.length)} after the onset.{rule}"
    yield Line(text=text, sources=span.sources)
    lag = record.incident.opened_at - alert.starts_at
    source = computed("receive", f"{record.incident.opened_at:{CLOCK}} minus {alert.starts_at:{CLOCK}} UTC")
    opened = times.opening_sources(record)
    yield Line(text=f"The incident was opened {exactly(lag)} after the alert fired.", sources=(*opened, source))
    yield from why_not_sooner(record)
    yield from _joined(record)


def _joined(record: Record) -> Iterator[Line]:
    known = {alert.fingerprint: alert for alert in record.alerts}
    joined = [member for member in record.memberships[1:] if member.fingerprint in known]
    for member in joined[:MOST_JOINED]:
        alert = known[member.fingerprint]
        text = f"{alert.name} joined: {member.reason}."
        yield Line(text=text, sources=times.alert_sources(record, alert), at=member.joined_at)
    more = len(joined) - MOST_JOINED
    if more > 0:
        source = computed("alerts-joined", f"{len(record.memberships)} alerts belong to the incident")
        yield Line(text=f"{more} more alerts joined; the timeline has them.", sources=(source,))


def why_not_sooner(record: Record) -> tuple[Line, ...]:
    """Return what readings say of why it was not noticed sooner: facts only, such as a limit that was passed before."""
    alert = record.first_alert
    items = record.metrics_of(alert) if alert else []
    _, comparison, limit = condition(str(alert.expression)) if alert else (None, None, None)
    if alert is None or not items or comparison is None or limit is None:
        return ()
    broken, since = measure.OPERATORS[comparison], record.incident.started_at.timestamp()
    over = [at for at, value in items[0].data["points"] if at >= since and broken(float(value), limit)]
    if not over or over[0] >= alert.starts_at.timestamp():
        return ()
    waited = exactly(alert.starts_at - datetime.fromtimestamp(over[0], alert.starts_at.tzinfo))
    text = f"The metric was first over its limit {waited} before the alert fired."
    told = computed("over-before-alert", f"first reading over the limit of {alert.name} until it fired")
    return (Line(text=text, sources=(of_evidence(items[0]), told)),)


def _update(record: Record, row: LogEntry) -> Part:
    proposal = next(one for one in record.proposals if one.id == row.payload["proposal"])
    approved = [one for one in record.about(proposal) if one.kind is LogKind.APPROVED]
    after = exactly(row.at - record.incident.started_at)
    by = f", approved by {', '.join(words.who(record, one.actor) for one in approved)}" if approved else ""
    sources: tuple[Source, ...] = (of_log(row), *(of_log(one) for one in approved))
    text = f"Published {after} after the onset{by}."
    shown = words.named(record, str(proposal.shown["text"]))
    line = Line(text=text, sources=sources, at=row.at, detail=shown)
    return Part(heading=f"For {Audience(row.payload['audience']).readers}", lines=(line, *_amended(record, proposal)))


def _amended(record: Record, proposal: Proposal) -> Iterator[Line]:
    """Yield where else it was published, and what was done with it since."""
    told = [row for row in record.about(proposal) if row.kind in TOLD]
    for row in told[1:]:
        yield Line(text=words.sentence(record, row), sources=(of_log(row),), at=row.at)
    yield from _kept(record, told[0])


def _kept(record: Record, row: LogEntry) -> Iterator[Line]:
    """Yield whether the next update came when an update had promised it."""
    if "next_update" not in row.payload:
        return
    due = datetime.fromisoformat(str(row.payload["next_update"]))
    same = [
        one
        for one in record.rows(LogKind.PUBLISHED)
        if one.payload["audience"] == row.payload["audience"] and one.at > row.at
        if one.payload["proposal"] != row.payload["proposal"]
    ]
    ended = record.incident.ended_at
    if same:
        late = same[0].at - due
        how = f"came {exactly(late)} late" if late.total_seconds() > 0 else f"came at {same[0].at:{CLOCK}} UTC"
    elif ended and ended <= due:
        how = "was not needed: the incident ended before"
    else:
        how = "did not come"
    sources = (of_log(row), *(of_log(one) for one in same[:1]))
    yield Line(text=f"It promised the next update by {due:{CLOCK}} UTC; that {how}.", sources=sources)


def _people(record: Record) -> Iterator[Line]:
    for who, part in record.cast.items():
        yield Line(text=f"{words.begun(part)}: {record.called(who)}.", sources=_seen(record, who))
    for row in record.rows(LogKind.PAGED, LogKind.ACKNOWLEDGED, LogKind.ASSIGNED):
        yield Line(text=words.sentence(record, row), sources=(of_log(row),), at=row.at)
    decided: dict[str, list[LogEntry]] = {}
    for row in record.rows(LogKind.APPROVED, LogKind.REJECTED, LogKind.DONE, LogKind.EDITED, LogKind.VOTED):
        if is_person(row.actor):
            decided.setdefault(row.actor, []).append(row)
    for actor, rows in decided.items():
        times_said = {1: "once", 2: "twice"}.get(len(rows), f"{len(rows)} times")
        who = words.begun(words.who(record, actor))
        yield Line(text=f"{who} decided {times_said}.", sources=tuple(of_log(row) for row in rows))


def _seen(record: Record, who: str) -> tuple[Source, ...]:
    """Where somebody first comes up: in the log, else on the timeline."""
    rows = [row for row in record.log if who in (row.actor, row.payload.get("person"))]
    wrote = [entry for entry in record.timeline if entry.author == who]
    return tuple(map(of_log, rows[:1])) or tuple(map(of_timeline, wrote[:1])) or times.opening_sources(record)


def _evidence_of(record: Record, row: LogEntry) -> tuple[Source, ...]:
    return record.sources(str(one) for one in row.payload.get("evidence", ()))


def has_runbook(record: Record) -> bool:
    """Whether a runbook fitted the first alert."""
    return bool(record.found(EvidenceKind.RUNBOOK))
