"""What was proposed and what became of it: by whom, when, on what evidence, and the hash of what was shown."""

from collections.abc import Iterator

from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.domain.postmortem import Line, Part, Section
from incident_copilot.domain.proposal import Proposal
from incident_copilot.pipeline.reviewing import effectiveness, words
from incident_copilot.pipeline.reviewing.record import Record, of_log

SHORT = 12
"""Digits of a hash that people compare."""


def section(record: Record) -> Section:
    """Return how the response worked, in numbers and proposal by proposal; those that nobody saw are counted."""
    shown = list(dict.fromkeys(str(row.payload["proposal"]) for row in record.rows(LogKind.PROPOSED)))
    by_id = {proposal.id: proposal for proposal in record.proposals}
    parts = tuple(_part(record, by_id[one]) for one in shown)
    waiting = len(record.proposals) - len(shown)
    note = "" if parts else "Nothing was proposed."
    if waiting:
        note = f"{note} {waiting} more were prepared and never shown, as at most three are open at once.".strip()
    lines = tuple(effectiveness.in_numbers(record))
    return Section(key="decisions", heading="Response and decisions", lines=lines, parts=parts, note=note)


def _part(record: Record, proposal: Proposal) -> Part:
    lines = tuple(_lines(record, proposal))
    return Part(heading=proposal.title.rstrip("."), lines=lines, tag=_state(proposal))


def _state(proposal: Proposal) -> str:
    return proposal.state.replace("_", " ")


def _lines(record: Record, proposal: Proposal) -> Iterator[Line]:
    for row in record.about(proposal):
        evidence = record.sources(str(one) for one in row.payload.get("evidence", ()))
        yield Line(
            text=f"{_said(record, proposal, row)}{_hash(row)}",
            sources=(of_log(row), *evidence),
            at=row.at,
            detail=words.quoted(record, row),
        )


def _said(record: Record, proposal: Proposal, row: LogEntry) -> str:
    """The title stands above, so it is not said again."""
    if row.kind is LogKind.PROPOSED:
        return f"Proposed by the copilot as {words.KINDS[proposal.kind]}, {proposal.risk} risk."
    return words.begun(words.sentence(record, row).replace(words.quoted_title(proposal), "it"))


def _hash(row: LogEntry) -> str:
    shown = row.payload.get("shown_sha256")
    return f" Shown: version {row.payload['version']}, {str(shown)[:SHORT]}." if shown else ""
