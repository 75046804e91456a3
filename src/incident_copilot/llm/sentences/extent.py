"""Says whether "all", "most" and "completely" are what the evidence says of how much is affected."""

import re
from collections.abc import Sequence

from incident_copilot.llm.sentences.derived import parts, split, stated
from incident_copilot.llm.sentences.places import Place
from incident_copilot.llm.sentences.stems import stems, words
from incident_copilot.llm.sentences.tense import is_ahead
from incident_copilot.llm.sentences.units import Kind

_ALL = re.compile(
    r"(?<!at )(?<!above )(?<!in )(?<!of )(?<!as a )(?<!nearly )(?<!almost )(?<!virtually )(?<!practically )(?<!not )"
    r"\b(?:both|all|every(?: single)?|each|entire|whole|everyone|everybody|everything"
    r"|completely|totally|entirely|fully|100\s?%)\b(?! (?:in all|the time|but|right|minutes?|seconds?|hours?|days?"
    r"|time))(?:\sof)?(?P<what>(?:\s[\w-]+){0,4})",
    re.IGNORECASE,
)
_SAYS_ALL = re.compile(
    r"(?<!at )(?<!above )(?<!in )\b(?:all|every|each|entire|whole|everyone|everything|completely|totally|entirely"
    r"|fully|(?<!the )only|none|no|nothing|both)\b(?! others?)|\bno other|\b100(?:\.0+)?\s?%",
    re.IGNORECASE,
)
_EXTENTS = (
    (
        re.compile(
            r"(?<!nearly )(?<!almost )(?<!% )(?<!percent )\b(?:exhausted|full|saturated|maxed out)\b(?! \w)"
            r"|\b(?:run|ran|is|are) out of\b(?! memory)"
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
_IS_WELL = re.compile(r"\b(?:not|un\w+ed|fine|normal\w*|succe\w+|healthy|without)\b", re.IGNORECASE)
"""Of those that do well it tells the share of which evidence tells the rest."""
_OF_PART = re.compile(r"\b(?:only|others?|rest|remaining|except|some|most|part)\b", re.IGNORECASE)
_REST = re.compile(r"\b(?:others?|rest|remaining)\b", re.IGNORECASE)
_NO = re.compile(r"^\W*(?:no|none of the|not one of the|not a single)\s\w+", re.IGNORECASE)
_BOTH = 2


def exaggerated(said: Sequence[Place], seen: Sequence[Place]) -> str | None:
    """Return why a sentence tells of more than its evidence, in words people read; None where it does not."""
    for clause in said:
        for match in _ALL.finditer(clause.text):
            if not _is_of_all(match, clause, seen):
                return f"\u201c{' '.join(match[0].lower().split()[:2])}\u201d is in no evidence it cites"
        if (none := _NO.search(clause.text)) and _only_in_part(clause, seen):
            return f"\u201c{none[0].lower()}\u201d is not what the shares in its evidence say"
        for pattern, least, most in () if is_ahead(clause.text) else _EXTENTS:
            if (found := pattern.search(clause.text)) and _differs(clause, seen, least, most):
                return f"\u201c{found[0].lower()}\u201d is not what the shares in its evidence say"
    return None


def _is_of_all(match: re.Match[str], clause: Place, seen: Sequence[Place]) -> bool:
    """Whether evidence has a word for all of it; of "both", that it is of two."""
    is_both = match[0].lower().startswith("both")
    saying = [place for place in seen if _says_all(place, match["what"], clause, is_both=is_both)]
    if not is_both:
        return bool(saying) or _is_a_count(match["what"], clause, seen)
    is_of_two = len(frozenset().union(*(place.about for place in saying))) >= _BOTH
    return is_of_two or _is_of_each(clause.text[match.start("what") :], seen)


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


def _is_of_each(what: str, seen: Sequence[Place]) -> bool:
    """Whether evidence has a word for each of "both the primary and the replica", none of which it knows by name."""
    one, _, after = what.partition(" and ")
    other = next((word for word in words(after) if stems(word)), "")
    held = frozenset().union(*(place.stems for place in seen))
    return bool(what.islower() and stems(one) & held and stems(other) & held)


def _is_a_count(what: str, clause: Place, seen: Sequence[Place]) -> bool:
    """Whether a place about what is said counts things and tells no part of them: those are all there are."""
    near = [place for place in seen if place.may_be_about(clause) and len(clause.stems & place.stems) > 1]
    lines = {place.line for place in near}
    told = [place for place in seen if place.line in lines and stems(what) & stems(place.line)]
    alike = [*told, *(place for place in seen if stems(what) & place.stems)]
    is_of_part = any(_OF_PART.search(place.text) or any(stated(Kind.SHARE, place)) for place in alike)
    return not is_of_part and any(one.kind is Kind.PLAIN for place in told for one in place.figures)


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
    if _IS_WELL.search(clause.text):
        told += [1 - value for value in told]
    return bool(told) and not any(least <= value <= most for value in told)
