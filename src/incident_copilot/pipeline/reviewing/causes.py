"""What may have caused it: each hypothesis with what speaks for and against it, and what was ruled out by whom."""

from collections.abc import Iterator

from incident_copilot.domain.hypothesis import Hypothesis, Statement, Verdict
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.postmortem import Line, Part, Section, Source
from incident_copilot.domain.proposal import Choice, Proposal, ProposalKind
from incident_copilot.pipeline.reviewing import words
from incident_copilot.pipeline.reviewing.record import Record, computed, of_log

PARTS = {
    Verdict.LIKELY: "Contributing cause, as far as the evidence goes",
    Verdict.POSSIBLE: "May have contributed",
    Verdict.UNLIKELY: "Hardly a cause",
}


def section(record: Record) -> Section:
    """Return the likely causes first, then what was ruled out by evidence, then what people ruled out."""
    found = record.brief.hypotheses if record.brief else ()
    suspect = record.brief.suspect if record.brief else None
    parts = [_part(record, one, is_root=one == suspect) for one in found if not _is_a_remedy(record, one)]
    rejected = tuple(_rejections(record))
    if rejected:
        parts.append(Part(heading="Ruled out by people", lines=rejected))
    note = (
        "Hypotheses are what the evidence suggests; people confirm the cause." if parts else "No cause was looked for."
    )
    return Section(key="causes", heading="Root and contributing causes", parts=tuple(parts), note=note)


def in_one_line(record: Record) -> Line:
    """Return the likeliest cause as a sentence with its evidence, or that none is known."""
    suspect = record.brief.suspect if record.brief else None
    if suspect is None:
        return Line(text="No likely cause was found.", sources=record.brief_source())
    ids = (one for statement in suspect.supporting for one in statement.evidence_ids)
    sources = record.sources(ids) or record.brief_source()
    return Line(text=f"{suspect.verdict.capitalize()} cause: {suspect.cause}.", sources=sources)


def _is_a_remedy(record: Record, one: Hypothesis) -> bool:
    """Whether the change is what people approved against the incident, and so no candidate for its cause."""
    change = next((item for item in record.evidence if item.id == one.change_id), None)
    if change is None:
        return False
    approved = {str(row.payload["proposal"]) for row in record.rows(LogKind.APPROVED)}
    remedies = [
        proposal.shown["params"]
        for proposal in record.proposals
        if proposal.kind is ProposalKind.ACTION and proposal.id in approved
    ]
    deployed = (change.data["service"], change.data["version"])
    is_later = float(change.data["at"]) > record.incident.opened_at.timestamp()
    return is_later and any(deployed == (params.get("service"), params.get("version")) for params in remedies)


def _part(record: Record, one: Hypothesis, *, is_root: bool) -> Part:
    return Part(heading=one.cause, lines=tuple(_lines(record, one, is_root=is_root)), tag=one.verdict)


def _lines(record: Record, one: Hypothesis, *, is_root: bool) -> Iterator[Line]:
    if one.verdict is not Verdict.RULED_OUT:
        ids = (key for statement in (*one.supporting, *one.contradicting) for key in statement.evidence_ids)
        computed_from = computed("confidence", "weighed by the copilot from the statements below it, without a model")
        sources = (*record.sources(ids)[:1], *record.brief_source(), computed_from)
        part = "Root cause, as far as the evidence goes" if is_root else PARTS[one.verdict]
        yield Line(text=f"{part}: confidence {one.confidence * 100:.0f} %.", sources=sources)
    for statement in one.supporting:
        yield _said(record, statement, "for")
    for statement in one.contradicting:
        yield _said(record, statement, "against")
    if one.next_check and one.verdict is not Verdict.RULED_OUT:
        yield Line(text=f"What would settle it: {one.next_check}", sources=record.brief_source())


def _said(record: Record, statement: Statement, side: str) -> Line:
    text = words.begun(statement.text).rstrip(".") + "."
    sources: tuple[Source, ...] = record.sources(statement.evidence_ids)
    if sources:
        return Line(text=text, sources=sources, tag=side)
    return Line(text=f"{text} (Not backed by evidence.)", sources=record.brief_source(), tag=side)


def _rejections(record: Record) -> Iterator[Line]:
    """Steps and actions that people rejected, with their reasons."""
    for proposal in record.proposals:
        rows = [row for row in record.about(proposal) if row.kind is LogKind.REJECTED]
        if rows and _rules_out(proposal, str(rows[-1].payload.get("choice"))):
            row = rows[-1]
            reasons = [one for one in record.about(proposal) if one.kind is LogKind.REASONED]
            detail = words.quoted(record, reasons[-1]) if reasons else ""
            text = f"{words.quoted_title(proposal)} was rejected by {words.who(record, row.actor)}."
            sources = (of_log(row), *(of_log(one) for one in reasons))
            yield Line(text=text, sources=sources, at=row.at, detail=detail, tag="against")


def _rules_out(proposal: Proposal, choice: str) -> bool:
    return proposal.kind in (ProposalKind.ACTION, ProposalKind.CHECK) or choice == Choice.NOT_THIS
