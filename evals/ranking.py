"""Measures of ranked answers, and BM25 as everybody has it, to stand beside ours."""

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence

import numpy as np

Tokens = Callable[[str], list[str]]


def rank_of_first(ranked: Sequence[str], gold: Collection[str]) -> float:
    """Return the place, from 1, of the first right answer; infinite where there is none."""
    return next((float(place) for place, one in enumerate(ranked, start=1) if one in gold), math.inf)


def recall_at(ranks: Sequence[float], places: int) -> float:
    """Return the share of queries with a right answer in the first places."""
    return sum(rank <= places for rank in ranks) / len(ranks)


def reciprocal(ranks: Sequence[float]) -> float:
    """Return the mean reciprocal rank."""
    return sum(1 / rank for rank in ranks) / len(ranks)


def average_precision(ranked: Sequence[str], gold: Collection[str]) -> float:
    """Return the mean, over the right answers, of the precision at their places."""
    hits = [place for place, one in enumerate(ranked, start=1) if one in gold]
    return sum(nth / place for nth, place in enumerate(hits, start=1)) / max(1, len(gold))


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Return how often a positive scores above a negative; a tie counts half."""
    above = np.subtract.outer(np.array(positives), np.array(negatives))
    return float((above > 0).mean() + (above == 0).mean() / 2)


def plain_words(text: str) -> list[str]:
    """Return lower-case words and numbers, neither stemmed nor stopped."""
    return re.findall(r"[a-z0-9]+", text.lower())


class Bm25:
    """Okapi BM25 over whole texts, k1 1.5 and b 0.75."""

    def __init__(self, texts: Sequence[str], tokens: Tokens = plain_words) -> None:
        self._tokens = tokens
        counted = [Counter(tokens(text)) for text in texts]
        lengths = np.array([count.total() for count in counted])
        penalty = 1.5 * (0.25 + 0.75 * lengths / lengths.mean())
        said_by: dict[str, list[int]] = {}
        for place, count in enumerate(counted):
            for word in count:
                said_by.setdefault(word, []).append(place)
        self._size = len(texts)
        self._weights = {}
        for word, places in said_by.items():
            times = np.array([counted[place][word] for place in places])
            idf = math.log(1 + (len(texts) - len(places) + 0.5) / (len(places) + 0.5))
            self._weights[word] = np.array(places), idf * times * 2.5 / (times + penalty[places])

    def scores(self, query: str) -> np.ndarray:
        """Return the score of each text."""
        scores = np.zeros(self._size)
        for word in set(self._tokens(query)):
            if word in self._weights:
                places, weights = self._weights[word]
                scores[places] += weights
        return scores
