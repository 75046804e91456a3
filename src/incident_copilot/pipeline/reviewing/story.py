"""The timeline: log rows, what was observed, the onset and the changes near it, merged in order of time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from incident_copilot.domain.evidence import Evidence
from incident_copilot.domain.log import LogEntry, LogKind, TimelineEntry, TimelineKind
from incident_copilot.domain.postmortem import Line, Section, Source
from incident_copilot.pipeline.reviewing import times, words
from incident_copilot.pipeline.reviewing.record import Record, computed, of_evidence, of_log, of_timeline

MOST_MESSAGES = 500
"""Messages of people that are quoted; pinned ones come first, the rest is counted."""
CHANGES_SINCE = timedelta(hours=1)
PEOPLE = frozenset(
    {
        LogKind.DECLARED,
        LogKind.ACKNOWLEDGED,
        LogKind.ASSIGNED,
        LogKind.UNASSIGNED,
        LogKind.EDITED,
        LogKind.VOTED,
        LogKind.APPROVED,
        LogKind.REJECTED,
        LogKind.REASONED,
        LogKind.DONE,
        LogKind.REFUSED,
    }
)


def section(record: Record) -> Section:
    """Return what happened, each line with its time and where it was recorded."""
    left_out = len(record.moments(TimelineKind.MESSAGE)) - len(_messages(record))
    note = f"{left_out} more messages are in the channel; pinned ones are all here." if left_out else ""
    lines = sorted(_lines(record), key=lambda line: line.at or record.written_at)
    return Section(key="timeline", heading="Timeline", lines=tuple(lines), note=note)


def changes_nearby(record: Record) -> list[Evidence]:
    """Return the changes that went out from an hour before the onset until the end."""
    since = (record.incident.started_at - CHANGES_SINCE).timestamp()
    until = (record.incident.ended_at or record.written_at).timestamp()
    return [item for item in record.changes() if since <= float(item.data["at"]) <= until]


def moment(item: Evidence) -> datetime:
    """Return when a change went out."""
    return datetime.fromtimestamp(float(item.data["at"]), UTC)


def _lines(record: Record) -> Iterator[Line]:
    yield from _onset(record)
    for item in changes_nearby(record):
        text = f"{item.data['service']} {item.data['version']} went out."
        yield Line(text=text, sources=(of_evidence(item),), at=moment(item), tag="change")
    for entry in record.moments(TimelineKind.ALERT):
        yield Line(text=entry.text, sources=(of_timeline(entry),), at=entry.at, tag="alert")
    opening = record.rows(LogKind.OPENED, LogKind.DECLARED)
    yield from (_row(record, row) for row in opening)
    for entry in record.moments(TimelineKind.BRIEF):
        yield Line(text=f"Brief: {entry.text}", sources=(of_timeline(entry),), at=entry.at, tag="copilot")
    for entry in record.moments(TimelineKind.NOTE) + record.moments(TimelineKind.EVIDENCE):
        yield Line(text=words.readable(record, entry.text), sources=(of_timeline(entry),), at=entry.at, tag="note")
    yield from (_quote(record, entry) for entry in _messages(record))
    yield from (_row(record, row) for row in record.log if row not in opening and not _is_clerical(record, row))


def _onset(record: Record) -> Iterator[Line]:
    at, alert = record.incident.started_at, record.first_alert
    if alert and at < alert.starts_at:
        sources: tuple[Source, ...] = times.onset_sources(record)
        told = computed("onset", "when the alerting metric left its normal level, by change-point analysis")
        yield Line(
            text="Onset: the alerting metric left its normal level.", sources=(*sources, told), at=at, tag="alert"
        )


def _messages(record: Record) -> list[TimelineEntry]:
    """What people said; a pinned message is there once, whether or not it was seen before it was pinned."""
    said = record.moments(TimelineKind.MESSAGE)
    seen = {entry.ref for entry in said}
    pinned = {entry.ref for entry in record.moments(TimelineKind.PINNED)}
    alone = [entry for entry in record.moments(TimelineKind.PINNED) if entry.ref not in seen]
    first = sorted([*said, *alone], key=lambda entry: (entry.ref not in pinned, entry.at))
    return first[: max(MOST_MESSAGES, len(pinned))]


def _quote(record: Record, entry: TimelineEntry) -> Line:
    is_pinned = any(entry.ref == pinned.ref for pinned in record.moments(TimelineKind.PINNED))
    said_of = (("pinned", is_pinned), ("edited", entry.edited), ("corrected", entry.corrected))
    marks = [mark for mark, is_set in said_of if is_set]
    after = f" ({', '.join(marks)})" if marks else ""
    name = record.name(entry.author) if entry.author else "Somebody"
    text = f"{words.begun(name)} wrote{after}: {words.readable(record, entry.text)}{words.attached(entry)}"
    return Line(text=text, sources=(of_timeline(entry),), at=entry.at, tag="message")


def _row(record: Record, row: LogEntry) -> Line:
    tag = "person" if row.kind in PEOPLE or not _is_machine(row.actor) else "copilot"
    return Line(
        text=words.sentence(record, row),
        sources=(of_log(row),),
        at=row.at,
        detail=words.quoted(record, row),
        tag=tag,
    )


def _is_machine(actor: str) -> bool:
    return actor == "copilot" or ":" in actor


def _is_clerical(record: Record, row: LogEntry) -> bool:
    """Whether a row closes a proposal that nobody ever saw; the appendix lists it all the same."""
    shown = {one.payload["proposal"] for one in record.rows(LogKind.PROPOSED)}
    return row.kind is LogKind.EXPIRED and row.payload["proposal"] not in shown
