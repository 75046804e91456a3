"""Who is called what in a postmortem: people by the part they played, so that it reads without blame."""

from collections.abc import Iterator, Sequence

from incident_copilot.domain.incident import Duty, Incident
from incident_copilot.domain.log import LogEntry, LogKind, TimelineEntry
from incident_copilot.pipeline.ledger import is_person

TURNS = {"primary": "the primary on call", "secondary": "the secondary on call"}


def cast(incident: Incident, log: Sequence[LogEntry], timeline: Sequence[TimelineEntry]) -> dict[str, str]:
    """Return what each person is called: by duty, by turn on call, else a responder with a number."""
    parts: dict[str, str] = {}
    for who, part in _parts(incident, log):
        parts.setdefault(who, part)
    number = 0
    for who in _others(log, timeline):
        if who not in parts:
            number += 1
            parts[who] = f"responder {number}"
    return parts


def _parts(incident: Incident, log: Sequence[LogEntry]) -> Iterator[tuple[str, str]]:
    for duty in Duty:
        holder = incident.holder(duty)
        if holder:
            yield holder, f"the {duty.word}"
    for row in log:
        if row.kind is LogKind.PAGED and row.payload.get("turn") in TURNS:
            yield str(row.payload["person"]), TURNS[row.payload["turn"]]
    if incident.acknowledged_by:
        yield incident.acknowledged_by, "the first responder"


def _others(log: Sequence[LogEntry], timeline: Sequence[TimelineEntry]) -> Iterator[str]:
    """Everybody else who did or wrote something, in the order in which they came."""
    acted = [(row.at, row.actor) for row in log if is_person(row.actor)]
    written = [entry for entry in timeline if entry.author and not entry.deleted]
    wrote = [(entry.at, str(entry.author)) for entry in written if is_person(str(entry.author))]
    yield from (who for _, who in sorted(acted + wrote))
