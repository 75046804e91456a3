"""What of a specialist's answer stands: labels, names and figures that exist, and no confidence beyond the evidence.

What is taken out is kept in words, and counted.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce

from incident_copilot.domain.evidence import EvidenceKind, Quote
from incident_copilot.domain.hypothesis import Hypothesis, Statement, Verdict
from incident_copilot.domain.investigation import Investigation, Judgement, Look, Opinion, label
from incident_copilot.llm.attribution import Told, attributed
from incident_copilot.llm.grounding import Said, ground
from incident_copilot.llm.names import Known
from incident_copilot.llm.unwanted import as_shown
from incident_copilot.pipeline.by_model.material import Material
from incident_copilot.pipeline.by_model.specialists import RULES, Another, Judged, Specialist, SpecialistAnswer
from incident_copilot.pipeline.by_model.support import CLASSES, highest, lowest
from incident_copilot.pipeline.by_model.tools import TOOLS

LABELS = re.compile(r" ?[(\[]?\b[EHA]\d{1,3}\b(?:(?:, ?|; ?| and )[EHA]\d{1,3}\b)*[)\]]?")


@dataclass
class Struck:
    """What is taken out of an answer, in words that are the code's own: what the model wrote is not shown."""

    why: list[str] = field(default_factory=list)
    sentences: int = 0
    unsupported: int = 0

    def note(self, why: str) -> None:
        """Note one thing that does not stand."""
        self.why.append(why)


def check(
    answer: SpecialistAnswer, specialist: Specialist, held: Investigation, material: Material
) -> tuple[Opinion, Hypothesis | None]:
    """Return what stands of an answer, and the cause that it added where that one stands too."""
    struck = Struck()
    known = held.by_label
    judgements = [
        _judgement(one, known[one.hypothesis], held, material, struck)
        for one in answer.judged
        if _exists(one.hypothesis, known, struck)
    ]
    added = _added(answer.another, held, material, struck) if answer.another else None
    if added:
        judgements.append(added[1])
    step = answer.next_step or None
    if step and step not in held.steps:
        struck.note(f"there is no step {as_shown(step)}")
        step = None
    opinion = Opinion(
        specialist=specialist.name,
        judgements=tuple({one.hypothesis: one for one in judgements}.values()),
        next_step=step,
        struck=tuple(struck.why),
        claims=_claims(answer),
        sentences=struck.sentences,
        unsupported=struck.unsupported,
    )
    return opinion, added[0] if added else None


def _judgement(
    one: Judged, hypothesis: Hypothesis, held: Investigation, material: Material, struck: Struck
) -> Judgement:
    named = tuple(_existing(one.against, material, struck))
    against = tuple(ref for ref in named if material.evidence[ref].kind in CLASSES)
    for ref in named:
        if ref not in against:
            struck.note(f"{ref} makes nothing less certain")
    cited = tuple(label for label in _existing(one.evidence, material, struck) if label not in named)
    least, most = lowest(hypothesis, against, held), highest(hypothesis, cited, held, material)
    if round(one.confidence, 2) > round(most, 2):
        struck.note(f"{one.hypothesis} at {one.confidence:.2f}: its evidence supports {most:.2f}")
    if round(one.confidence, 2) < round(least, 2):
        struck.note(f"{one.hypothesis} at {one.confidence:.2f}: what was looked at leaves it at least {least:.2f}")
    return Judgement(
        hypothesis=one.hypothesis,
        confidence=round(min(max(one.confidence, least), most), 2),
        evidence=cited,
        against=against,
        because=_grounded(one.because, (*cited, *named), held, material, struck),
    )


