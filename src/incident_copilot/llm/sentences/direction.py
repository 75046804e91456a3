"""Says whether something went the way that a sentence tells: from which figure to which, up, down, or nowhere."""

import re
from collections.abc import Sequence

from incident_copilot.llm.sentences.changes import changed
from incident_copilot.llm.sentences.places import Place
from incident_copilot.llm.sentences.stems import stems
from incident_copilot.llm.sentences.units import Figure

UP = re.compile(
    r"\b(?:r[oi]se[sn]?|rais(?:ed|es)|lifted|widened|extended|rising|increas\w+|gr(?:e|o)w(?:s|n|ing)?|climb\w*"
    r"|jump\w*|spik\w+|surg\w+|higher|up (?:from"
    r"|to|by)"
    r"|w[ae]nt up|gone up|goes up|going up|is up|more than (?:before|usual|normal)|doubl\w+|tripl\w+|quadrupl\w+"
    r"|sped up"
    r"|speed(?:s|ing)? up|worsen\w*|slow(?:er|ed)(?: down)?|(?:is|are|became|become|got) slow|long(?:er)?)\b",
    re.IGNORECASE,
)
DOWN = re.compile(
    r"\b(?:lowered|cut|shortened|narrowed|f[ae]ll(?:s|en|ing)?|drop(?:s|ped|ping)?|decreas\w+|declin\w+|sank"
    r"|shr[aiu]nk\w*|lower|down (?:from|to|by)"
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
    # Dropped calls are lost ones; "before the drop" tells when it was.
    r"\bdropped (?:[a-z]+s|frames?)\b(?! (?:to|from|by)\b)|\b(?:is|are|was|were|be|being|been) dropped\b"
    r"|\bthe (?:longer|higher|lower|larger|smaller|slower|faster|raised|lowered|reduced|increased|extended"
    r"|shortened) (?=[\w-]+\b)"
    r"|\b(?:before|after|since|until|during) the [a-z]+\b|\bno longer\b|\bhow long\b|\bas long as\b"
    r"|\bfall(?:s|en)? behind",
    re.IGNORECASE,
)
_TIMES_AS = re.compile(
    r"\b(?:times|twice) as \w+\b(?:$|[^,;]*?\bas (?:before|usual|normal|ever|it|they|previously|earlier|otherwise"
    r"|(?:a |an |the )?last|on an?)\b)",
    re.IGNORECASE,
)
_NOT = re.compile(r"(?:\b(?:no|not|never|neither|without)\b|n[\u2019']t\b)(?P<what>(?:\s[^\s,;]+){0,4})", re.IGNORECASE)
_USUALLY = re.compile(
    r"\b(?:usually|normally|typically|previously|formerly|used to|before (?:that|it))\b", re.IGNORECASE
)
_NOW = re.compile(r"\b(?:now|currently|at present|rose to|fell to|up to|down to|grew to|reached)\b", re.IGNORECASE)
_HOW_MUCH = (
    (
        re.compile(r"\b(?:much|far|sharply|dramatically|drastically|massively|significantly|heavily)\b", re.IGNORECASE),
        1.25,
        1e12,
    ),
    (re.compile(r"\b(?:slightly|barely|hardly|a little|marginally|somewhat)\b", re.IGNORECASE), 1.0, 1.5),
)
"""How many times as much the larger value is where a word is right."""
_SAME_WITHIN = 0.1
_OTHER_WAY = "its evidence says that it went the other way"


def turned(said: Sequence[Place], seen: Sequence[Place]) -> str | None:
    """Return why a direction is not that of the evidence, in words people read; None where it is or none is told."""
    for clause in said:
        if _pair_is_reversed(clause, seen) or _goes_elsewhere(clause, seen):
            return _OTHER_WAY
        if (word := _overstated(clause, seen)) is not None:
            return f"\u201c{word}\u201d is not what the figures in its evidence say"
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
    near = _nearest(clause, seen) if way else []
    lines = {place.line for place in near if _way(place) is not None}
    told = [*near, *(place for place in seen if place.line in lines and not place.stems - DIRECTIONS)]
    if way == "same" and any(_hardly_changes(place) for place in near):
        return False
    ways = [other for place in told if (other := _way(place)) is not None]
    return bool(ways) and not any(_agree(str(way), other) for other in ways)


def _hardly_changes(place: Place) -> bool:
    """Whether what came after is within a tenth of what was before."""
    return any(abs(after.value - before.value) <= _SAME_WITHIN * before.value for before, after in changed(place))


def _overstated(clause: Place, seen: Sequence[Place]) -> str | None:
    """Return a word for much or little that is not how much the figures of the places most alike changed."""
    for words, least, most in _HOW_MUCH:
        ratios = [
            max(before.value, after.value) / max(min(before.value, after.value), 1e-12)
            for place in (_nearest(clause, seen) if words.search(clause.text) and _way(clause) else ())
            for before, after in changed(place)
        ]
        if ratios and not any(least <= ratio <= most for ratio in ratios):
            return str(words.findall(clause.text)[0]).lower()
    return None


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
    denied = [match["what"] for match in _NOT.finditer(text)]
    return f"not {way}" if words and any(map((UP if way == "up" else DOWN).search, denied)) else way


def _nearest(clause: Place, seen: Sequence[Place]) -> list[Place]:
    """Return the places most like the clause, or its subject, which stands before the word of direction.

    Where they tell no direction, those that speak of how long it takes are asked.
    """
    subject, speed = stems(_subject(clause)) - DIRECTIONS, clause.stems & _OF_SPEED
    asked = subject or clause.stems - DIRECTIONS
    near = [place for place in seen if place.may_be_about(clause)]
    score = {place: 2 * len(asked & place.stems) + 2 * len(clause.about & place.about) for place in near}
    best = max((score[place] for place in near if asked & place.stems), default=0)
    nearest = [place for place in near if asked & place.stems and score[place] == best]
    if any(_way(place) for place in nearest):
        return nearest
    return [place for place in near if speed & place.stems]


def _subject(clause: Place) -> str:
    """Return the words before the first word of direction, which in English are those of what rose or fell."""
    found = [match.start() for pattern in (UP, DOWN) if (match := pattern.search(clause.plain))]
    return clause.plain[: min(found, default=0)]


def _of_another_time(clause: Place, seen: Sequence[Place]) -> Figure | None:
    """Return a figure that the clause tells of what is usual while the evidence has it for now, or the reverse."""
    usual = bool(_USUALLY.search(clause.text))
    if len(clause.figures) != 1:
        return None
    [figure] = clause.figures
    if not usual and not _NOW.search(clause.text) and not clause.times.rest[: figure.at].endswith(" to "):
        return None
    held = [pair for place in seen for pair in changed(place)]
    told = [before if usual else after for before, after in held]
    others = [after if usual else before for before, after in held]
    is_other = any(figure.rounds(one.value) and figure.kind is one.kind for one in others)
    return figure if is_other and not any(figure.rounds(one.value) for one in told) else None


DIRECTIONS = stems("rose increase grow climb jump spike surge higher fell drop decrease decline lower went worse halve")
_OF_SPEED = stems("slow")
