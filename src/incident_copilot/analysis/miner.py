"""Groups log lines into templates with typed variables while they stream by."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from operator import eq

from incident_copilot.analysis.masks import Masks, message_of

ANY = "<*>"
_SIMILAR = 0.5
_SAMPLES = 64
_LEVEL = re.compile(r"\W*(?:trace|debug|info|notice|warn|warning|error|err|fatal|critical)?\W*", re.IGNORECASE)


@dataclass(eq=False)
class Cluster:
    """Lines that say the same thing: the template's words, how many lines, and some different ones of them."""

    id: int
    tokens: list[str]
    count: int = 0
    samples: list[str] = field(default_factory=list)

    @property
    def template(self) -> str:
        """The text with typed variables, `<*>` where words differ."""
        return " ".join(self.tokens)

    @property
    def headline(self) -> str:
        """The text people read: what never varied keeps its value; time and level at its head are cut."""
        seen = list(zip(*(sample.split() for sample in self.samples), strict=True))
        words = [
            next(iter(values)) if len(set(values)) == 1 and "<TIME>" not in token else token
            for token, values in zip(self.tokens, seen, strict=True)
        ]
        start = 0
        while start < len(words) - 1 and ("<TIME>" in words[start] or _LEVEL.fullmatch(words[start])):
            start += 1
        return " ".join(words[start:])


class Miner:
    """A tree of templates of fixed depth: word count, then the first two words, then the most similar cluster.

    Up to `remembered` lines are recognised without looking at them again.
    """

    def __init__(self, *, remembered: int = 100_000) -> None:
        self.clusters: list[Cluster] = []
        self._remembered = remembered
        self._masks = Masks(remembered=2 * remembered)
        self._leaves: dict[tuple[int, str], list[Cluster]] = {}
        self._by_mask: dict[str, Cluster] = {}
        self._by_line: dict[str, Cluster] = {}

    def add(self, line: str) -> Cluster:
        """Count `line` and return its cluster."""
        cluster = self._by_line.get(line)
        if cluster is None:
            cluster = self._place(line)
        cluster.count += 1
        return cluster

    def _place(self, line: str) -> Cluster:
        text = message_of(line)
        tokens = self._masks.of(text)
        masked = " ".join(tokens)
        if len(self._by_line) >= self._remembered:
            self._by_line.clear()
            self._by_mask.clear()
        cluster = self._by_mask.get(masked)
        if cluster is None:
            cluster = self._by_mask[masked] = self._most_similar(tokens)
        if len(cluster.samples) < _SAMPLES:
            cluster.samples.append(text)
        self._by_line[line] = cluster
        return cluster

    def _most_similar(self, tokens: list[str]) -> Cluster:
        """Return the cluster of the leaf that shares most words, widened to fit, or a new one."""
        leaf = self._leaves.setdefault(_leaf_key(tokens), [])
        best, best_shared = None, _SIMILAR * len(tokens)
        for cluster in leaf:
            shared = sum(map(eq, cluster.tokens, tokens))
            if shared >= best_shared:
                shared -= _plain_words_apart(cluster.tokens, tokens)
            if shared > best_shared or (best is None and shared == best_shared):
                best, best_shared = cluster, shared
        if best is None:
            best = Cluster(id=len(self.clusters), tokens=tokens)
            self.clusters.append(best)
            leaf.append(best)
        best.tokens = [a if a == b else ANY for a, b in zip(best.tokens, tokens, strict=True)]
        return best


def mine(lines: Iterable[str]) -> Miner:
    """Return a miner that has seen all `lines`."""
    miner = Miner()
    for line in lines:
        miner.add(line)
    return miner


def _leaf_key(tokens: list[str]) -> tuple[int, str]:
    head = (ANY if token[0] == "<" or any(map(str.isdigit, token)) else token for token in tokens[:2])
    return len(tokens), " ".join(head)


def _plain_words_apart(a: list[str], b: list[str]) -> int:
    """Return at how many places both have a different plain word, which speaks against one message."""
    return sum(1 for x, y in zip(a, b, strict=True) if x != y and _is_plain(x) and _is_plain(y))


@lru_cache(maxsize=50_000)
def _is_plain(word: str) -> bool:
    return word.strip(".,:;()[]").isalpha()
