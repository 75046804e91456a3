"""Whether people wrote of doing what a step says, by the words that tell."""

from collections.abc import Iterable

from incident_copilot.analysis.words import telling

SHARE, FEWEST = 0.6, 3
"""Which share of a step's telling words a message must hold, and at least how many."""


def says_the_same(step: str, said: Iterable[str]) -> str | None:
    """Return the first text that says what a step says, or None; a step with hardly a telling word is never said."""
    wanted = telling(step)
    if len(wanted) < FEWEST:
        return None
    return next((text for text in said if _is_alike(wanted, telling(text))), None)


def _is_alike(wanted: set[str], found: set[str]) -> bool:
    shared = len(wanted & found)
    return shared >= FEWEST and shared >= SHARE * len(wanted)
