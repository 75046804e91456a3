"""Read a document once into numbers that many indexes can share: stems by field, neighbours, sections."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from incident_copilot.knowledge.meaning import Meaning, Vectors
from incident_copilot.knowledge.words import stems

Ids = npt.NDArray[np.int64]
Counts = npt.NDArray[np.float64]

_WIDEST = 1 << 31
"""More stems than any library has; two of them make one number."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DocumentSection(_Frozen):
    """A part of a document that a hit can point to."""

    id: str
    heading: str
    text: str


class Document(_Frozen):
    """Something to be found; `names` are the alert names it answers, weighed like the title.

    `source` is who wrote it, where several did: what one author says in every document tells nothing.
    """

    id: str
    title: str
    names: tuple[str, ...] = ()
    sections: tuple[DocumentSection, ...] = ()
    source: str = ""


class Tally(NamedTuple):
    """How often each id occurs, ids ascending."""

    ids: Ids
    counts: Counts

    def of(self, wanted: Ids) -> Counts:
        """How often each of these occurs; 0 where it does not."""
        if not len(self.ids):
            return np.zeros(len(wanted))
        at = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        return np.where(self.ids[at] == wanted, self.counts[at], 0.0)


class ReadDocument(NamedTuple):
    """A document as the index needs it; `fields` are title, headings and body, whose body holds the title too.

    `vector` is its meaning, empty where meaning is not compared.
    """

    document: Document
    fields: tuple[Tally, Tally, Tally]
    sections: tuple[Tally, ...]
    pairs: Tally
    vector: Vectors

    @property
    def length(self) -> float:
        """Stems of the body."""
        return float(self.fields[2].counts.sum())


class Vocabulary:
    """A number for each stem, the same in every index that shares the vocabulary; it only grows."""

    def __init__(self, meaning: Meaning | None = None) -> None:
        self._ids: dict[str, int] = {}
        self._meaning = meaning

    def __len__(self) -> int:
        return len(self._ids)

    def id(self, stem: str) -> int | None:
        """The number of a stem that some document says, else None."""
        return self._ids.get(stem)

    def read(self, document: Document) -> ReadDocument:
        """The document in numbers."""
        title = self._numbered(" ".join([document.title, *document.names]))
        headings = self._numbered(" ".join(section.heading for section in document.sections))
        sections = [self._numbered(section.text) for section in document.sections]
        body = [*title, *(number for section in sections for number in section)]
        return ReadDocument(
            document=document,
            fields=(_tally(title), _tally(headings), _tally(body)),
            sections=tuple(map(_tally, sections)),
            pairs=_tally(pair_ids(body)),
            vector=self.vector(". ".join([document.title, *(section.text for section in document.sections)])),
        )

    def vector(self, text: str) -> Vectors:
        """What a text is about; empty where meaning is not compared."""
        return self._meaning.vectors([text])[0] if self._meaning else np.zeros(0)

    def _numbered(self, text: str) -> list[int]:
        return [self._ids.setdefault(stem, len(self._ids)) for stem in stems(text)]


def pair_ids(numbers: Sequence[int]) -> list[int]:
    """One number for each two neighbours."""
    return [first * _WIDEST + second for first, second in pairwise(numbers)]


def halves(pair: int) -> tuple[int, int]:
    """The two that a pair was made of."""
    return divmod(pair, _WIDEST)


def _tally(numbers: Iterable[int]) -> Tally:
    counted = sorted(Counter(numbers).items())
    return Tally(
        np.array([number for number, _ in counted], dtype=np.int64),
        np.array([times for _, times in counted], dtype=np.float64),
    )
