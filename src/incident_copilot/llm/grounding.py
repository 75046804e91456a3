"""Decides by code which sentences of a model are supported by the evidence they cite, and strikes the others.

A sentence stands when its evidence exists and holds its figures, times, names, quotations and causes. That is no proof
that it is true; it is proof that nothing in it comes from nowhere.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, create_model

from incident_copilot.domain.base import Frozen
from incident_copilot.llm import names
from incident_copilot.llm.fencing import RULES
from incident_copilot.llm.names import Known
from incident_copilot.llm.sentences import claims, clock_times
from incident_copilot.llm.sentences.binding import unheld
from incident_copilot.llm.sentences.figures import without_figures
from incident_copilot.llm.sentences.places import claimed, places
from incident_copilot.llm.unwanted import as_shown, unwanted

_NEXT_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\u201c\"])")
_NOTHING_KNOWN = Known()
MOST_CITED = 4
"""Labels that a form has room for, for one sentence."""
InSentences = TypeVar("InSentences", bound=BaseModel)


class Sentence(BaseModel):
    """How a model says one: the text, and the ids of the evidence it rests on."""

    model_config = ConfigDict(extra="forbid")

    text: str
    evidence: list[str]


class Said(Frozen):
    """A sentence of a model and the evidence it cites."""

    text: str
    evidence: tuple[str, ...] = ()


class Struck(Frozen):
    """A sentence that is not supported, and why, in words people read."""

    text: str
    reason: str


class Grounded(Frozen):
    """What is left of what a model said, and what is not."""

    kept: tuple[Said, ...] = ()
    struck: tuple[Struck, ...] = ()

    @property
    def note(self) -> str:
        """One line for people, such as "1 sentence of the model was struck: figure 42 is in no evidence"."""
        number = len(self.struck)
        if not number:
            return ""
        reasons = list(dict.fromkeys(one.reason for one in self.struck))
        more = f"; and {len(reasons) - 2} more reasons" if len(reasons) > 2 else ""
        said = "1 sentence of the model was" if number == 1 else f"{number} sentences of the model were"
        return f"{said} struck: {'; '.join(reasons[:2])}{more}"


def citing(answer: type[InSentences], labels: Collection[str]) -> type[InSentences]:
    """Return the type of an answer in sentences that cite these labels: where a server keeps to forms, no others.

    It is the form only; whatever comes is judged by `ground`.
    """
    cited: Any = Annotated[str, Field(json_schema_extra={"enum": [*labels]})]
    # A small model may go on with labels until its answer is cut off, and all of it is lost.
    evidence: Any = Annotated[list[cited], Field(json_schema_extra={"maxItems": MOST_CITED})]
    sentence: Any = create_model("Sentence", __base__=Sentence, evidence=(evidence, ...))
    sentences: Any = (list[sentence], answer.model_fields["sentences"])
    return create_model(answer.__name__, __base__=answer, sentences=sentences)


def as_said(sentences: Sequence[Sentence]) -> list[Said]:
    """Return the sentences of an answer as they are judged."""
    return [Said(text=one.text, evidence=tuple(one.evidence)) for one in sentences]


def ground(
    said: Sequence[Said], evidence: Mapping[str, str], *, known: Known = _NOTHING_KNOWN, told: str = ""
) -> Grounded:
    """Return which sentences stand; `evidence` is the text of each piece by the id that the model was given.

    `known` are the names that exist. `told` are the model's instructions, which it may not repeat.
    """
    kept: list[Said] = []
    struck: list[Struck] = []
    for sentence in _one_by_one(said):
        reason = why_struck(sentence, evidence, known=known, told=told)
        if reason is None:
            kept.append(sentence)
        else:
            struck.append(Struck(text=sentence.text, reason=reason))
    return Grounded(kept=tuple(kept), struck=tuple(struck))


def why_struck(
    sentence: Said, evidence: Mapping[str, str], *, known: Known = _NOTHING_KNOWN, told: str = ""
) -> str | None:
    """Return why the evidence that a sentence cites does not support it; None where it does."""
    missing = [ref for ref in sentence.evidence if ref not in evidence]
    if not sentence.evidence:
        return unwanted(sentence.text, told + RULES) or "it cites no evidence"
    if missing:
        return f"it cites evidence {as_shown(missing[0], 20)}, which there is not"
    cited = [evidence[ref] for ref in dict.fromkeys(sentence.evidence)]
    return unwanted(sentence.text, told + RULES) or _not_held(sentence.text, cited, known)


def _one_by_one(said: Sequence[Said]) -> Iterator[Said]:
    for one in said:
        for text in _NEXT_SENTENCE.split(one.text.strip()):
            if text:
                yield Said(text=text, evidence=one.evidence)


def _not_held(text: str, cited: Sequence[str], known: Known) -> str | None:
    said, seen = claimed(text, known), places(cited, known)
    named = without_figures(clock_times.times(text).rest)
    return (
        unheld(said, seen)
        or _name_not_held(named, "\n".join(cited), known)
        or claims.unsupported(text, said, seen, known)
    )


def _name_not_held(text: str, everything: str, known: Known) -> str | None:
    """Look for quotations, names and things in the evidence; `text` has no figures and times any more."""
    for quoted in names.quotations(text):
        if not names.holds_quotation(quoted, everything):
            return f"\u201c{quoted[:40]}\u201d is quoted from no evidence it cites"
    if (word := names.mixed_letters(text)) is not None:
        return f"{word} is written in letters of several alphabets"
    if (absent := names.unknown(text, known, everything)) is not None:
        return f"there is no {absent[0]} {absent[1]}"
    for name in names.names(text, known.all):
        if not names.holds_name(name, everything, known.all):
            return f"{name} is in no evidence it cites"
    return None
