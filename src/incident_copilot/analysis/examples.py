"""Learn from a few examples which answer (a team, a severity) an alert belongs to, and say by which words.

Ridge regression on weighted words: the right answer is +1, the others -1. It is solved exactly, so the same examples
always give the same weights, and it is known in closed form how often it would be right about an example that it had
not seen. The examples are the operator's own; no weights come with the copilot.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from incident_copilot.analysis.severity_words import Said, clues
from incident_copilot.analysis.words import STOP, tokens

PENALTY = 0.1
SHOWN = 3
READABLE = ("word", "pair", "metric", "label", "sign")
_LETTERS = (3, 4, 5)
_METRIC = re.compile(r"[a-z][a-z0-9:]*_[a-z0-9_:]+")

Features = Mapping[str, Mapping[str, int]]
"""By kind (word, pair, letters, metric, label, sign): how often each occurs."""


class Example(NamedTuple):
    """An alert whose answer is known."""

    features: Features
    answer: str


class Verdict(NamedTuple):
    """An answer, how far it is ahead of the next one (0 to about 2), and the words that speak most for it."""

    answer: str
    lead: float
    because: tuple[str, ...]


def subject(said: Said, labels: Mapping[str, str]) -> Features:
    """Return what an alert is about, which tells whose it is; pairs and letters only blur it where examples are few."""
    return {
        "word": Counter(tokens(" ".join(said))),
        "label": Counter(f"{key}={value}" for key, value in labels.items()),
    }


def wording(said: Said) -> Features:
    """Return how an alert is put, which tells how severe it is; the clues of the rules are among it."""
    name, text = tokens(said.name), tokens(said.text)
    spelt = f" {' '.join(name)} "
    return {
        "word": Counter([*name, *text, *tokens(said.expression)]),
        "pair": Counter(" ".join(pair) for part in (name, text) for pair in pairwise(part)),
        "letters": Counter(spelt[at : at + size] for size in _LETTERS for at in range(len(spelt) - size + 1)),
        "metric": Counter(_METRIC.findall(said.expression)),
        "sign": Counter(clue.meaning for clue in clues(said)),
    }


@dataclass(frozen=True)
class Learnt:
    """The weights of each feature for each answer; `right` is the share of examples it finds when left out."""

    answers: tuple[str, ...]
    rarity: Mapping[tuple[str, str], tuple[int, float]]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    right: float

    def judge(self, features: Features) -> Verdict | None:
        """Return the likeliest answer, or None where the examples know nothing of what the alert says."""
        row = _row(features, self.rarity)
        if not row:
            return None
        scores = self.bias + sum(value * self.weights[self.rarity[key][0]] for key, value in row.items())
        first, second = np.argsort(-scores, kind="stable")[:2]
        ahead = self.weights[:, first] - self.weights[:, second]
        speaking = {key: value * float(ahead[self.rarity[key][0]]) for key, value in row.items() if _is_shown(*key)}
        because = sorted((key for key, gain in speaking.items() if gain > 0), key=lambda key: (-speaking[key], key))
        shown = tuple(dict.fromkeys(said for _, said in because))[:SHOWN]
        return Verdict(self.answers[first], float(scores[first] - scores[second]), shown)


def learn(examples: Sequence[Example]) -> Learnt | None:
    """Return what the examples teach, or None where they do not name two answers."""
    answers = tuple(sorted({example.answer for example in examples}))
    if len(answers) < 2:
        return None
    rarity = _rarity([example.features for example in examples])
    rows = np.zeros((len(examples), len(rarity)))
    for at, example in enumerate(examples):
        for key, value in _row(example.features, rarity).items():
            rows[at, rarity[key][0]] = value
    wanted = np.array([[1.0 if answer == example.answer else -1.0 for answer in answers] for example in examples])
    # Solved in as many unknowns as there are examples, which are far fewer than words; the 1 is the bias.
    inverse = np.linalg.inv(rows @ rows.T + 1 + PENALTY * np.eye(len(rows)))
    pull = inverse @ wanted
    left_out = wanted - pull / np.diag(inverse)[:, None]
    right = float(np.mean(left_out.argmax(axis=1) == wanted.argmax(axis=1)))
    return Learnt(answers, rarity, rows.T @ pull, pull.sum(axis=0), right)


def _is_shown(kind: str, said: str) -> bool:
    return kind in READABLE and said not in STOP


def _rarity(all_features: Sequence[Features]) -> dict[tuple[str, str], tuple[int, float]]:
    """Return the place of each feature, and its weight: the fewer examples say it, the more it tells."""
    seen = Counter((kind, said) for features in all_features for kind, counts in features.items() for said in counts)
    total = len(all_features)
    return {
        key: (place, 1 + math.log((1 + total) / (1 + count))) for place, (key, count) in enumerate(sorted(seen.items()))
    }


def _row(features: Features, rarity: Mapping[tuple[str, str], tuple[int, float]]) -> dict[tuple[str, str], float]:
    """Return the weighted features that are known; each kind has length 1, so that long queries drown no name."""
    row: dict[tuple[str, str], float] = {}
    for kind, counts in features.items():
        known = {
            (kind, said): (1 + math.log(count)) * rarity[kind, said][1]
            for said, count in counts.items()
            if (kind, said) in rarity
        }
        length = math.sqrt(sum(value * value for value in known.values()))
        row |= {key: value / length for key, value in known.items()}
    return row
