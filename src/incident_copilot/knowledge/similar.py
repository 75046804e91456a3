"""Find past incidents like this one: by what they say, and by which runbooks fit both."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from incident_copilot.domain.past_incident import PastIncident
from incident_copilot.knowledge.match import as_document
from incident_copilot.knowledge.meaning import Meaning
from incident_copilot.knowledge.reading import Document, DocumentSection
from incident_copilot.knowledge.runbook import Library
from incident_copilot.knowledge.search import Hit, Index

# Two incidents of one kind may share no word, and still the same runbooks fit both ("explicit semantic analysis" with
# runbooks as concepts). On 63 public reports: without it a mean average precision of .40, with .2 to .8 of .44 to .47.
_RUNBOOKS_WEIGHT = 0.4
# A runbook that fits twice as well tells four times as much about the kind of incident.
_SHARPNESS = 2
_MOST_CONCEPTS = 200

LEAST_SHARE = 0.06
"""Below it a report shares a stray word or two."""

Scores = npt.NDArray[np.float64]


class SimilarIncident(NamedTuple):
    """A past incident, how well what it says answers what is asked (0 to 1), and what they have in common."""

    past: PastIncident
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Concepts:
    """Runbooks as kinds of incident; taken once, because an edit of one hardly changes what the others are about."""

    index: Index
    titles: tuple[str, ...]

    @classmethod
    def of(cls, library: Library, meaning: Meaning | None = None) -> "Concepts":
        """The runbooks for any service first, at most so many that a text is soon compared with all of them."""
        chosen = sorted(library.runbooks, key=lambda runbook: bool(runbook.services))[:_MOST_CONCEPTS]
        return cls(Index.build(map(as_document, chosen), meaning=meaning), tuple(one.title for one in chosen))

    def fit(self, text: str) -> Scores:
        """How well each runbook fits a text; together of length 1."""
        return _unit(self.index.scores(text) ** _SHARPNESS)


@dataclass(frozen=True)
class PastIndex:
    """Past incidents, an index over them, and how well each runbook fits each of them."""

    incidents: tuple[PastIncident, ...]
    index: Index
    concepts: Concepts
    fits: Scores

    @classmethod
    def build(
        cls,
        incidents: Iterable[PastIncident],
        concepts: Concepts,
        meaning: Meaning | None = None,
        before: "PastIndex | None" = None,
    ) -> "PastIndex":
        """The index; what `before` holds already is not read again."""
        incidents = tuple(incidents)
        known: dict[PastIncident, Scores] = {}
        if before and before.concepts is concepts:
            known = dict(zip(before.incidents, before.fits, strict=True))
        fits = [known[one] if one in known else concepts.fit(f"{one.title}. {one.text}") for one in incidents]
        return cls(
            incidents=incidents,
            index=Index.build(map(_document, incidents), before.index if before else None, meaning),
            concepts=concepts,
            fits=np.array(fits).reshape(len(incidents), len(concepts.titles)),
        )

    @cached_property
    def usual(self) -> Scores:
        """How well each runbook fits on the average; 0 where there are no incidents."""
        return self.fits.mean(axis=0) if self.incidents else np.zeros(len(self.concepts.titles))

    @cached_property
    def peculiar(self) -> Scores:
        """How much better than usual each runbook fits each incident; together of length 1 for each."""
        return _unit(self.fits - self.usual)


def similar_incidents(
    known: PastIndex,
    text: str,
    *,
    service: str | None = None,
    leave_out: Collection[str] = (),
    limit: int = 3,
    least: float = LEAST_SHARE,
) -> list[SimilarIncident]:
    """At most `limit` past incidents like what the text says, best first; an empty list means: none is like it.

    Those of the ids in `leave_out` are left out, and those whose score is below `least`. `service` is only a reason.
    """
    if not known.incidents:
        return []
    fit = _unit(known.concepts.fit(text) - known.usual)
    said = known.index.scores(text)
    scores = _standard(said) + _RUNBOOKS_WEIGHT * _standard(known.peculiar @ fit)
    order = (int(at) for at in np.argsort(-scores, kind="stable") if known.incidents[at].id not in leave_out)
    best = list(islice(order, limit))
    hits = known.index.hits(best, text, said)
    found = [_similar(known, at, hit, fit, service) for at, hit in zip(best, hits, strict=True)]
    return [one for one in found if one.score >= least]


def _similar(known: PastIndex, at: int, hit: Hit, fit: Scores, service: str | None) -> SimilarIncident:
    past = known.incidents[at]
    same_service = (f"the same service, {service}",) if service and service == past.service else ()
    return SimilarIncident(past, hit.score, (*same_service, *_said(hit), *_both_fit(known, at, fit)))


def _said(hit: Hit) -> tuple[str, ...]:
    return ("both say " + ", ".join(f'"{word}"' for word in hit.words),) if hit.words else ()


def _both_fit(known: PastIndex, at: int, fit: Scores) -> tuple[str, ...]:
    """The runbook that stands out most in each of both."""
    if not len(fit) or fit.max() <= 0 or fit.argmax() != known.peculiar[at].argmax():
        return ()
    return (f'the runbook "{known.concepts.titles[int(fit.argmax())]}" fits both',)


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
