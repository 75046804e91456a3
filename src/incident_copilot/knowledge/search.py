"""Search documents made of sections: BM25 over weighted fields, a bonus for words that stay together, and meaning.

Meaning is compared where the extra `embeddings` is installed, and then moves a document by a part of what its words do.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from incident_copilot.knowledge.meaning import Meaning, Vectors
from incident_copilot.knowledge.reading import (
    Counts,
    Document,
    DocumentSection,
    Ids,
    ReadDocument,
    Tally,
    Vocabulary,
    halves,
    pair_ids,
)
from incident_copilot.knowledge.words import stems, whole_names, word_of_stem

__all__ = ["Document", "DocumentSection", "Hit", "Index"]

# Measured on 425 public alert rules against 973 public runbooks with the alert's name withheld; all values within
# a third of these score within .02, so they are a plateau and no fit.
_SATURATION = 2.0
_PAIR_WEIGHT = 0.5
_RERANKED = 50
_LONGEST_QUERY = 4_000
# How far the usual difference in meaning moves a document, as a share of the usual difference in words. Of .1 to .5 on
# the same rules, and on 63 incident reports, no value is better by more than .01.
_MEANING_WEIGHT = 0.3
# A query that says a word often means it more, but not proportionally.
_REPEATS_COUNTED = 2
# Where there are few documents, what all of them say need not be an everyday word.
_IMAGINED = 10
_RARE = 2.0


class _Field(NamedTuple):
    weight: float
    length_penalty: float


_FIELDS = (_Field(3.0, 0.3), _Field(1.0, 0.5), _Field(1.0, 0.75))
"""Title, headings, body."""


class Hit(NamedTuple):
    """A document that answers the query, with its most fitting section ("" if it has none).

    `score` is the share, 0 to 1, of the score that a document saying every word of the query could reach; it tells
    how well the query is answered, so scores of different queries compare. `words` are those they share, the most
    telling first.
    """

    document_id: str
    section_id: str
    score: float
    words: tuple[str, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it was found, for people."""
        return ("says " + ", ".join(f'"{word}"' for word in self.words),)


class _Query(NamedTuple):
    weights: dict[int, float]
    pairs: Ids
    words: dict[int, str]
    attainable: float
    vector: Vectors


class _Postings(NamedTuple):
    """For each stem the documents that say it and how much that counts, one stem after the other."""

    starts: Ids
    documents: Ids
    impacts: Counts
    idf: Counts

    def of(self, stem: int) -> tuple[Ids, Counts]:
        """The documents that say a stem, and how much it counts in each."""
        part = slice(self.starts[stem], self.starts[stem + 1])
        return self.documents[part], self.impacts[part]


