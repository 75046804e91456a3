"""The shape of a signature: a cause, its signs, what it explains beside itself, and what confirms or refutes it."""

from dataclasses import dataclass
from typing import Literal

SignatureKind = Literal["saturation", "infrastructure", "configuration", "dependency", "defect"]
SignMoves = Literal["up", "down", "full"]


@dataclass(frozen=True)
class Sign:
    """One symptom; `weight` is how much of the cause it makes up by itself.

    Exactly one of: `says`, a pattern in messages and events; `metric`, words that a metric's name holds, with how it
    `moves`; `load`, a pattern in what most of a load consists of (statements, waits, users).
    """

    weight: float
    says: str = ""
    metric: str = ""
    moves: SignMoves = "up"
    load: str = ""


@dataclass(frozen=True)
class Signature:
    """A cause as data.

    `precision` is how often it is right where all signs are seen: a guess until decisions have been counted.
    `against` are signs of another cause. `explains` names signatures whose signs are consequences of this cause.
    `passing` says that the cause is over in moments and is one all the same. `resource` is what it uses up.
    """

    id: str
    kind: SignatureKind
    title: str
    mechanism: str
    signs: tuple[Sign, ...]
    next_check: str
    confirm: str
    refute: str
    precision: float = 0.6
    resource: str = ""
    against: tuple[Sign, ...] = ()
    explains: tuple[str, ...] = ()
    passing: bool = False
