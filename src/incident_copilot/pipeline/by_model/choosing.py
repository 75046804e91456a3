"""Which specialists are asked: by incident type, computed causes and kinds of evidence; no log line is read for it.

Of an AI system those of the five phases are, each of which has something to look at.
"""

from collections.abc import Mapping

from incident_copilot.analysis.trust import UNKNOWN, Trust
from incident_copilot.analysis.words import tokens
from incident_copilot.domain import advice
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.hypothesis import Hypothesis
from incident_copilot.pipeline.by_model.answering import tools_for
from incident_copilot.pipeline.by_model.material import Material
from incident_copilot.pipeline.by_model.phase_specialists import PHASES
from incident_copilot.pipeline.by_model.specialists import SPECIALISTS, Specialist
from incident_copilot.pipeline.investigate import NOTHING_LEARNED

MOST = 3
OF_TYPE, OF_WORDS, PER_CONFIDENCE, OF_PHASE = 1.0, 0.3, 1.0, 0.5
NAMED_BY_PEOPLE_OR_MACHINES = (EvidenceKind.ALERT, EvidenceKind.METRIC)


def choose(
    material: Material, hypotheses: tuple[Hypothesis, ...], trust: Mapping[str, Trust] = NOTHING_LEARNED
) -> tuple[str, ...]:
    """Return the names of at most three specialists, or of those of the phases, the most fitting first; never none.

    Who was right in other incidents (`trust`, by adviser) is asked sooner.
    """
    phases = [one for one in PHASES if tools_for(one, material)] if material.phases else []
    said = _words(material, hypotheses)
    scores = {
        one.name: _score(one, material, hypotheses, said) * trust.get(advice.specialist(one.name), UNKNOWN).factor
        for one in phases or SPECIALISTS
    }
    if phases:
        return tuple(sorted(scores, key=lambda name: -scores[name]))
    fitting = sorted((name for name, score in scores.items() if score > 0), key=lambda name: -scores[name])
    return tuple(fitting[:MOST]) or (SPECIALISTS[0].name,)


def _score(
    specialist: Specialist, material: Material, hypotheses: tuple[Hypothesis, ...], said: frozenset[str]
) -> float:
    by_cause = sum(one.confidence for one in hypotheses if one.kind in specialist.causes)
    by_type = OF_TYPE * (material.incident.incident_type in specialist.types)
    by_phase = OF_PHASE * any(one.phase == specialist.name and one.found for one in material.phases)
    return PER_CONFIDENCE * by_cause + by_type + OF_WORDS * len(said & specialist.words) + by_phase


def _words(material: Material, hypotheses: tuple[Hypothesis, ...]) -> frozenset[str]:
    """The words of names: of alerts, metrics and services, and the object of each cause."""
    named = [item.title for item in material.evidence.values() if _is_named(item)]
    named += [material.incident.service or "", *(one.object or "" for one in hypotheses)]
    return frozenset(word for name in named for word in tokens(name))


def _is_named(item: Evidence) -> bool:
    return item.kind in NAMED_BY_PEOPLE_OR_MACHINES
