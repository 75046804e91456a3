"""Says whether a sentence denies what the evidence says, or says what the evidence denies."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from incident_copilot.llm.sentences.derived import shares, stated
from incident_copilot.llm.sentences.places import Place
from incident_copilot.llm.sentences.stems import stem, stems, words
from incident_copilot.llm.sentences.tense import is_ahead
from incident_copilot.llm.sentences.units import Kind

_NOT = re.compile(
    r"\b(?:neither\b.*?\bnor\b.*?\b(?:has|have|is|are|was|were|do|does|did)\b|no(?! (?:more|less|fewer|later"
    r"|sooner) than)|not(?! (?:only|just)\b)|never|none|cannot|neither|nor|free (?:of|from)"
    r"|nothing|nobody|(?<!to )(?<!near )zero"
    r"|without(?! (?:the|it|a|an|its|[a-z]+ing)\b))\b|n[\u2019']t\b",
    re.IGNORECASE,
)
_IN_VAIN = re.compile(
    r"\b(?:unable to|failed to|stop(?:s|ped)? (?=[a-z]+ing)|ceased? to|(?:missed|skipped) (?:its|their|the|a)\b"
    r"|attempts? to|tried to|trying to)",
    re.IGNORECASE,
)
_ZERO_AFTER = re.compile(
    r"(?P<word>[^\W\d]+)(?::\s?|\s)(?:0(?:\.0+)?\s?%?(?![\d.,:]*\d)|none|nil|zero)(?!\w)", re.IGNORECASE
)
_NOT_QUITE = re.compile(
    r"(?:\b\d{1,2}(?:\.\d+)?\s?(?:%|percent)|\b(?:almost|nearly|not yet))\s+(?P<word>full|empty|down|complete"
    r"|done)\b",
    re.IGNORECASE,
)
_NONE = re.compile(r"\bnone\b", re.IGNORECASE)
_FORMER = re.compile(r",\s(?:was|were|usually|normally|before)\b[^,;]*", re.IGNORECASE)
_ANSWERS = re.compile(r"\bwith [45]\d\d\b|\bHTTP [45]\d\d\b|BackOff\b", re.IGNORECASE)
"""By what a system says that it does not do what it is asked to."""
_NEW, _CHANGED = re.compile(r"\b(?:new|different|other)\b", re.IGNORECASE), stems("changed")
"""A new prompt is a prompt that was changed."""
_NO = re.compile(r"\bno\b", re.IGNORECASE)
"""What is denied of the thing after this word is what it does: "no result is lost"."""
_ONLY = re.compile(r"\bonly\b", re.IGNORECASE)
_OUT_OF = re.compile(r"\b(?:out of|lack of|lacks?|short of)(?P<what>(?: [\w-]+){1,2})", re.IGNORECASE)
_ZERO_BEFORE = re.compile(r"(?<![\d.,:])0\s(?P<word>[a-z]+)", re.IGNORECASE)
_AS_BEFORE = re.compile(r"\bun[a-z]{3,}ed\b|\bas before\b", re.IGNORECASE)
_MOST = re.compile(r"\b(?:most|majority|(?:nearly|almost) all|largely)\b", re.IGNORECASE)
_TOO = re.compile(r"\b(?:too|also|likewise|as well(?! as))\b", re.IGNORECASE)
_AS_EVER = re.compile(
    r"\b(?:unchanged|unaffected|not affected|as (?:before|usual)|(?<!no )normal|none|0|idle|on time|succeed|healthy"
    r"|open|accepted|right)\b(?![.%])",
    re.IGNORECASE,
)
"""What is told of a thing that has no trouble."""
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
        "succeed": "failed",
        "finished": "ongoing",
        "punctual": "delayed late",
    }.items()
    for opposite in opposites.split()
}
_AFFECTED = stem("affected")
_TROUBLE = stems("fail slow crash broken timeout degraded unavailable outage delayed")
"""What a thing that the evidence says is not affected does not have."""
_OF_DIRECTION = stems("slow")
"""Whether something is slower is compared as a direction."""
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
        if _denies(clause, near) or _affirms(clause, near) or _joins(clause, near):
            return "its evidence says the opposite"
    return None


def signs(text: str) -> Signs:
    """Return which words of a text stand for what is, and which for what is not."""
    heads: set[str] = set()
    groups: set[str] = set()
    denials = [*_NOT.finditer(text)]
    for match in (*denials, *(() if denials else _IN_VAIN.finditer(text))):
        after = re.split(r"[:,;]\s", text[match.end() :])[0]
        told = [stem(word) for word in words(after) if stems(word)][:_AFTER_NOT]
        if not told and text[match.end() :].strip(" .") == "":  # "was to be loaded and was not"
            heads |= stems(text[: match.start()])
        heads.update(told[:1])
        groups.update(told)
    if denials and _IN_VAIN.search(text):  # "no door failed to open"
        heads = groups = set(_TROUBLE & stems(text))
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
    told = signs(_FORMER.sub(" ", place.plain))
    if place.stems or not _NONE.search(place.plain):
        return told
    none = frozenset().union(*(other.stems for other in seen if other.line == place.line and other is not place))
    return Signs(told.affirmed - none, told.denied | none, told.heads | none)


def _denies(clause: Place, near: Sequence[tuple[Place, Signs]]) -> bool:
    """Whether the places most alike affirm what a clause denies, and have no trouble with it."""
    told = signs(clause.plain)
    heads = told.heads - _OF_DIRECTION
    if not heads or _is_unsure(clause, near):
        return False
    about = [
        (clause.shares(place), place, seen) for place, seen in near if heads & place.stems and not is_ahead(place.text)
    ]
    best = max((share for share, _, _ in about), default=0)
    if any(told.denied & seen.denied & clause.stems and clause.shares(place) >= best for place, seen in near):
        return False
    nearest = [(place, seen) for share, place, seen in about if share == best]
    least = 2 if _NO.search(clause.plain) and len(told.denied & clause.stems) > 1 else 1
    return best > 0 and all(
        heads & seen.affirmed
        and len(told.denied & seen.affirmed) >= min(least, len(told.denied))
        and not _ONLY.search(place.text)
        and not (
            _NOT.search(clause.text) and ((_TROUBLE & seen.affirmed) - clause.stems or _ANSWERS.search(place.text))
        )
        and not _is_last(place, clause)
        for place, seen in nearest
    )


def _joins(clause: Place, near: Sequence[tuple[Place, Signs]]) -> bool:
    """Whether a clause says of something that it "too" has the trouble, and the places most alike that it has none."""
    if not _TOO.search(clause.text) or _NOT.search(clause.text) or _AS_EVER.search(clause.text):
        return False
    subject = next((stem(word) for word in words(clause.text) if stems(word)), "")
    shared = [(clause.shares(place), place) for place, _ in near if subject in stems(place.text) | place.stems]
    best = max((share for share, _ in shared), default=0)
    nearest = [place for share, place in shared if share == best]
    return bool(nearest) and all(_AS_EVER.search(place.text) for place in nearest)


def _is_unsure(clause: Place, near: Sequence[tuple[Place, Signs]]) -> bool:
    """Whether a clause tells of a part, or evidence that is about as much alike as any denies something as well."""
    most = max((clause.shares(place) for place, _ in near), default=0)
    is_of_some = any(one.kind is Kind.SHARE for one in clause.figures) or any(shares(clause.times.rest))
    alike = [place for place, _ in near if clause.shares(place) >= max(most - 1, 1)]
    return is_of_some or any(_denies_something(place.line) for place in alike)


def _denies_something(line: str) -> bool:
    """Whether a line has a "not", "none" or 0, which may be the one that a clause has in other words."""
    return any(pattern.search(line) for pattern in (_NOT, _ZERO_AFTER, _ZERO_BEFORE, _AS_BEFORE))


def _is_last(one: Place, other: Place) -> bool:
    """Whether one says "last on Monday" and the other "not since Monday", which is the same."""
    return bool(_LAST.search(one.text) and _SINCE.search(other.text))


def _affirms(clause: Place, near: Sequence[tuple[Place, Signs]]) -> bool:
    """Whether a place denies what a clause affirms, and none that is as much alike and no plan affirms it."""
    told = signs(clause.plain)
    for place, seen in () if is_ahead(clause.text) or _NOT.search(clause.text) else near:
        if _NOT_QUITE.search(place.plain) and any(one.kind is Kind.SHARE for one in clause.figures):
            continue
        if _MOST.search(clause.text) and any(stated(Kind.SHARE, place)):
            continue
        told_of_it = seen.heads & (told.affirmed | (_CHANGED if _NEW.search(clause.text) else frozenset()))
        if _AFFECTED in seen.heads and _AFFECTED not in told.denied:
            told_of_it |= told.affirmed & _TROUBLE
        share = clause.shares(place)
        is_of_it = share > len(told_of_it & place.stems) or told.affirmed <= told_of_it
        if (
            told_of_it
            and is_of_it
            and not _is_last(clause, place)
            and not any(
                told_of_it & other_seen.affirmed and clause.shares(other) >= share and not is_ahead(other.text)
                for other, other_seen in near
            )
        ):
            return True
    return False
