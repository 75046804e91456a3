"""What the five phases of looking into an AI system say to a postmortem: lines with their sources, and a guardrail."""

from collections.abc import Iterator, Mapping

from incident_copilot.domain.hypothesis import Phase, PhaseFound
from incident_copilot.domain.postmortem import Line
from incident_copilot.pipeline.reviewing.record import Record, computed

GUARDRAILS: Mapping[str, str] = {
    "prompt_injection": "Keep tools and data out of reach of texts that a model reads; block what {label} showed",
    "security": "Limit what one caller may ask of the model, and verify its artefacts where they are loaded",
    "bias_and_fairness": "Compare the groups of {label} before each release; send decisions near the limit to people",
    "context_retrieval": "Answer only from passages that are fresh and cited, and say so where there are none",
    "model_regression": "Release no model, prompt or index whose evaluation is worse, the cases of {label} among it",
    "data_quality": "Refuse input that breaks its contract before the model sees it",
}
GUARDRAIL = "Hold back answers under a confidence that people agree on, and send those cases to people"
"""What keeps this from reaching users again, where nothing fits better."""


def slices(record: Record) -> Iterator[Line]:
    """Yield which slices of the requests carried the loss."""
    for one in _of(record, Phase.MODEL):
        for said in one.found:
            if " carries " in said.text and (sources := record.sources(said.evidence_ids)):
                yield Line(text=f"{said.text}.", sources=sources)


def moved(record: Record) -> Iterator[Line]:
    """Yield what moved before or at the onset, and could have told of it."""
    for one in _of(record, Phase.STATISTICAL):
        for said in one.found[1:]:
            if "of the season" not in said.text and (sources := record.sources(said.evidence_ids)):
                yield Line(text=f"{said.text}.", sources=sources)


def blind(record: Record) -> Iterator[Line]:
    """Yield what could not be looked at when the cause was looked for: what nobody measures finds nothing."""
    missing = [text for one in (record.brief.phases if record.brief else ()) for text in one.missing]
    if missing:
        inputs = f"the phases of the newest brief name {len(missing)} things that they could not look at"
        text = f"Could not be looked at: {'; '.join(missing)}."
        yield Line(text=text, sources=(computed("not-looked-at", inputs),))


def guardrail(record: Record) -> str:
    """Return the guardrail that the type of incident asks for."""
    return GUARDRAILS.get(record.incident.incident_type, GUARDRAIL).format(label=record.incident.label)


def _of(record: Record, phase: Phase) -> list[PhaseFound]:
    return [one for one in (record.brief.phases if record.brief else ()) if one.phase is phase]