class Index:
    """An immutable index; an edit is a new index. `build` is the way to make one."""

    def __init__(self, vocabulary: Vocabulary, documents: Sequence[ReadDocument]) -> None:
        self.vocabulary = vocabulary
        self.documents = documents
        self._mean_length = max(1.0, sum(one.length for one in documents) / max(1, len(documents)))
        self._postings = _postings(documents, len(vocabulary))
        self._idf_of_unseen = float(_idf(len(documents), 1))
        self._vectors = _vectors(documents)

    @classmethod
    def build(
        cls, documents: Iterable[Document], before: "Index | None" = None, meaning: Meaning | None = None
    ) -> "Index":
        """The index over these documents; those that `before` holds already are not read again."""
        vocabulary = before.vocabulary if before else Vocabulary(meaning)
        held = {one.document.id: one for one in before.documents} if before else {}
        read = []
        for document in documents:
            known = held.get(document.id)
            read.append(known if known and known.document == document else vocabulary.read(document))
        return cls(vocabulary, read)

    def __len__(self) -> int:
        return len(self.documents)

    @property
    def ids(self) -> list[str]:
        """The ids of the documents, in the order of `scores`."""
        return [one.document.id for one in self.documents]

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        """At most `limit` hits, best first; an empty list if no document has a word of the query.

        Only the first 4,000 characters of the query count.
        """
        asked = self._ask(query)
        scores = self._scored(asked)
        return [self._hit(at, float(scores[at]), asked) for at in _best(scores, min(limit, _RERANKED))]

    def scores(self, query: str, everyday: "Index | None" = None) -> npt.NDArray[np.float64]:
        """How well each document answers the query, in the order of `ids`, to be compared within one query only.

        What many documents of `everyday` say counts less.
        """
        return self._scored(self._ask(query, everyday))

    def rarity(self, stem: str) -> float:
        """1 for a stem that at most about a seventh of the documents say, towards 0 the more of them do."""
        number = self._known(stem)
        saying = 0 if number is None else int(self._postings.starts[number + 1] - self._postings.starts[number])
        return min(1.0, float(_idf(len(self.documents) + _IMAGINED, saying)) / _RARE)

    def hits(self, places: Sequence[int], query: str, scores: npt.NDArray[np.float64]) -> list[Hit]:
        """The documents at these places of `ids` as answers to the query, whether they are or not, by its `scores`."""
        asked = self._ask(query)
        return [self._hit(at, float(scores[at]), asked) for at in places]

    def _scored(self, asked: _Query) -> npt.NDArray[np.float64]:
        scores = np.zeros(len(self.documents))
        for stem, weight in asked.weights.items():
            documents, impacts = self._postings.of(stem)
            scores[documents] += impacts * weight
        for at in _best(scores, _RERANKED):
            scores[at] += self._pair_bonus(self.documents[at], asked)
        return scores + self._by_meaning(asked.vector, float(scores.std()) if len(scores) else 0.0)

    def _by_meaning(self, asked: Vectors, spread: float) -> npt.NDArray[np.float64]:
        """What meaning adds to or takes from each document, where scores by words differ by `spread`."""
        if not self._vectors.size:
            return np.zeros(len(self.documents))
        alike = self._vectors @ asked
        usual = float(alike.std()) or 1.0
        return np.asarray(_MEANING_WEIGHT * spread * (alike - alike.mean()) / usual)

    def _ask(self, query: str, everyday: "Index | None" = None) -> _Query:
        query = query[:_LONGEST_QUERY]
        found = stems(query)
        known = {stem: self._known(stem) for stem in found}
        counted = Counter(number for stem in found if (number := known[stem]) is not None)
        missing = sum(number is None for stem, number in known.items()) - len(self._particulars(query, known))
        attainable = sum(float(self._postings.idf[number]) for number in counted) + missing * self._idf_of_unseen
        words = word_of_stem(query)
        both = ((known[first], known[second]) for first, second in pairwise(found))
        pairs = {pair_ids([first, second])[0] for first, second in both if first is not None and second is not None}
        weights = {number: math.sqrt(min(count, _REPEATS_COUNTED)) for number, count in counted.items()}
        if everyday:
            weights |= {
                number: weights[number] * everyday.rarity(stem) for stem, number in known.items() if number is not None
            }
        return _Query(
            weights=weights,
            pairs=np.array(sorted(pairs), dtype=np.int64),
            words={number: words[stem] for stem, number in known.items() if number is not None},
            # As if one more word had been asked that nobody says: a match on a single word proves little.
            attainable=(attainable + self._idf_of_unseen) * (_SATURATION + 1),
            vector=self.vocabulary.vector(query),
        )

    def _known(self, stem: str) -> int | None:
        """The number of a stem that a document of this index says."""
        number = self.vocabulary.id(stem)
        return (
            number if number is not None and number < len(self._postings.idf) and self._postings.idf[number] else None
        )

    def _particulars(self, query: str, known: dict[str, int | None]) -> set[str]:
        """Names and numbers that no document mentions: they belong to one alert, not to its kind."""
        names = whole_names(query)
        return {
            stem
            for stem, number in known.items()
            if number is None and (stem in names or any(character.isdigit() for character in stem))
        }

    def _pair_bonus(self, one: ReadDocument, asked: _Query) -> float:
        """Neighbouring words of the query that are neighbours in the document too."""
        times = one.pairs.of(asked.pairs)
        penalty = _length_penalty(_FIELDS[2], one.length, self._mean_length)
        bonus = 0.0
        for at in np.flatnonzero(times):
            first, second = halves(int(asked.pairs[at]))
            weight = (self._postings.idf[first] + self._postings.idf[second]) / 2
            bonus += _PAIR_WEIGHT * float(weight * _saturated(times[at] / penalty))
        return bonus

    def _hit(self, at: int, score: float, asked: _Query) -> Hit:
        one = self.documents[at]
        asked_ids = np.array(list(asked.weights), dtype=np.int64)
        return Hit(
            document_id=one.document.id,
            section_id=self._best_section(one, asked_ids),
            score=max(0.0, min(1.0, score / asked.attainable)),
            words=self._shared(one, asked_ids, asked),
        )

    def _best_section(self, one: ReadDocument, asked: Ids) -> str:
        def fit(at: int) -> float:
            return float(np.sum(self._postings.idf[asked] * _saturated(one.sections[at].of(asked))))

        sections = one.document.sections
        return sections[max(range(len(sections)), key=fit)].id if sections else ""

    def _shared(self, one: ReadDocument, asked_ids: Ids, asked: _Query) -> tuple[str, ...]:
        _, headings, body = one.fields
        said = asked_ids[(body.of(asked_ids) + headings.of(asked_ids)) > 0]
        telling = sorted(map(int, said), key=lambda stem: -self._postings.idf[stem])[:5]
        return tuple(asked.words[stem] for stem in telling)


