"""What log rows read like that are about how far the copilot goes for a service."""

from collections.abc import Mapping

from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.pipeline.reviewing.outside_words import Say
from incident_copilot.pipeline.reviewing.record import Record


def _level(verb: str) -> Say:
    def say(_: Record, row: LogEntry, subject: str) -> str:
        told = row.payload
        level = f"how far the copilot goes for {told['service']} from {told['from']} to {told['to']}"
        return f"{subject} {verb} {level}."

    return say


def _raised(record: Record, row: LogEntry, subject: str) -> str:
    asked_by = row.payload["asked_by"]
    both = subject if asked_by == row.actor else f"{record.name(asked_by)} and {subject}"
    return _level("raised")(record, row, both)


SAYINGS: Mapping[LogKind, Say] = {
    LogKind.LEVEL_ADVISED: _level("proposed to lower"),
    LogKind.LEVEL_ASKED: _level("asked to raise"),
    LogKind.LEVEL_RAISED: _raised,
    LogKind.LEVEL_LOWERED: _level("lowered"),
    LogKind.LEVEL_REFUSED: _level("refused to raise"),
    LogKind.LEVEL_EXPIRED: _level("let expire the request to raise"),
}
