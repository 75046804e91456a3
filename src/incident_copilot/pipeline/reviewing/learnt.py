"""Lessons: what the incident teaches about its cause, what helped and what did not; and what is still open."""

from collections.abc import Iterator, Mapping

from incident_copilot.domain.hypothesis import Verdict
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.postmortem import Line, Section
from incident_copilot.pipeline.reviewing import harm, lessons, words
from incident_copilot.pipeline.reviewing.record import Record, computed, of_log

TAUGHT: Mapping[str, str] = {
    "change": "A change reached production that no check before it stopped: {cause}.",
    "saturation": "A limit was reached before anything warned of it: {cause}.",
    "dependency": "{service} does not go on without what it depends on: {cause}.",
    "external provider": "{service} has no way around its provider: {cause}.",
    "traffic": "{service} does not hold this load: {cause}.",
    "configuration": "A configuration was wrong and nothing refused it: {cause}.",
    "infrastructure": "What {service} runs on failed, and it noticed: {cause}.",
    "defect": "A defect was in production: {cause}.",
}


def section(record: Record) -> Section:
    """Return the lessons; people add theirs."""
    lines = tuple(_taught(record))
    note = "People add what they learnt; these follow from the record." if lines else "No rule found a lesson."
    return Section(key="lessons", heading="Lessons learnt", lines=lines, note=note)


def open_questions(record: Record) -> Section:
    """Return what the record does not answer: causes that are not settled, sources that did not answer, the harm."""
    lines = tuple(_open(record))
    note = "" if lines else "Nothing is left open by the record."
    return Section(key="open_questions", heading="Open questions", lines=lines, note=note)


def _taught(record: Record) -> Iterator[Line]:
    suspect = record.brief.suspect if record.brief else None
    service = record.incident.service or "the service"
    if suspect and suspect.kind in TAUGHT:
        ids = (one for statement in suspect.supporting for one in statement.evidence_ids)
        text = TAUGHT[suspect.kind].format(cause=suspect.cause, service=service)
        yield Line(text=words.begun(text), sources=record.sources(ids) or record.brief_source())
    for row in record.rows(LogKind.VERIFIED):
        verb = "helped" if row.payload["healthy"] else "did not help"
        sources = (of_log(row), *record.sources(str(one) for one in row.payload.get("evidence", ())))
        yield Line(text=f"{words.title_of(record, row)} {verb} against it.", sources=sources)
    slow = [lesson for lesson in lessons.lessons(record) if not lesson.is_good and lesson.kind == "detect"]
    for lesson in slow[:2]:
        yield Line(text=f"What to see sooner: {lesson.text}", sources=lesson.sources)


def _open(record: Record) -> Iterator[Line]:
    for one in record.brief.hypotheses if record.brief else ():
        if one.verdict in (Verdict.LIKELY, Verdict.POSSIBLE) and one.next_check:
            yield Line(text=f"Is it {one.cause}? To settle it: {one.next_check}", sources=record.brief_source())
    for gap in dict.fromkeys((*(record.brief.gaps if record.brief else ()), *record.late_gaps)):
        yield Line(text=f"What would {gap.source} have shown? It could not be asked.", sources=record.brief_source())
    if record.brief is None or record.brief.suspect is None:
        yield Line(text="What caused it?", sources=record.brief_source())
    if record.worth is None or harm.failing_share(record) is None:
        counted = computed("not-known", f"none of {len(record.evidence)} pieces of evidence counts it")
        yield Line(text="How many users were affected, and what did it cost?", sources=(counted,))
