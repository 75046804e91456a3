"""Tells which messages only repeat what a dependency said first, so that one fault is not blamed on its callers."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from incident_copilot.analysis.logs import TemplateChange
from incident_copilot.analysis.topology import Graph, upstream_of

_FEWEST_WORDS = 4


@dataclass(frozen=True)
class Echo:
    """Where a message comes from: the key of the dependency's own message, and the words both have in common."""

    origin: str
    fragment: str


def echoes(templates: Mapping[str, TemplateChange], graph: Graph) -> dict[str, Echo]:
    """Return the echo behind each message that repeats one of a dependency; the deepest dependency is the origin."""
    found: dict[str, Echo] = {}
    for key, template in templates.items():
        depths = upstream_of(graph, template.service)
        candidates = [
            (depths[other.service], len(shared), other_key, shared)
            for other_key, other in templates.items()
            if other.service in depths
            and len(shared := _common_run(other.headline, template.headline)) >= _FEWEST_WORDS
        ]
        if candidates:
            _, _, origin, shared = max(candidates)
            found[key] = Echo(origin, " ".join(shared).rstrip(",;:"))
    return found


def _common_run(ours: str, theirs: str) -> list[str]:
    """Return the longest run of words, as `ours` has them, that are in both; punctuation at their ends aside."""
    words = ours.split()
    plain, other = ([word.strip(".,;:") for word in text.split()] for text in (ours, theirs))
    match = SequenceMatcher(None, plain, other, autojunk=False).find_longest_match()
    return words[match.a : match.a + match.size]
