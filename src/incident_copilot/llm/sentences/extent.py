"""Says whether "all", "most" and "completely" are what the evidence says of how much is affected."""

import re
from collections.abc import Sequence

from incident_copilot.llm.sentences.derived import parts, split, stated
from incident_copilot.llm.sentences.places import Place
from incident_copilot.llm.sentences.stems import stems
from incident_copilot.llm.sentences.tense import is_ahead
from incident_copilot.llm.sentences.units import Kind

_ALL = re.compile(
    r"(?<!at )(?<!above )(?<!in )(?<!of )(?<!nearly )(?<!almost )\b(?:both|all|every(?: single)?|each|entire|whole"
    r"|everyone|everybody|everything|nobody|no one"
    r"|completely|totally|entirely|fully|100\s?%)\b(?! (?:in all|the time|right|minutes?|seconds?|hours?|days?"
    r"|time))(?:\sof)?(?P<what>(?:\s[\w-]+){0,4})",
    re.IGNORECASE,
)
_SAYS_ALL = re.compile(
    r"(?<!at )(?<!above )(?<!in )\b(?:all|every|each|entire|whole|everyone|everything|completely|totally|entirely"
    r"|fully|only|none|no|nothing|both)\b(?! others?)"
    r"|\b100(?:\.0+)?\s?%",
    re.IGNORECASE,
)
_EXTENTS = (
    (
        re.compile(
            r"(?<!nearly )(?<!almost )(?<!% )(?<!percent )\b(?:exhausted|full|saturated|maxed out)\b(?! \w)"
            r"|\b(?:run|ran|is|are) out of\b"
        ),
        0.97,
        1.0,
    ),
    (re.compile(r"\b(?:nearly|almost|virtually|practically) (?:all|every)\b", re.IGNORECASE), 0.85, 1.0),
    (
        re.compile(
            r"\b(?:most(?= (?:of|[a-z]+s\b))|(?:the |a |vast )?majority of|the bulk of|more often than not)\b",
            re.IGNORECASE,
        ),
        0.5,
        1.0,
    ),
    (
        re.compile(
            r"\b(?:a few of|only a few|a handful of|a small (?:part|share|fraction|number) of|hardly any|barely any"
            r"|few)(?= )",
            re.IGNORECASE,
        ),
        0.0,
        0.35,
    ),
)
_REST = re.compile(r"\b(?:others?|rest|remaining)\b", re.IGNORECASE)
_NO = re.compile(r"^\W*(?:no|none of the|not one of the|not a single)\s\w+", re.IGNORECASE)
_BOTH = 2


def exaggerated(said: Sequence[Place], seen: Sequence[Place]) -> str | None:
    """Return why a sentence tells of more than its evidence, in words people read; None where it does not."""
    for clause in said:
        for match in _ALL.finditer(clause.text):
            is_both = match[0].lower().startswith("both")
            saying = [place for place in seen if _says_all(place, match["what"], clause, is_both=is_both)]
            if not saying or (is_both and len(frozenset().union(*(place.about for place in saying))) < _BOTH):
                return f"\u201c{' '.join(match[0].lower().split()[:2])}\u201d is in no evidence it cites"
        if (none := _NO.search(clause.text)) and _only_in_part(clause, seen):
            return f"\u201c{none[0].lower()}\u201d is not what the shares in its evidence say"
        for words, least, most in () if is_ahead(clause.text) else _EXTENTS:
            if (found := words.search(clause.text)) and _differs(clause, seen, least, most):
                return f"\u201c{found[0].lower()}\u201d is not what the shares in its evidence say"
    return None


def _only_in_part(clause: Place, seen: Sequence[Place]) -> bool:
    """Whether the places most alike tell of a part that is neither nothing nor the whole."""
    shared = [(clause.shares(place), place) for place in seen if place.may_be_about(clause)]
    best = max((share for share, _ in shared), default=0)
    told = [part for share, place in shared if share == best > 1 for part in parts(place.times.rest)]
    return bool(told) and all(0 < some < whole for some, whole in told)


def _says_all(place: Place, what: str, clause: Place, *, is_both: bool) -> bool:
    """Whether a place has a word for all, a whole or two systems, and is about the same thing."""
    is_whole = any(some == whole for some, whole in parts(place.times.rest)) or (is_both and len(place.about) >= _BOTH)
    same = stems(what) & place.stems or place.stems & clause.stems or clause.about & place.about
    noun = stems(re.split(r"\b(?:is|are|was|were|has|have|will)\b", what)[0])
    if noun and not noun & stems(place.line):
        return False
    is_of_rest = _REST.search(what) and _REST.search(place.text)
    return bool(same and (is_whole or is_of_rest or _SAYS_ALL.search(place.text)))


def _differs(clause: Place, seen: Sequence[Place], least: float, most: float) -> bool:
    """Whether the places most alike tell shares, none of which is between these."""
    near = [place for place in seen if place.may_be_about(clause)]
    shared = [(clause.shares(place) + len(clause.about & place.about), place) for place in near]
    best = max((share for share, _ in shared), default=0)
    told = [
        value
        for share, place in shared
        if share == best > 1
        for value in (*stated(Kind.SHARE, place), *split(place, [one for one in seen if one.line == place.line]))
    ]
    return bool(told) and not any(least <= value <= most for value in told)
