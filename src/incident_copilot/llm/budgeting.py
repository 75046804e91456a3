"""Picks what a model is given of long material: pinned first, then what is newest and most to the point.

People read how much of it was used, as in "142 of 310 messages used".
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from incident_copilot.domain.base import Frozen, Utc

_CUT = " …"


class Piece(Frozen):
    """One message, line or note; `id` is what answers cite it by."""

    id: str
    at: Utc
    text: str
    pinned: bool = False


class Picked(NamedTuple):
    """What is used, oldest first, and of how many."""

    pieces: tuple[Piece, ...]
    total: int
    noun: str = "messages"

    @property
    def note(self) -> str:
        """How much was used, for people; "" where it is all."""
        return "" if len(self.pieces) == self.total else self.used

    @property
    def used(self) -> str:
        """How much was used, for people, be it all."""
        return f"{len(self.pieces)} of {self.total} {self.noun} used"


def pick(pieces: Sequence[Piece], *, budget: int, about: str = "", noun: str = "messages") -> Picked:
    """Return what fits into `budget` characters: pinned pieces, then by how new they are and how near to `about`."""
    age = {piece.id: place for place, piece in enumerate(sorted(pieces, key=lambda piece: piece.at), 1)}

    def worth(piece: Piece) -> tuple[bool, float]:
        return piece.pinned, nearness(piece.text, about) + age[piece.id] / len(pieces)

    left, kept = budget, []
    for piece in sorted(pieces, key=worth, reverse=True):
        if len(piece.text) <= left:
            kept.append(piece)
        elif piece.pinned and left > len(_CUT):
            kept.append(piece.model_copy(update={"text": piece.text[: left - len(_CUT)] + _CUT}))
        else:
            continue
        left -= len(kept[-1].text)
    return Picked(tuple(sorted(kept, key=lambda piece: (piece.at, piece.id))), len(pieces), noun)


def chunks(pieces: Sequence[Piece], size: int) -> list[tuple[Piece, ...]]:
    """Return the pieces in runs of at most `size` characters, in their order; a longer one is a run of its own."""
    runs: list[list[Piece]] = []
    filled = 0
    for piece in pieces:
        if not runs or filled + len(piece.text) > size:
            runs.append([])
            filled = 0
        runs[-1].append(piece)
        filled += len(piece.text)
    return [tuple(run) for run in runs]


def nearness(text: str, about: str) -> float:
    """Return how much of what is asked about a text has the words of, from 0 to 1."""
    asked = _words(about)
    return len(asked & _words(text)) / len(asked) if asked else 0.0


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"[\w-]{3,}", text.lower()))
