"""Says whether one thing does to another what, in the evidence, the other does to it."""

import re
from collections.abc import Iterator, Sequence

from incident_copilot.llm.sentences.places import Place
from incident_copilot.llm.sentences.stems import stems

_FROM_TO = re.compile(r"\b(?:from|of) ([\w.-]*\w) to ([\w.-]*\w)")
_PASSIVE = re.compile(r"\bby\b", re.IGNORECASE)


def exchanged(said: Sequence[Place], seen: Sequence[Place]) -> str | None:
    """Return that two names have changed places around a verb, or "from" and "to"; None where they have not."""
    ways = [way for place in seen for way in _FROM_TO.findall(place.text)]
    for clause in said:
        if any(way[::-1] in ways and way not in ways for way in _FROM_TO.findall(clause.text)):
            return "its evidence says it from there to here"
        for one, other in _pairs(clause):
            told = _between(clause.text, one, other)
            same = [told & found for place in seen if (found := _between(place.text, one, other))]
            if told and not any(same) and any(told & _between(place.text, other, one) for place in seen):
                return f"its evidence says it of {other} and {one} the other way about"
    return None


def _pairs(clause: Place) -> Iterator[tuple[str, str]]:
    named = [name for name in clause.names if not name.isalpha() or name in clause.about]  # people are told of anyhow
    yield from ((one, other) for one in named for other in named if one != other)


def _between(text: str, one: str, other: str) -> frozenset[str]:
    """Return the stems between a name and a later one, with "by" where it is passive; none where it is not so."""
    found = re.search(
        rf"(?<![\w-]){re.escape(one)}(?![\w-])(?P<verb>[^;:.]*?)(?<![\w-]){re.escape(other)}(?![\w-])",
        text,
        re.IGNORECASE,
    )
    if found is None:
        return frozenset()
    voice = "passive" if _PASSIVE.search(found["verb"]) else "active"
    return frozenset(f"{voice} {word}" for word in stems(found["verb"]))
