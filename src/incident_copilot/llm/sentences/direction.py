"""Says whether something went the way that a sentence tells: from which figure to which, up, down, or nowhere."""

import re
from collections.abc import Sequence

from incident_copilot.llm.sentences.changes import changed
from incident_copilot.llm.sentences.places import Place
from incident_copilot.llm.sentences.stems import stems
from incident_copilot.llm.sentences.units import Figure

UP = re.compile(
    r"\b(?:r[oi]se[sn]?|rising|increas\w+|gr(?:e|o)w(?:s|n|ing)?|climb\w*|jump\w*|spik\w+|surg\w+|higher|up (?:from"
    r"|to|by)"
    r"|w[ae]nt up|gone up|goes up|going up|is up|more than (?:before|usual|normal)|doubl\w+|tripl\w+|quadrupl\w+"
    r"|sped up"
    r"|speed(?:s|ing)? up|worsen\w*|slow(?:er|ed)(?: down)?|(?:is|are|became|become|got) slow|long(?:er)?)\b",
    re.IGNORECASE,
)
DOWN = re.compile(
    r"\b(?:f[ae]ll(?:s|en|ing)?|drop(?:s|ped|ping)?|decreas\w+|declin\w+|sank|shr[aiu]nk\w*|lower|down (?:from|to|by)"
    r"|w[ae]nt down|gone down|goes down|going down|halved|fewer|plung\w+|plummet\w+|dip(?:s|ped)?|reduced"
    r"|fast(?:er)?)\b",
    re.IGNORECASE,
)
_SAME = re.compile(
    r"\b(?:unchanged|as before|as usual|stable|steady|constant|no change|not changed|did not change|flat"
    r"|the same as before)\b",
    re.IGNORECASE,
)
_FALLS_OVER = re.compile(
    r"\bdropped (?:requests?|connections?|packets?|messages?)\b|\bno longer\b|\bhow long\b|\bas long as\b"
    r"|\bfall(?:s|en)? behind",
    re.IGNORECASE,
)
_TIMES_AS = re.compile(r"\b(?:times|twice) as (?:many|much|often|long|high|large|slow)\b", re.IGNORECASE)
_NOT = re.compile(r"\b(?:no|not|never|neither|without)\b|n[\u2019']t\b", re.IGNORECASE)
_USUALLY = re.compile(
    r"\b(?:usually|normally|typically|previously|formerly|used to|before (?:that|it))\b", re.IGNORECASE
)
_NOW = re.compile(r"\b(?:now|currently|at present|rose to|fell to|up to|down to|grew to|reached)\b", re.IGNORECASE)
_OTHER_WAY = "its evidence says that it went the other way"


def turned(said: Sequence[Place], seen: Sequence[Place]) -> str | None:
    """Return why a direction is not that of the evidence, in words people read; None where it is or none is told."""
    for clause in said:
        if _pair_is_reversed(clause, seen) or _goes_elsewhere(clause, seen):
            return _OTHER_WAY
        if (figure := _of_another_time(clause, seen)) is not None:
            return f"figure {figure.text} is in its evidence what was before, or what is now"
    return None


def _pair_is_reversed(clause: Place, seen: Sequence[Place]) -> bool:
    held = [pair for place in seen for pair in changed(place)]
    for before, after in changed(clause):
        right = any(before.rounds(a.value) and after.rounds(b.value) for a, b in held)
        if not right and any(before.rounds(b.value) and after.rounds(a.value) for a, b in held):
            return True
    return False


def _goes_elsewhere(clause: Place, seen: Sequence[Place]) -> bool:
    """Compare with the places that are most alike: which way each goes, by its words or by its figures."""
    way = _way(clause)
    if way is None:
        return False
    found = [(other, place) for place in _nearest(clause, seen) for other in [_way(place)] if other is not None]
    return bool(found) and all(not _agree(way, other) for other, _ in found)


def _agree(said: str, seen: str) -> bool:
    return said == seen or (said.startswith("not ") and said != f"not {seen}")


def _way(place: Place) -> str | None:
    """Return "up", "down" or "same", or "not up" where that is denied; None where it tells no direction."""
    text = _FALLS_OVER.sub(" ", place.text)
    if _TIMES_AS.search(text):
        return "up"
    if _SAME.search(text):
        return "same"
    told = {"up" if after.value > before.value else "down" for before, after in changed(place) if before != after}
    words = {way for way, pattern in (("up", UP), ("down", DOWN)) if pattern.search(text)}
    ways = words or told
    if len(ways) != 1:
        return None
    [way] = ways
    return f"not {way}" if words and _NOT.search(text) else way


def _nearest(clause: Place, seen: Sequence[Place]) -> list[Place]:
    asked = clause.stems - DIRECTIONS
    scored = [
        (len(asked & place.stems) + 2 * len(clause.about & place.about), place)
        for place in seen
        if place.may_be_about(clause) and (asked & place.stems)
    ]
    best = max((score for score, _ in scored), default=0)
    return [place for score, place in scored if score == best]


def _of_another_time(clause: Place, seen: Sequence[Place]) -> Figure | None:
    """Return a figure that the clause tells of what is usual while the evidence has it for now, or the reverse."""
    usual = bool(_USUALLY.search(clause.text))
    if len(clause.figures) != 1 or not (usual or _NOW.search(clause.text)):
        return None
    [figure] = clause.figures
    held = [pair for place in seen for pair in changed(place)]
    told = [before if usual else after for before, after in held]
    others = [after if usual else before for before, after in held]
    is_other = any(figure.rounds(one.value) and figure.kind is one.kind for one in others)
    return figure if is_other and not any(figure.rounds(one.value) for one in told) else None


DIRECTIONS = stems("rose increase grow climb jump spike surge higher fell drop decrease decline lower went worse halve")
