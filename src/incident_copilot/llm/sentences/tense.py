"""Says whether a sentence tells as done what the evidence says is planned, expected or nowhere."""

import re
from collections.abc import Sequence

from incident_copilot.llm.sentences.binding import values
from incident_copilot.llm.sentences.places import Place
from incident_copilot.llm.sentences.stems import stem, words

_AHEAD = re.compile(
    r"\b(?:will|shall|planned|plans to|planning to|scheduled|expect(?:ed|s)?|due (?:at|to be|on|by)|(?:going"
    r"|about) to|upcoming"
    r"|(?<!was )(?<!been )(?<!% )done (?:at|by)|(?:is|are) [a-z]+ at \d\d?:\d\d|by (?:about )?\d\d?:\d\d|"
    r"next steps?|(?:is|are|still) pending|in review|(?<!appears )(?<!seems )(?<!known )to be \w+(?:ed|n|t)|should"
    r"|would"
    r"|announced for|forecast\w*|estimated|expires?|proposed|suggests?|suggested|not yet|intends?|tomorrow"
    r"|(?:full|empty|ends?|due|done|ready|back) (?:again )?in (?:about |another |less than |under )?[\d.]+ ?(?:s"
    r"|min|h|d)\w*)\b",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"\b(?:has|have|had|was|were|is now|are now|been|being|got)\s(?:(?:already|now|since|just|been|then|also"
    r"|successfully)\s)*"
    r"(?P<verb>[a-z]+(?:ed|en|n|t))\b(?:\s(?P<more>back|off|on|over|out|down|up))?",
    re.IGNORECASE,
)
_DID = re.compile(r"\b[A-Z][\w-]+\s(?P<verb>[a-z]+ed|withdrew)\b(?:\s(?P<more>back|off|on|over|out|down|up)\b)?")
_NOT = re.compile(r"\b(?:no|not|none|never|nobody|nothing|without)\b|n[\u2019']t\b", re.IGNORECASE)
_REMEDIES = (
    # What people do about an incident, and what else it is called; told as done only where the evidence tells it.
    "reverted rollback undone",
    "restarted rebooted bounced recycled",
    "scaled resized",
    "disabled off paused stopped halted",
    "enabled on resumed turned set",
    "failover switched promoted takeover",
    "renewed rotated replaced reissued",
    "fixed repaired patched resolved corrected solved",
    "notified informed contacted told",
    "drained cordoned evicted isolated",
    "cleared flushed purged cleaned emptied",
    "deleted removed dropped withdrew withdrawn",
    "cancelled canceled aborted killed terminated",
    "released deployed rollout shipped published",
    "upgraded updated",
    "downgraded",
    "throttled blocked limited",
    "collected rebuilt reindexed recreated reloaded",
    "raised increased extended lowered reduced changed set adjusted",
    "restored recovered",
    "unblocked",
    "acknowledged",
    "escalated",
    "moved migrated",
    "added provisioned",
)
_CLASSES = [frozenset(stem(word) for word in line.split()) for line in _REMEDIES]


def is_ahead(text: str) -> bool:
    """Whether a text speaks of what is to come, or may."""
    return _AHEAD.search(text) is not None


def told_as_done(said: Sequence[Place], seen: Sequence[Place]) -> str | None:
    """Return why something is not as done as a sentence tells it, in words people read; None where it is."""
    for clause in said:
        if is_ahead(clause.text) or _NOT.search(clause.text):
            continue
        for text, holding in values(clause, seen):
            if holding and all(is_ahead(place.text) for place in holding):
                return f"{text} is in its evidence of what is still to come"
        near = [place for place in seen if place.may_be_about(clause)]
        for match in (*_DONE.finditer(clause.text), *_DID.finditer(clause.text)):
            if (why := _not_done(match, near)) is not None:
                return why
    return None


def _not_done(match: re.Match[str], seen: Sequence[Place]) -> str | None:
    told = ["rollback"] if match["more"] == "back" else words(match[0])  # where "switched on" is one word
    verb = stem(next((word for word in reversed(told) if word != match["more"]), ""))
    alike = next((group for group in _CLASSES if verb in group), None)
    telling = [place for place in seen if place.stems & (alike or {verb})]
    if telling and all(is_ahead(place.text) for place in telling):
        return f"\u201c{match[0].lower()}\u201d is in its evidence of what is still to come"
    if alike and not telling:
        return f"\u201c{match[0].lower()}\u201d is in no evidence it cites"
    return None
