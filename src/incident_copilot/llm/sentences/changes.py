"""Reads what was before and what came after: "from 3 to 5", "5, was 3"."""

import re
from collections.abc import Iterator

from incident_copilot.llm.sentences.places import Place
from incident_copilot.llm.sentences.units import Figure

_FROM_TO = re.compile(
    r"^\s*(?:to|->|\u2192|up to|down to|and went to)\s*(?:about |around |roughly |over |nearly "
    r"|almost )?[$\u20ac\u00a3]?$"
)
_TO_FROM = re.compile(
    r"^[^;:.]{0,40}?[,(]?\s*(?:was|were|from|up from|down from|usual|usually|normally|typically|previously|baseline"
    r"|on average|before it(?: was)?"
    r"|instead of|"
    r"compared (?:to|with)|formerly|it was|where it was)\s*(?:about |around |roughly |over |nearly "
    r"|just )?[$\u20ac\u00a3]?$"
)
_BEFORE_AND_NOW = re.compile(r"^\s(?:before|previously|earlier|until then)\b[^;:.]{0,30}$")
_THEN = re.compile(r"^\s(?:at|by|on)\s+,\s*(?:and )?$")
"""What is left of "12% at 02:15, 31% at 02:30" between the two."""


def changed(place: Place) -> Iterator[tuple[Figure, Figure]]:
    """Yield what was before and what came after, as a place tells it: "from 3 to 5", "5, was 3"."""
    text = place.times.rest
    for first, second in zip(place.figures, place.figures[1:], strict=False):
        between, after = text[first.end : second.at], text[second.end : second.end + 8]
        if first.kind is not second.kind and "of" not in between:
            continue
        if _FROM_TO.match(between) or _BEFORE_AND_NOW.match(between):
            yield first, second
        elif _THEN.match(between) and len(place.times.moments) > 1:
            is_in_order = place.times.moments[0].second < place.times.moments[1].second
            yield (first, second) if is_in_order else (second, first)
        elif _TO_FROM.match(between) or (between.strip() in {"(", ","} and after.strip().startswith("before")):
            yield second, first
