"""Search documents made of sections by words: BM25 over weighted fields, then a bonus for words that stay together."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from incident_copilot.knowledge.words import stems, whole_names, word_of_stem

# Measured on 425 public alert rules against 973 public runbooks with the alert's name withheld; all values within
# a third of these score within .02, so they are a plateau and no fit.
_SATURATION = 2.0
_PAIR_WEIGHT = 0.5
_RERANKED = 50
_LONGEST_QUERY = 4_000
# A query that says a word often means it more, but not proportionally.
_REPEATS_COUNTED = 2


class _Field(NamedTuple):
    weight: float
    length_penalty: float


_TITLE = _Field(3.0, 0.3)
_HEADINGS = _Field(1.0, 0.5)
_BODY = _Field(1.0, 0.75)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DocumentSection(_Frozen):
    """A part of a document that a hit can point to."""

    id: str
    heading: str
    text: str


class Document(_Frozen):
    """Something to be found; `names` are the alert names it answers, weighed like the title."""

    id: str
    title: str
    names: tuple[str, ...] = ()
    sections: tuple[DocumentSection, ...] = ()


class Hit(_Frozen):
    """A document that answers the query, with its most fitting section ("" if it has none).

    `score` is the share, 0 to 1, of the score that a document saying every word of the query could reach; it tells
    how well the query is answered, so scores of different queries compare.
    """

    document_id: str
    section_id: str
    score: float
    reasons: tuple[str, ...]


class _Indexed(NamedTuple):
    document: Document
    pairs: Counter[tuple[str, str]]
    section_stems: tuple[Counter[str], ...]
    body_length: int


class _Posting(NamedTuple):
    idf: float
    documents: npt.NDArray[np.int64]
    impacts: npt.NDArray[np.float64]


class _Query(NamedTuple):
    counts: Counter[str]
    pairs: frozenset[tuple[str, str]]
    words: dict[str, str]
    attainable: float


class Index:
    """An immutable index; an edit is a new index. `build` is the way to make one."""

    def __init__(self, indexed: Sequence[_Indexed], postings: dict[str, _Posting]) -> None:
        self._indexed = indexed
        self._postings = postings
        self._mean_length = max(1.0, sum(one.body_length for one in indexed) / max(1, len(indexed)))
        self._idf_of_unseen = _idf(len(indexed), 1)

    @classmethod
    def build(cls, documents: Iterable[Document]) -> "Index":
        documents = list(documents)
        fields = [_fields(document) for document in documents]
        return cls([_indexed(*pair) for pair in zip(documents, fields, strict=True)], _postings(fields))

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        """At most `limit` hits, best first; an empty list if no document has a word of the query.

        Only the first 4,000 characters of the query count.
        """
        asked = self._ask(query[:_LONGEST_QUERY])
        scores = np.zeros(len(self._indexed))
        for stem, count in asked.counts.items():
            if posting := self._postings.get(stem):
                scores[posting.documents] += posting.impacts * math.sqrt(min(count, _REPEATS_COUNTED))
        candidates = [int(at) for at in np.argsort(-scores, kind="stable")[:_RERANKED] if scores[at] > 0]
        final = {at: float(scores[at]) + self._pair_bonus(at, asked) for at in candidates}
        best = sorted(candidates, key=lambda at: -final[at])[:limit]
        return [self._hit(at, final[at], asked) for at in best]

    def _ask(self, query: str) -> _Query:
        found = stems(query)
        attainable = sum(map(self._idf, set(found) - self._particulars(query, found)))
        return _Query(
            counts=Counter(found),
            pairs=frozenset(pairwise(found)),
            words=word_of_stem(query),
            # As if one more word had been asked that nobody says: a match on a single word proves little.
            attainable=(attainable + self._idf_of_unseen) * (_SATURATION + 1),
        )

    def _particulars(self, query: str, found: Sequence[str]) -> set[str]:
        """Names and numbers that no document mentions: they belong to one alert, not to its kind."""
        names = whole_names(query)
        return {
            stem
            for stem in found
            if stem not in self._postings and (stem in names or any(character.isdigit() for character in stem))
        }

    def _idf(self, stem: str) -> float:
        posting = self._postings.get(stem)
        return posting.idf if posting else self._idf_of_unseen

    def _pair_bonus(self, at: int, asked: _Query) -> float:
        """Neighbouring words of the query that are neighbours in the document too."""
        one = self._indexed[at]
        penalty = _length_penalty(_BODY, one.body_length, self._mean_length)
        return sum(
            _PAIR_WEIGHT * (self._idf(first) + self._idf(second)) / 2 * _saturated(times / penalty)
            for first, second in asked.pairs
            if (times := one.pairs[first, second])
        )

    def _hit(self, at: int, score: float, asked: _Query) -> Hit:
        one = self._indexed[at]
        return Hit(
            document_id=one.document.id,
            section_id=self._best_section(one, asked),
            score=min(1.0, score / asked.attainable),
            reasons=self._reasons(at, asked),
        )

    def _best_section(self, one: _Indexed, asked: _Query) -> str:
        def fit(at: int) -> float:
            section = one.section_stems[at]
            return sum(self._idf(stem) * _saturated(section[stem]) for stem in asked.counts)

        sections = one.document.sections
        return sections[max(range(len(sections)), key=fit)].id if sections else ""

    def _reasons(self, at: int, asked: _Query) -> tuple[str, ...]:
        shared = [stem for stem in asked.counts if stem in self._postings and at in self._postings[stem].documents]
        telling = sorted(shared, key=lambda stem: -self._postings[stem].idf)[:5]
        return ("says " + ", ".join(f'"{asked.words[stem]}"' for stem in telling),)


def _fields(document: Document) -> tuple[list[str], list[str], list[str]]:
    """Stems of title, headings and body, in the order of _TITLE, _HEADINGS, _BODY."""
    title = stems(" ".join([document.title, *document.names]))
    headings = stems(" ".join(section.heading for section in document.sections))
    body = [stem for section in document.sections for stem in stems(section.text)]
    return title, headings, [*title, *body]


def _indexed(document: Document, fields: tuple[list[str], list[str], list[str]]) -> _Indexed:
    body = fields[2]
    return _Indexed(
        document=document,
        pairs=Counter(pairwise(body)),
        section_stems=tuple(Counter(stems(section.text)) for section in document.sections),
        body_length=len(body),
    )


def _postings(documents: Sequence[tuple[list[str], list[str], list[str]]]) -> dict[str, _Posting]:
    weighted: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for kind, lists in zip((_TITLE, _HEADINGS, _BODY), zip(*documents, strict=True), strict=False):
        for at, stem, weight in _weighted_counts(kind, lists):
            weighted[stem][at] = weighted[stem].get(at, 0.0) + weight
    return {stem: _posting(counts, len(documents)) for stem, counts in weighted.items()}


def _weighted_counts(kind: _Field, lists: Sequence[list[str]]) -> Iterator[tuple[int, str, float]]:
    mean_length = max(1.0, sum(map(len, lists)) / len(lists))
    for at, found in enumerate(lists):
        penalty = _length_penalty(kind, len(found), mean_length)
        for stem, times in Counter(found).items():
            yield at, stem, kind.weight * times / penalty


def _posting(counts: dict[int, float], documents: int) -> _Posting:
    idf = _idf(documents, len(counts))
    return _Posting(
        idf=idf,
        documents=np.fromiter(counts, dtype=np.int64),
        impacts=np.array([idf * _saturated(count) for count in counts.values()]),
    )


def _idf(documents: int, containing: int) -> float:
    return math.log(1 + (documents - containing + 0.5) / (containing + 0.5))


def _length_penalty(kind: _Field, length: int, mean_length: float) -> float:
    return 1 - kind.length_penalty + kind.length_penalty * length / mean_length


def _saturated(count: float) -> float:
    return count * (_SATURATION + 1) / (count + _SATURATION)