def _added(
    another: Another, held: Investigation, material: Material, struck: Struck
) -> tuple[Hypothesis, Judgement] | None:
    """Return a cause that a specialist added; code words it, so that only kind and service are the model's."""
    if another.service not in material.services:
        struck.note(f"there is no service {as_shown(another.service)}")
        return None
    cause = Hypothesis(
        cause=f"{another.kind} of {another.service}",
        kind=another.kind,
        object=another.service,
        verdict=Verdict.POSSIBLE,
        confidence=0.0,
    )
    judged = Judged(
        hypothesis=label(len(held.hypotheses)),
        confidence=another.confidence,
        evidence=another.evidence,
        against=[],
        because=another.because,
    )
    judgement = _judgement(judged, cause, held, material, struck)
    if not judgement.confidence:
        struck.note(f"{cause.cause}: nothing that was looked at speaks for it")
        return None
    return cause, judgement


def _exists(hypothesis: str, known: dict[str, Hypothesis], struck: Struck) -> bool:
    if hypothesis not in known:
        struck.note(f"there is no hypothesis {as_shown(hypothesis)}")
    return hypothesis in known


def _existing(labels: Sequence[str], material: Material, struck: Struck) -> Iterator[str]:
    for one in dict.fromkeys(labels):
        if one in material.evidence:
            yield one
        else:
            struck.note(f"there is no evidence {as_shown(one)}")


def _grounded(text: str, cited: Sequence[str], held: Investigation, material: Material, struck: Struck) -> str:
    """Return the sentences whose figures, names and causes are in the evidence that is cited for them.

    Who reads them is told which are words of somebody else, also where a label of a figure is cited for them.
    """
    known = Known(services=material.services)
    told = {one: _told(one, held, material) for one in material.evidence if one in cited or _writer(one, material)}
    said = Said(text=LABELS.sub("", text), evidence=tuple(cited))
    grounded = ground([said], {one: told[one][0] for one in cited}, known=known, told=RULES)
    struck.sentences += len(grounded.kept) + len(grounded.struck)
    struck.unsupported += len(grounded.struck)
    for sentence in grounded.struck:
        struck.note(f"a sentence: {sentence.reason}")
    return " ".join(" ".join(attributed(one, told, known).split()) for one in grounded.kept)


def _writer(cited: str, material: Material) -> str | None:
    return material.evidence[cited].kind.writer


def _told(cited: str, held: Investigation, material: Material) -> Told:
    """Return what a piece of evidence says, in its own words, to a tool and in what was computed from it.

    All of it is a quote where somebody wrote it, but what was computed and quotes no log or the like.
    """
    item, writer = material.evidence[cited], _writer(cited, material)
    shown = [_found_by(look, cited) for look in held.looks if cited in look.cited]
    # Of what tools of others answered, which a look shows, the summary is the beginning.
    summary = "" if item.kind is EvidenceKind.NOTE and shown else item.summary
    computed = [one for one in _computed(held, material) if item.id in one.evidence_ids]
    written = {one.id for one in material.evidence.values() if one.is_written}
    quoting = [one.text for one in computed if written.intersection(one.evidence_ids)]
    own = [one.text for one in computed if written.isdisjoint(one.evidence_ids)]
    words = "\n".join([item.title, summary, *quoting, *shown])
    return "\n".join([words, *own]), Quote(by=writer, text=words) if writer else None


def _found_by(look: Look, cited: str) -> str:
    """Return what a look showed of a label; a tool of others may repeat what it was asked, which nobody has found."""
    words = [value for value in look.arguments.values() if isinstance(value, str) and look.tool not in TOOLS]
    shown = look.about(cited)
    return reduce(lambda text, asked: re.sub(re.escape(asked), " ", text, flags=re.IGNORECASE), words, shown)


def _computed(held: Investigation, material: Material) -> Iterator[Statement]:
    for one in held.hypotheses:
        yield from (*one.supporting, *one.contradicting)
    for phase in material.phases:
        yield from phase.found


def _claims(answer: SpecialistAnswer) -> int:
    """Return how much was to be checked: labels, confidences, sentences, names."""
    judged = sum(1 + len(one.evidence) + len(one.against) + bool(one.because) for one in answer.judged)
    another = 2 + len(answer.another.evidence) + bool(answer.another.because) if answer.another else 0
    return judged + another + bool(answer.next_step)
