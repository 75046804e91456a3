"""Which shapes may be in a text, told by its words: a text that holds no prefilter costs one look at each new word."""

import itertools
import string
from collections.abc import Sequence

from incident_copilot.domain.shapes.shape import Shape

Found = Sequence[tuple[int, str]]
"""What to look for, each with the view to look in."""
_FORM = str.maketrans(string.digits + string.ascii_uppercase + string.ascii_lowercase, "0" * 10 + "A" * 26 + "a" * 26)
_ZEROED = str.maketrans(string.digits, "0" * 10)
_Row = tuple[int, Shape, int, str, str]
"""A shape and its number, and one of its prefilters: the view to look in, what to look for, and its longest word."""


class Prefilters:
    """Looks for the prefilters of some shapes.

    Logs say the same again and again: with 0 for every digit their different words are a small part of them, and what
    a word holds is kept for the next text. Of words that hold something only the hash is.
    """

    def __init__(self, shapes: Sequence[Shape], most_kept: int = 50_000) -> None:
        self._rows = [(number, shape, *row) for number, shape in enumerate(shapes) for row in _parts(shape)]
        self._most_kept = most_kept
        self._silent: set[str] = set()
        self._heard: dict[int, tuple[int, ...]] = {}

    def present(self, text: str) -> list[tuple[Shape, Found]]:
        """Return the shapes that may be in a text, with those of their prefilters that may be."""
        words = set(text.translate(_ZEROED).split()) - self._silent
        if not words:
            return []
        # Other threads may begin anew meanwhile: what this text holds is taken from what was seen here.
        heard = self._heard
        unknown = [word for word in words if hash(word) not in heard]
        new = self._learned(unknown) if unknown else {}
        rows = sorted(set().union(*(new.get(key) or heard.get(key, ()) for key in map(hash, words))))
        by_shape = itertools.groupby((self._rows[row] for row in rows), key=lambda row: row[0])
        return [self._found(list(some)) for _, some in by_shape]

    def _found(self, rows: Sequence[_Row]) -> tuple[Shape, Found]:
        return rows[0][1], [(view, literal) for _, _, view, literal, _ in rows]

    def _learned(self, words: Sequence[str]) -> dict[int, tuple[int, ...]]:
        """Return what words hold that were not seen before, and keep it."""
        if len(self._silent) + len(self._heard) > self._most_kept:
            self._silent, self._heard = set(), {}
        seen = views("\n".join(words))
        maybe = [(number, row[2], row[4]) for number, row in enumerate(self._rows) if row[4] in seen[row[2]]]
        learned = {}
        for word, *others in zip(words, *(view.split("\n") for view in seen), strict=True):
            holds = tuple(number for number, view, part in maybe if part in others[view])
            if holds:
                learned[hash(word)] = holds
            else:
                self._silent.add(word)
        self._heard.update(learned)
        return learned


def views(text: str) -> tuple[str, str, str]:
    """Return a text as prefilters look at it: as it stands, in small letters, and as a form of digits and letters."""
    return text, small(text), text.translate(_FORM)


def small(text: str) -> str:
    """Return a text in small letters, each in the place of its capital: one Turkish letter would become two."""
    return text.replace("İ", "I").lower()


def _parts(shape: Shape) -> tuple[tuple[int, str, str], ...]:
    """Return what to look for, each with the view to look in and the longest of its words."""
    literals = (shape.literals, shape.words, shape.forms)
    return tuple(
        (view, literal, max(literal.translate(_ZEROED).split(), key=len))
        for view, some in enumerate(literals)
        for literal in some
    )
