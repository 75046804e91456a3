"""Find past incidents like this one: by what they say, and by what kind of incident both are."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from incident_copilot.domain.past_incident import PastIncident
from incident_copilot.knowledge.meaning import Meaning
from incident_copilot.knowledge.reading import Document, DocumentSection
from incident_copilot.knowledge.search import Hit, Index

# Two incidents of one kind may share no word, and still the same kinds fit both ("explicit semantic analysis" with
# kinds as concepts). Words and kinds count alike; evals/README.md says what other weights give.
KINDS_WEIGHT = 1.0
# A kind that fits twice as well tells four times as much.
_SHARPNESS = 2
# A report begins with what was seen, as an alert does; how it was found and mended comes later. This part counts once
# more, so that like is compared with like.
_OPENING = 600

# Among few incidents what all have in common may be just what this one shares with them.
_IMAGINED = 10

LEAST_ALIKE = 0.2
"""On 63 public reports all but one in thirty with a right answer reach it, and four in five of those without one."""

Scores = npt.NDArray[np.float64]


class SimilarIncident(NamedTuple):
    """A past incident, how alike it is (0 to 1; half of it by words, half by kind), and what both have in common."""

    past: PastIncident
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Kinds:
    """Kinds of incident, to be compared with texts."""

    index: Index
    titles: tuple[str, ...]

    @classmethod
    def of(cls, documents: Sequence[Document], meaning: Meaning | None = None) -> "Kinds":
        """A kind for each document that tells of it."""
        return cls(Index.build(documents, meaning=meaning), tuple(one.title for one in documents))

    def fit(self, text: str, everyday: Index | None = None) -> Scores:
        """How well each kind fits a text; together of length 1. What many documents of `everyday` say counts less."""
        return _unit(np.maximum(self.index.scores(text, everyday), 0.0) ** _SHARPNESS)

    def fit_report(self, past: PastIncident) -> Scores:
        """How well each kind fits a report; together of length 1."""
        text = f"{past.title}. {past.text}"
        return _unit(self.fit(text) + self.fit(text[:_OPENING]))


@dataclass(frozen=True)
class PastIndex:
    """Past incidents, an index over them, and how well each kind fits each of them."""

    incidents: tuple[PastIncident, ...]
    index: Index
    kinds: Kinds
    fits: Scores

    @classmethod
    def build(
        cls,
        incidents: Iterable[PastIncident],
        kinds: Kinds,
        meaning: Meaning | None = None,
        before: "PastIndex | None" = None,
    ) -> "PastIndex":
        """The index; what `before` holds of the same kinds is not read again."""
        incidents = tuple(incidents)
        held = dict(zip(before.incidents, before.fits, strict=True)) if before and before.kinds is kinds else {}
        fits = [held[one] if one in held else kinds.fit_report(one) for one in incidents]
        return cls(
            incidents=incidents,
            index=Index.build(map(_document, incidents), before.index if before else None, meaning),
            kinds=kinds,
            fits=np.array(fits).reshape(len(incidents), len(kinds.titles)),
        )

    @cached_property
    def usual(self) -> Scores:
        """How well each kind fits on the average, as if there were a few more incidents that no kind fits."""
        return np.asarray(self.fits.sum(axis=0) / (len(self.incidents) + _IMAGINED))

    @cached_property
    def peculiar(self) -> Scores:
        """How much better than usual each kind fits each incident; together of length 1 for each."""
        return _unit(self.fits - self.usual)

    def fit(self, text: str) -> Scores:
        """How much better than usual each kind fits a text; together of length 1, or 0 where none fits."""
        fit = self.kinds.fit(text, self.index)
        return _unit(fit - self.usual) if fit.any() else fit

    def alike(self, said: Scores, fit: Scores, kinds_weight: float = KINDS_WEIGHT) -> Scores:
        """How alike each incident is, by the `scores` of the index and by the `fit` of a text."""
        return _standard(said) + kinds_weight * _standard(self.peculiar @ fit)


def similar_incidents(
    known: PastIndex,
    text: str,
    *,
    service: str | None = None,
    leave_out: Collection[str] = (),
    limit: int = 3,
    least: float = LEAST_ALIKE,
) -> list[SimilarIncident]:
    """At most `limit` past incidents like what the text says, best first; an empty list means: none is like it.

    Those of the ids in `leave_out` are left out, and those whose score is below `least`. `service` is only a reason.
    """
    if not known.incidents:
        return []
    said, fit = known.index.scores(text), known.fit(text)
    scores = known.alike(said, fit)
    order = (int(at) for at in np.argsort(-scores, kind="stable") if known.incidents[at].id not in leave_out)
    best = list(islice(order, limit))
    hits = known.index.hits(best, text, said)
    found = [_similar(known, at, hit, fit, service) for at, hit in zip(best, hits, strict=True)]
    return [one for one in found if one.score >= least]


def _similar(known: PastIndex, at: int, hit: Hit, fit: Scores, service: str | None) -> SimilarIncident:
    past = known.incidents[at]
    same_service = (f"the same service, {service}",) if service and service == past.service else ()
    score = (hit.score + max(0.0, float(known.peculiar[at] @ fit))) / 2
    return SimilarIncident(past, score, (*same_service, *_said(hit), *_both_fit(known, at, fit)))


def _said(hit: Hit) -> tuple[str, ...]:
    return ("both say " + ", ".join(f'"{word}"' for word in hit.words),) if hit.words else ()


def _both_fit(known: PastIndex, at: int, fit: Scores) -> tuple[str, ...]:
    """The kind that stands out most in each of both."""
    if not len(fit) or fit.max() <= 0 or fit.argmax() != known.peculiar[at].argmax():
        return ()
    return (f"the same kind fits both: {known.kinds.titles[int(fit.argmax())]}",)


def _document(past: PastIncident) -> Document:
    section = DocumentSection(id="report", heading="", text=past.text)
    return Document(id=past.id, title=past.title, sections=(section,), source=past.source)


def _unit(vectors: Scores) -> Scores:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1.0))


def _standard(scores: Scores) -> Scores:
    """How far each score is from what is usual for this query."""
    spread = scores.std()
    return np.asarray((scores - scores.mean()) / (spread if spread > 0 else 1.0))
