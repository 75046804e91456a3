"""How well the response worked: what was proposed, how people decided, and what the decisions led to."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from statistics import median

from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.domain.postmortem import Line
from incident_copilot.pipeline.reviewing.record import Record, computed, of_log
from incident_copilot.pipeline.reviewing.times import exactly

DECIDED = {
    LogKind.APPROVED: "approved",
    LogKind.EDITED: "edited",
    LogKind.REJECTED: "rejected",
    LogKind.DONE: "done by hand",
    LogKind.EXPIRED: "taken back undecided",
}
MOST_CITED = 12
"""Rows that one line cites; more would be a wall of marks, and the appendix has them all."""


def in_numbers(record: Record) -> Iterator[Line]:
    """Yield counts over the log: proposals, decisions, their outcomes, and how long people took to decide."""
    shown = _by_proposal(record.rows(LogKind.PROPOSED))
    if not shown:
        return
    parts, cited = [], list(shown.values())
    for kind, word in DECIDED.items():
        rows = {key: row for key, row in _by_proposal(record.rows(kind)).items() if key in shown}
        if rows:
            parts.append(f"{len(rows)} {word}")
            cited += rows.values()
    count = "1 proposal was" if len(shown) == 1 else f"{len(shown)} proposals were"
    yield _counted(f"{count} shown: {', '.join(parts) or 'none was decided'}.", "proposals", cited)
    yield from _outcomes(record)
    yield from _waited(record, shown)


def _outcomes(record: Record) -> Iterator[Line]:
    carried = _by_proposal(record.rows(LogKind.CARRIED_OUT, LogKind.FAILED, LogKind.UNKNOWN))
    if not carried:
        return
    verified = _by_proposal(record.rows(LogKind.VERIFIED))
    worked = sum(bool(row.payload["healthy"]) for row in verified.values())
    failed = sum(row.kind is LogKind.FAILED for row in carried.values())
    counts = ((worked, "worked"), (len(verified) - worked, "did not help"), (failed, "could not be carried out"))
    said = [f"{count} {how}" for count, how in counts if count]
    unread = len(carried) - len(verified) - failed
    said += [f"of {unread} the outcome was not measured"] if unread > 0 else []
    count = "1 approved action was" if len(carried) == 1 else f"{len(carried)} approved actions were"
    yield _counted(f"{count} carried out: {', '.join(said)}.", "outcomes", [*carried.values(), *verified.values()])


def _waited(record: Record, shown: dict[str, LogEntry]) -> Iterator[Line]:
    decided = _by_proposal(record.rows(LogKind.REJECTED, LogKind.DONE, LogKind.APPROVED))
    waits = [(row.at - shown[key].at).total_seconds() for key, row in decided.items() if key in shown]
    if waits:
        text = f"From proposal to decision it took {exactly(timedelta(seconds=median(waits)))} in the median."
        rows = [row for key, row in decided.items() if key in shown]
        yield _counted(text, "time-to-decide", rows)


def _by_proposal(rows: Sequence[LogEntry]) -> dict[str, LogEntry]:
    """The newest row of each proposal."""
    return {str(row.payload["proposal"]): row for row in rows}


def _counted(text: str, what: str, rows: Sequence[LogEntry]) -> Line:
    source = computed(what, f"counted over {len(rows)} rows of the action log")
    return Line(text=text, sources=(source, *(of_log(row) for row in rows[:MOST_CITED])))
