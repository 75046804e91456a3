"""Says whether evidence speaks of what a sentence claims: its outcome, extent, order, direction, cause and topic."""

import re
from collections.abc import Sequence

from incident_copilot.llm.names import Known
from incident_copilot.llm.sentences import causes, comparing, denying, direction, extent, order, roles, tense
from incident_copilot.llm.sentences.places import Place
from incident_copilot.llm.sentences.stems import stems

_RECOVERED = re.compile(r"\brecover(?:s|ed|ing|y)?\b", re.IGNORECASE)
_CERTAIN = re.compile(r"\b(?:confirmed|verified|certain(?:ly)?|proven|definitely|undoubtedly)\b", re.IGNORECASE)
_CHECKED = re.compile(
    rf"{_CERTAIN.pattern}|\b(?:checked|tested|proved|reproduced|established|validated)\b", re.IGNORECASE
)
_OUTCOMES = (
    _RECOVERED,
    re.compile(r"\b(?:approv(?:ed|als?)|authori[sz]\w+)\b", re.IGNORECASE),
    re.compile(r"\b(?:resolved|fixed|solved)\b", re.IGNORECASE),
    re.compile(
        r"\b(?:mitigated|restored|healthy again|back to (?:normal|(?:its|their|the) (?:usual|normal|former|old)))\b",
        re.IGNORECASE,
    ),
    re.compile(r"\broll(?:ed)?[ -]?back\b", re.IGNORECASE),
    _CERTAIN,
    re.compile(r"\b(?:breach\w*|compromis\w+|attack\w*|hack\w*|malicious|leak(?:ed|s)?)\b", re.IGNORECASE),
    re.compile(
        r"\b(?:data (?:loss|corruption)|corrupt\w*|(?:is|are|was|were|been) lost"
        r"|lost (?!its\b|their\b|connection|heartbeat|contact)[a-z]+)\b",
        re.IGNORECASE,
    ),
)
"""What changes what people do next: said only where the evidence says it."""
_DENIED = re.compile(
    r"(?:\b(?:await\w*|wait\w* for|needs?|requires?|pending|no|not|none|nothing|nobody|never|neither|without"
    r"|(?:still|yet|ha[sv]e?|remains?|expected) to)\b"
    r"|n[\u2019']t\b)"
    r"(?:\s[^\s,;.]+){0,6}",
    re.IGNORECASE,
)
_IN_PART = re.compile(r"\brecovering\b|\b(?:part(?:ly|ially)?|somewhat|slightly)\b", re.IGNORECASE)
_LEAST_SHARED = 1 / 4
"""Of what a sentence tells; less, and it is about something else. People put things in their own words."""


def unsupported(text: str, said: Sequence[Place], seen: Sequence[Place], known: Known) -> str | None:
    """Return what a sentence claims that its evidence does not, in words people read; None where it says as much."""
    affirmed, everything = _DENIED.sub(" ", text), "\n".join(_DENIED.sub(" ", place.text) for place in seen)
    for outcome in _OUTCOMES:
        seen_as = _CHECKED if outcome is _CERTAIN else outcome
        if (found := outcome.search(affirmed)) and not (seen_as.search(everything) or _is_in_part(outcome, text, seen)):
            return f"\u201c{found[0].lower()}\u201d is in no evidence it cites"
    return (
        extent.exaggerated(said, seen)
        or _of_another_topic(said, seen)
        or causes.unfounded(text, seen)
        or order.misplaced(text, seen, known)
        or comparing.misjudged(text, seen, known)
        or roles.exchanged(said, seen)
        or tense.told_as_done(said, seen, known)
        or denying.denied(said, seen)
        or direction.turned(said, seen)
    )


def _is_in_part(outcome: re.Pattern[str], text: str, seen: Sequence[Place]) -> bool:
    """Whether something is told to have recovered in part, and its evidence has what it was at several times."""
    is_part = outcome is _RECOVERED and _IN_PART.search(text)
    return bool(is_part) and any(len(place.times.moments) > 1 and len(place.figures) > 1 for place in seen)


def _of_another_topic(said: Sequence[Place], seen: Sequence[Place]) -> str | None:
    """Compare words; one that has a name, a figure or a time is about that, which the evidence has."""
    asked = frozenset().union(*(place.stems for place in said))
    held = frozenset().union(*(place.stems | stems(place.text) for place in seen))
    firm = sum(len(place.names) + len(place.figures) + len(place.times.moments) for place in said)
    if asked and not firm and len(asked & held) < len(asked) * _LEAST_SHARED:
        return "it is about something that is not in the evidence it cites"
    return None
