"""What of a specialist's question may be left out where a model has no room for it, and what it then has not seen."""

from collections.abc import Collection
from dataclasses import replace

from incident_copilot.domain.investigation import Investigation
from incident_copilot.pipeline.by_model.material import Material


def spare(held: Investigation, material: Material) -> list[str]:
    """Return the labels of the evidence that no computed sentence rests on, what tells least first."""
    statements = [said for one in held.hypotheses for said in (*one.supporting, *one.contradicting)]
    statements += [said for phase in material.phases for said in phase.found]
    computed = {ref for said in statements for ref in said.evidence_ids}
    return [label for label, item in reversed([*material.evidence.items()]) if item.id not in computed]


def as_seen(material: Material, held: Investigation, left_out: Collection[str]) -> Material:
    """Return the material without the evidence that a specialist was not told of and has not looked at."""
    unseen = set(left_out) - held.looked_at()
    return replace(material, evidence={label: one for label, one in material.evidence.items() if label not in unseen})
