"""Says whether a sentence denies what the evidence says, or says what the evidence denies."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from incident_copilot.llm.sentences.places import Place
from incident_copilot.llm.sentences.stems import stem, stems, words
from incident_copilot.llm.sentences.tense import is_ahead

_NOT = re.compile(
    r"\b(?:no(?! (?:more|less|fewer|later|sooner) than)|not(?! (?:only|just)\b)|never|none|cannot|neither|nor"
    r"|nothing|nobody|zero"
    r"|without(?! (?:the|it|a|an|its)\b))\b|n[\u2019']t\b",
    re.IGNORECASE,
)
_ZERO_AFTER = re.compile(
    r"(?P<word>[^\W\d]+)\W{1,3}(?:0(?:\.0+)?\s?%?(?![\d.,:]*\d)|none|nil|zero)(?!\w)", re.IGNORECASE
)
_NOT_QUITE = re.compile(
    r"(?:\b\d{1,2}(?:\.\d+)?\s?(?:%|percent)|\b(?:almost|nearly|not yet))\s+(?P<word>full|empty|down|complete"
    r"|done)\b",
    re.IGNORECASE,
)
_NONE = re.compile(r"\bnone\b", re.IGNORECASE)
_OUT_OF = re.compile(r"\b(?:out of|lack of|lacks?|short of)(?P<what>(?: [\w-]+){1,2})", re.IGNORECASE)
_ZERO_BEFORE = re.compile(r"(?<![\d.,:])0\s(?P<word>[a-z]+)", re.IGNORECASE)
_LAST, _SINCE = re.compile(r"\blast\b", re.IGNORECASE), re.compile(r"\b(?:since|for)\b", re.IGNORECASE)
_OPPOSITES = {
    stem(opposite): stem(word)
    for word, opposites in {
        "healthy": "unhealthy degraded",
        "available": "unavailable",
        "reachable": "unreachable",
        "affected": "unaffected",
        "current": "outdated stale",
        "enabled": "disabled",
        "valid": "invalid",
        "accepted": "refused rejected",
        "changed": "unchanged",
        "answered": "silent",
        "online": "offline",
    }.items()
    for opposite in opposites.split()
}
_AFFECTED = stem("affected")
_TROUBLE = stems("fail slow crash broken timeout degraded unavailable")
"""What a thing that the evidence says is not affected does not have."""
_AFTER_NOT = 3


@dataclass(frozen=True)
class Signs:
    """The words that a clause affirms and those that it denies; of these, the one that each "not" is about."""

    affirmed: frozenset[str]
    denied: frozenset[str]
    heads: frozenset[str]


def denied(said: Sequence[Place], seen: Sequence[Place]) -> str | None:
    """Return that the evidence says the opposite; None where it says as much, or nothing of the kind."""
    signed = [(place, _in_line(place, seen)) for place in seen]
    for clause in said:
        near = [(place, seen_as) for place, seen_as in signed if place.may_be_about(clause)]
        if _denies(clause, near) or _affirms(clause, near):
            return "its evidence says the opposite"
    return None


def signs(text: str) -> Signs:
    """Return which words of a text stand for what is, and which for what is not."""
    heads: set[str] = set()
    groups: set[str] = set()
    for match in _NOT.finditer(text):
        told = [stem(word) for word in words(text[match.end() :]) if stems(word)][:_AFTER_NOT]
        heads.update(told[:1])
        groups.update(told)
    for match in _OUT_OF.finditer(text):
        groups |= stems(match["what"])
    for match in (*_ZERO_AFTER.finditer(text), *_ZERO_BEFORE.finditer(text), *_NOT_QUITE.finditer(text)):
        heads |= stems(match["word"])
    everything = stems(text)
    for opposite in everything & _OPPOSITES.keys():
        if opposite not in heads:
            heads.add(_OPPOSITES[opposite])
    return Signs(everything - heads - groups, frozenset(heads | groups), frozenset(heads))


def _in_line(place: Place, seen: Sequence[Place]) -> Signs:
    """Return the signs of a place; where it says "none", that is of what its line is about."""
    told = signs(place.plain)
    if not _NONE.search(place.plain):
        return told
    none = frozenset().union(*(other.stems for other in seen if other.line == place.line and other is not place))
    return Signs(told.affirmed - none, told.denied | none, told.heads | none)


def _denies(clause: Place, near: Sequence[tuple[Place, Signs]]) -> bool:
    """Whether the places most alike affirm what a clause denies; "not since Monday" and "last on Monday" are one."""
    told = signs(clause.plain)
    about = [(clause.shares(place), place, seen) for place, seen in near if told.heads & place.stems]
    best = max((share for share, _, _ in about), default=0)
    nearest = [(place, seen) for share, place, seen in about if share == best]
    return bool(nearest) and all(
        told.heads & seen.affirmed
        and not told.denied & seen.denied
        and not (_LAST.search(place.text) and _SINCE.search(clause.text))
        for place, seen in nearest
    )


def _affirms(clause: Place, near: Sequence[tuple[Place, Signs]]) -> bool:
    """Whether a place denies what a clause affirms, and none that is as much alike and no plan affirms it."""
    told = signs(clause.plain)
    for place, seen in () if is_ahead(clause.text) else near:
        told_of_it = seen.heads & told.affirmed
        if _AFFECTED in seen.heads and _AFFECTED not in told.denied:
            told_of_it |= told.affirmed & _TROUBLE
        share = clause.shares(place)
        is_of_it = share > len(told_of_it & place.stems) or told.affirmed <= told_of_it
        if (
            told_of_it
            and is_of_it
            and not any(
                told_of_it & other_seen.affirmed and clause.shares(other) >= share and not is_ahead(other.text)
                for other, other_seen in near
            )
        ):
            return True
    return False
