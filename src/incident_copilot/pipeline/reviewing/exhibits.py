"""What stands behind each source: the log row, the timeline entry, the query and its numbers, the computation."""

import math
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.log import LogEntry, TimelineEntry
from incident_copilot.domain.postmortem import ActionItem, Exhibit, LedgerRow, Section, Source
from incident_copilot.pipeline.ledger import is_person
from incident_copilot.pipeline.measure import number
from incident_copilot.pipeline.reviewing import words
from incident_copilot.pipeline.reviewing.record import CLOCK, Record

LOG_LINES = 5
"""Kinds of log lines that are quoted, those seen most often first."""
QUOTE = 4000
_NUMBER = re.compile(r"[0-9a-f]*\d[0-9a-f]*(?:-[0-9a-f]+)*")
Facts = tuple[tuple[str, str], ...]


def exhibits(record: Record, sections: Iterable[Section], items: Iterable[ActionItem]) -> tuple[Exhibit, ...]:
    """Return one exhibit for each source that a line or an action item cites, in the order of first use."""
    cited: dict[str, Source] = {}
    for source in _cited(sections, items):
        cited.setdefault(source.ref, source)
    rows = {f"log:{row.seq}": row for row in (*record.log, *record.afterwards)}
    entries = {f"timeline:{entry.id}": entry for entry in record.timeline}
    held = {f"evidence:{item.id}": item for item in record.evidence}
    return tuple(_exhibit(record, source, rows, entries, held) for source in cited.values())


def ledger(record: Record) -> tuple[LedgerRow, ...]:
    """Return every row of the incident's action log."""
    return tuple(
        LedgerRow(seq=row.seq, at=row.at, actor=_named(record, row.actor), kind=row.kind, hash=row.hash)
        for row in sorted((*record.log, *record.afterwards), key=lambda row: row.seq)
    )


def _named(record: Record, actor: str) -> str:
    return record.called(actor) if is_person(actor) else words.who(record, actor)


def _cited(sections: Iterable[Section], items: Iterable[ActionItem]) -> Iterator[Source]:
    for section in sections:
        for line in section.all_lines:
            yield from line.sources
    for item in items:
        yield from item.sources


def _exhibit(
    record: Record,
    source: Source,
    rows: dict[str, LogEntry],
    entries: dict[str, TimelineEntry],
    held: dict[str, Evidence],
) -> Exhibit:
    if source.ref in rows:
        return _of_row(record, source, rows[source.ref])
    if source.ref in entries:
        return _of_entry(record, source, entries[source.ref])
    if source.ref in held:
        return _of_evidence(source, held[source.ref])
    what = source.ref.removeprefix("computed:").replace("-", " ")
    return Exhibit(ref=source.ref, title=f"Computed: {what}", summary=source.label)


def _of_row(record: Record, source: Source, row: LogEntry) -> Exhibit:
    facts = [("by", words.who(record, row.actor)), ("row hash", row.hash)]
    if "shown_sha256" in row.payload:
        facts.append(("hash of what was shown", str(row.payload["shown_sha256"])))
    return Exhibit(
        ref=source.ref,
        title=source.label,
        summary=words.sentence(record, row),
        at=row.at,
        facts=tuple(facts),
        quote=words.quoted(record, row),
    )


def _of_entry(record: Record, source: Source, entry: TimelineEntry) -> Exhibit:
    facts: Facts = (("by", words.who(record, entry.author)),) if entry.author else ()
    facts += tuple(("file", f"{one.name} {one.link or one.id}") for one in entry.files)
    said = words.readable(record, entry.text)
    return Exhibit(ref=source.ref, title=source.label, summary=said, at=entry.at, facts=facts, link=entry.link)


def _of_evidence(source: Source, item: Evidence) -> Exhibit:
    facts, quote = NUMBERS[item.kind](item.data) if item.kind in NUMBERS else ((), "")
    query: Facts = (("query", item.query),) if item.query else ()
    return Exhibit(
        ref=source.ref,
        title=source.label,
        summary=item.summary,
        at=item.taken_at,
        facts=(*query, *facts),
        quote=quote[:QUOTE],
        link=item.link,
    )


def _metric(data: dict[str, Any]) -> tuple[Facts, str]:
    points = [(float(at), float(value)) for at, value in data["points"] if math.isfinite(float(value))]
    if not points:
        return (("readings", "none"),), ""
    unit = str(data.get("unit", ""))
    values = [value for _, value in points]
    worst_at = max(points, key=lambda point: point[1])[0]
    return (
        ("readings", f"{len(points)}, {_clock(points[0][0])} to {_clock(points[-1][0])} UTC"),
        ("first", number(values[0], unit)),
        ("lowest", number(min(values), unit)),
        ("highest", f"{number(max(values), unit)} at {_clock(worst_at)} UTC"),
        ("last", number(values[-1], unit)),
    ), ""


def _log(data: dict[str, Any]) -> tuple[Facts, str]:
    lines = data["lines"]
    since, until = float(data["since"]), float(data["until"])
    more = " (more were cut off)" if data.get("truncated") else ""
    facts = (("lines", f"{len(lines)}{more}, {_clock(since)} to {_clock(until)} UTC"),)
    alike: dict[str, list[str]] = {}
    for _, text in lines:
        alike.setdefault(_NUMBER.sub("#", str(text)), []).append(str(text))
    most = sorted(alike.values(), key=len, reverse=True)[:LOG_LINES]
    return facts, "\n".join(f"{len(same)} such lines: {same[-1]}" for same in most)


def _change(data: dict[str, Any]) -> tuple[Facts, str]:
    before = data.get("previous") or "unknown"
    facts = (
        ("went out", f"{_clock(float(data['at']))} UTC"),
        ("version", f"{data['version']} (before: {before})"),
        ("by", str(data.get("author") or "unknown")),
    )
    return facts, str(data.get("diff") or "")


def _alert(data: dict[str, Any]) -> tuple[Facts, str]:
    labels = ", ".join(f"{key}={value}" for key, value in sorted(data.get("labels", {}).items()))
    return (("state then", str(data.get("status", ""))), ("labels", labels)), ""


def _runbook(data: dict[str, Any]) -> tuple[Facts, str]:
    return (("section", str(data.get("section", ""))),), str(data.get("text", ""))


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):{CLOCK}}"


NUMBERS = {
    EvidenceKind.METRIC: _metric,
    EvidenceKind.LOG: _log,
    EvidenceKind.CHANGE: _change,
    EvidenceKind.ALERT: _alert,
    EvidenceKind.RUNBOOK: _runbook,
}