def _best(scores: npt.NDArray[np.float64], limit: int) -> list[int]:
    """Where the highest scores above 0 are, best first; of equals the first."""
    found = np.flatnonzero(scores > 0)
    if len(found) > limit:
        least = np.partition(scores[found], -limit)[-limit]
        found = found[scores[found] >= least]
    return [int(at) for at in found[np.argsort(-scores[found], kind="stable")][:limit]]


def _postings(documents: Sequence[ReadDocument], width: int) -> _Postings:
    """All documents' stems, weighed by field, put together by stem."""
    columns = [_weighed(kind, [one.fields[at] for one in documents]) for at, kind in enumerate(_FIELDS)]
    cells, inverse = np.unique(np.concatenate([cell for cell, _ in columns]), return_inverse=True)
    counts = np.bincount(inverse, np.concatenate([weight for _, weight in columns]), minlength=len(cells))
    stem, document = cells // max(1, len(documents)), cells % max(1, len(documents))
    containing = np.bincount(stem, minlength=width)
    idf = np.where(containing > 0, _idf(len(documents), containing), 0.0)
    telling = (idf[stem] + np.minimum(idf[stem], _idf_by_source(documents, stem, document))) / 2
    starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(containing)])
    return _Postings(starts, document, telling * _saturated(counts), idf)


def _weighed(kind: _Field, tallies: Sequence[Tally]) -> tuple[Ids, Counts]:
    """For each stem of each document a cell (stem by stem, in each the documents), and how much it weighs there."""
    if not tallies:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    lengths = np.array([one.counts.sum() for one in tallies])
    penalties = _length_penalty(kind, lengths, max(1.0, float(lengths.mean())))
    document = np.repeat(np.arange(len(tallies)), [len(one.ids) for one in tallies])
    cells = np.concatenate([one.ids for one in tallies]) * len(tallies) + document
    return cells, kind.weight * np.concatenate([one.counts for one in tallies]) / penalties[document]


def _idf_by_source(documents: Sequence[ReadDocument], stem: Ids, document: Ids) -> Counts:
    """How telling each stem is among the documents of the same source: its house style and its places tell nothing."""
    names = sorted({one.document.source for one in documents})
    of_source = np.array([names.index(one.document.source) for one in documents], dtype=np.int64)
    sizes = np.bincount(of_source, minlength=max(1, len(names)))
    cells, inverse, containing = np.unique(
        stem * max(1, len(names)) + of_source[document], return_inverse=True, return_counts=True
    )
    return np.asarray(_idf(sizes[cells % max(1, len(names))], containing)[inverse])


def _vectors(documents: Sequence[ReadDocument]) -> Vectors:
    """The documents' meanings; half of what is common to all that one source writes is taken away."""
    if not documents or not documents[0].vector.size:
        return np.zeros((len(documents), 0))
    vectors = np.array([one.vector for one in documents])
    usual = vectors.mean(axis=0)
    of_source = np.array([one.document.source for one in documents])
    for source in set(of_source):
        vectors[of_source == source] -= (vectors[of_source == source].mean(axis=0) - usual) / 2
    return vectors


def _idf(documents: npt.ArrayLike, containing: npt.ArrayLike) -> Counts:
    documents, containing = np.asarray(documents), np.asarray(containing)
    return np.asarray(np.log(1 + (documents - containing + 0.5) / (containing + 0.5)))


def _length_penalty(kind: _Field, length: npt.ArrayLike, mean_length: float) -> Counts:
    return np.asarray(1 - kind.length_penalty + kind.length_penalty * np.asarray(length) / mean_length)


def _saturated(count: npt.ArrayLike) -> Counts:
    count = np.asarray(count)
    return np.asarray(count * (_SATURATION + 1) / (count + _SATURATION))
