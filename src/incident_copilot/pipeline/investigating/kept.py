"""What of the evidence is kept: all of it, but of logs only lines of the messages that changed."""

from collections.abc import Mapping, Sequence

from incident_copilot.analysis.logs import TemplateChange
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.pipeline.investigating.findings import evidence_id

NEWEST = 20


def kept(evidence: Sequence[Evidence], templates: Mapping[str, TemplateChange]) -> list[Evidence]:
    """Return the evidence as it is stored; a storm's lines would fill the database and show people nothing more."""
    return [_shortened(item, templates) if item.kind is EvidenceKind.LOG else item for item in evidence]


def _shortened(item: Evidence, templates: Mapping[str, TemplateChange]) -> Evidence:
    """Return a LOG with samples of each changed message, or its newest lines where none changed, and with the rates."""
    changed = [template for key, template in templates.items() if evidence_id(key) == item.id]
    samples = sorted((line.at, line.text) for template in changed for line in template.samples)
    lines = [list(line) for line in samples] or item.data["lines"][-NEWEST:]
    messages = [
        {
            "message": template.headline,
            "change": template.kind,
            "per_minute_before": template.per_minute_before,
            "per_minute": template.per_minute_during,
            "first_seen": template.first_seen,
        }
        for template in changed
    ]
    was_cut = item.data["truncated"] or len(lines) < len(item.data["lines"])
    return item.model_copy(update={"data": item.data | {"lines": lines, "messages": messages, "truncated": was_cut}})
