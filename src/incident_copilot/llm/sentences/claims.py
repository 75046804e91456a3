"""Says whether evidence speaks of what a sentence claims: its outcome, extent, order, direction, cause and topic."""

import re
from collections.abc import Sequence

from incident_copilot.llm.names import Known
from incident_copilot.llm.sentences import causes, comparing, denying, direction, extent, order, roles, tense
from incident_copilot.llm.sentences.places import Place
from incident_copilot.llm.sentences.stems import stems

_OUTCOMES = (
    re.compile(r"\brecover(?:s|ed|ing|y)?\b", re.IGNORECASE),
    re.compile(r"\b(?:resolved|fixed|solved)\b", re.IGNORECASE),
    re.compile(r"\b(?:mitigated|restored|healthy again|back to normal)\b", re.IGNORECASE),
    re.compile(r"\broll(?:ed)?[ -]?back\b", re.IGNORECASE),
    re.compile(r"\b(?:confirmed|verified|certain(?:ly)?|proven|definitely|undoubtedly)\b", re.IGNORECASE),
    re.compile(r"\b(?:breach\w*|compromis\w+|attack\w*|hack\w*|malicious|leak(?:ed|s)?)\b", re.IGNORECASE),
    re.compile(
        r"\b(?:data (?:loss|corruption)|corrupt\w*|(?:is|are|was|were|been) lost"
        r"|lost (?!its\b|their\b|connection|heartbeat|contact)[a-z]+)\b",
        re.IGNORECASE,
    ),
)
"""What changes what people do next: said only where the evidence says it."""
_NOT_LOST = re.compile(r"\b(?:no|not|none|nothing)\b[^,;.]*\blost\b", re.IGNORECASE)
_LEAST_SHARED = 1 / 3
"""Of what a sentence tells; less, and it is about something else. People put things in their own words."""


def unsupported(text: str, said: Sequence[Place], seen: Sequence[Place], known: Known) -> str | None:
    """Return what a sentence claims that its evidence does not, in words people read; None where it says as much."""
    everything = "\n".join(place.text for place in seen)
    for outcome in _OUTCOMES:
        if (found := outcome.search(_NOT_LOST.sub(" ", text))) and not outcome.search(everything):
            return f"\u201c{found[0].lower()}\u201d is in no evidence it cites"
    return (
        extent.exaggerated(said, seen)
        or _of_another_topic(said, seen)
        or causes.unfounded(text, seen)
        or order.misplaced(text, seen, known)
        or comparing.misjudged(text, seen, known)
        or roles.exchanged(said, seen)
        or tense.told_as_done(said, seen)
        or denying.denied(said, seen)
        or direction.turned(said, seen)
    )


def _of_another_topic(said: Sequence[Place], seen: Sequence[Place]) -> str | None:
    """Compare words; names, figures and times count as shared, for they are in the evidence."""
    asked = frozenset().union(*(place.stems for place in said))
    held = frozenset().union(*(place.stems | stems(place.text) for place in seen))
    firm = sum(len(place.names) + len(place.figures) + len(place.times.moments) for place in said)
    if asked and (len(asked & held) + firm) / (len(asked) + firm) < _LEAST_SHARED:
        return "it is about something that is not in the evidence it cites"
    return None
