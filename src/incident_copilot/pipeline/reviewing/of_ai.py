"""What a postmortem of an AI incident asks beside the usual, and the follow-up it wants (seed 002)."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from incident_copilot.domain import incident_type
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.postmortem import ActionItem, Line, Part, Section
from incident_copilot.pipeline.reviewing import ai_phases, sections, times
from incident_copilot.pipeline.reviewing.record import Record, computed, of_evidence
from incident_copilot.pipeline.reviewing.times import exactly

TYPES = frozenset({*(one.name for one in incident_type.TYPES if one.of_ai), "data_quality"})
WORDS = ("llm", "model", "prompt", "hallucin", "groundedness", "toxicity", "retrieval", "embedding", "inference", "gpt")
EVALUATED = ("eval", "accuracy", "quality", "groundedness", "toxicity", "hallucin", "drift", "refusal", "parity")
WARNING = timedelta(minutes=1)


def is_one(record: Record) -> bool:
    """Whether the incident is about what an AI system does: by its type, its alerts or the suspected cause."""
    suspect = record.brief.suspect if record.brief else None
    said = " ".join([record.incident.title, *(f"{one.name} {one.description}" for one in record.alerts)])
    about = f"{said} {suspect.cause if suspect else ''}".lower()
    return record.incident.incident_type in TYPES or any(word in about for word in WORDS)


def sections_of(record: Record) -> tuple[Section, ...]:
    """Return the section with the questions, each answered from the record or said to be open; none for others."""
    if not is_one(record):
        return ()
    asked = (
        ("What was the AI doing wrong?", [*_wrong(record), *ai_phases.slices(record)]),
        ("How did we detect it?", sections.detection(record).lines[:1]),
        ("Why did we not catch it sooner?", _why_not(record)),
        ("What evaluation gaps existed?", [*_gaps(record), *ai_phases.blind(record)]),
        ("Were there warning signs in the metrics?", [*_signs(record), *ai_phases.moved(record)]),
    )
    parts = tuple(Part(heading=question, lines=tuple(lines)) for question, lines in asked)
    return (Section(key="ai", heading="Questions of an AI incident", parts=parts),)


def action_items(record: Record) -> Iterator[ActionItem]:
    """Yield the follow-up of an AI incident; nothing for others."""
    if not is_one(record):
        return
    label = record.incident.label
    wanted = (
        ("prevent", f"Add the case of {label} to the regression tests: incident-copilot ai export-set {label}"),
        ("prevent", ai_phases.guardrail(record)),
        ("detect", f"Detect the way in which it failed in {label} before users do"),
        ("process", f"Update the evaluation criteria with what {label} showed"),
        ("detect", f"Watch the quality metrics that moved in {label}"),
    )
    sources = times.opening_sources(record)
    for kind, text in wanted:
        yield ActionItem(text=text, kind=kind, owner=record.owner, sources=sources)


def _wrong(record: Record) -> Iterator[Line]:
    alert = record.first_alert
    if alert is None:
        text = f"As it was declared: {record.incident.title}."
        yield Line(text=text, sources=times.opening_sources(record))
        return
    said = (alert.description or alert.summary or alert.name).rstrip(".")
    yield Line(text=f"{said}.", sources=times.alert_sources(record, alert) or times.opening_sources(record))


def _why_not(record: Record) -> Sequence[Line]:
    known = sections.why_not_sooner(record)
    return known or (
        Line(
            text="The record does not say; people answer this.",
            sources=(computed("no-reading", "no reading explains it"),),
        ),
    )


def _gaps(record: Record) -> Iterator[Line]:
    found = _evaluations(record)
    for item in found:
        yield Line(text=f"It was measured: {item.title}.", sources=(of_evidence(item),))
    if not found:
        inputs = f"none of {len(record.evidence)} pieces of evidence is a quality or evaluation metric"
        yield Line(
            text="No evaluation of the model's quality is among the evidence.",
            sources=(computed("no-evaluation", inputs),),
        )


def _evaluations(record: Record) -> list[Evidence]:
    metrics = {item.title: item for item in record.found(EvidenceKind.METRIC)}
    return [item for title, item in metrics.items() if any(word in title.lower() for word in EVALUATED)]


def _signs(record: Record) -> Iterator[Line]:
    span = times.detect(record)
    if span and span.length >= WARNING:
        text = f"The alerting metric had left its normal level {exactly(span.length)} before the alert."
        yield Line(text=text, sources=span.sources)
    else:
        inputs = "the onset and the alert are within a minute, or no alert belongs to it"
        yield Line(text="None that the record holds.", sources=(computed("no-signs", inputs),))
