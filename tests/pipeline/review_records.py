"""Records of incidents as the review reads them: each builder takes what the test is about."""

from datetime import timedelta

from incident_copilot.domain.base import new_id
from incident_copilot.domain.log import LogEntry, TimelineEntry, TimelineKind
from incident_copilot.pipeline.reviewing.record import Record

from .samples import INCIDENT_ID, NOON, incident


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def row(seq, kind, actor="U0ANA", /, *, seconds=0, **payload):
    """A log row; its hashes are of no concern here."""
    return LogEntry(
        seq=seq,
        chain=f"incident:{INCIDENT_ID}",
        workspace_id="w",
        incident_id=INCIDENT_ID,
        at=at(seconds),
        actor=actor,
        kind=kind,
        payload=payload,
        prev_hash="0" * 64,
        hash=f"{seq:064x}",
    )


def entry(kind=TimelineKind.MESSAGE, text="hello", seconds=0, **fields):
    """A timeline entry."""
    values = {"id": new_id(at(seconds)), "incident_id": INCIDENT_ID, "at": at(seconds), "kind": kind, "text": text}
    return TimelineEntry.model_validate(values | fields)


def record(*log, lasted=600, **fields):
    """The record of an incident that ended after `lasted` seconds."""
    values = {
        "incident": incident(ended_at=at(lasted), resolved_at=at(lasted), ending="resolved", status="resolved"),
        "written_at": at(lasted),
        "log": log,
        "names": {"U0ANA": "Ana", "U0SAM": "Sam"},
    }
    return Record(**(values | fields))


def texts(section):
    return [line.text for line in section.all_lines]
