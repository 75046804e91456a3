"""What log rows read like that are about vendors, authorities and what may have to be shown later."""

from collections.abc import Callable, Mapping

from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.pipeline.reviewing.record import Record

Say = Callable[[Record, LogEntry, str], str]


def _authority_due(_: Record, row: LogEntry, __: str) -> str:
    """Return the deadline as it stood: 72 h are long, so the day is told too."""
    due = row.payload["due"][:16].replace("T", " ")
    return f"{row.payload['tell']} had not been told; the deadline {'was' if row.payload['late'] else 'is'} {due} UTC."


def _authority_told(_: Record, row: LogEntry, subject: str) -> str:
    reference = f", reference {row.payload['reference']}" if row.payload["reference"] else ""
    when = "after the deadline" if row.payload["late"] else "in time"
    return f"{subject} told {row.payload['tell']} {when}{reference}."


SAYINGS: Mapping[LogKind, Say] = {
    LogKind.VENDOR_CASE: lambda _, row, who: f"{who} noted case {row.payload['case']} at {row.payload['vendor']}.",
    LogKind.AUTHORITY_DUE: _authority_due,
    LogKind.AUTHORITY_TOLD: _authority_told,
    LogKind.SNAPSHOTTED: lambda _, row, who: f"{who} kept the evidence as it was: snapshot {row.payload['number']}.",
    LogKind.LEGAL_HOLD: lambda _, row, who: f"{who} set the legal hold {'on' if row.payload['on'] else 'off'}.",
}
