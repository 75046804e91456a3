"""Says whether a sentence tells as done what the evidence says is planned, expected or nowhere."""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from incident_copilot.llm.names import Known
from incident_copilot.llm.sentences.binding import values
from incident_copilot.llm.sentences.changes import changed
from incident_copilot.llm.sentences.places import Place
from incident_copilot.llm.sentences.stems import stem, stems, words

_AHEAD = re.compile(
    r"\b(?:will|shall|planned|plans to|planning to|scheduled|expect(?:ed|s)?|due (?:at|to be|on|by)|(?:going"
    r"|about) to|upcoming"
    r"|(?<!was )(?<!been )(?<!% )done (?:at|by)|(?:is|are) [a-z]+ at \d\d?:\d\d|"
    r"next steps?|(?:is|are|still) pending|in review|(?<!appears )(?<!seems )(?<!known )to be \w+(?:ed|n|t|id)|should"
    r"|would|not (?:\w+ )?yet|once (?:[\w-]+ ){1,3}?(?!has|was)[a-z]+s"
    r"|announced for|forecast\w*|estimated|expires?|proposed|suggests?|suggested|intends?|tomorrow"
    r"|(?:full|empty|ends?|due|done|ready|back) (?:again )?in (?:about |another |less than |under )?[\d.]+ ?(?:s"
    r"|min|h|d)\w*)\b",
    re.IGNORECASE,
)
_WANTED = re.compile(
    r"\b(?:needs?|requires?|awaits?|waits? for|asked for|pending"
    r"|not (?:\w+ )?(?:deployed|released|applied|live|active|started|installed|enabled|switched on"
    r"|rolled out))\b",
    re.IGNORECASE,
)
_LAST = re.compile(r"\blast\b", re.IGNORECASE)
_BY_TIME = re.compile(r"\bby (?:about )?\d\d?:\d\d")
_DONE = re.compile(
    r"\b(?:has|have|had|was|were|is now|are now|been|being|got)\s(?:(?:already|now|since|just|been|then|also"
    r"|successfully)\s)*"
    r"(?P<verb>[a-z]+(?:ed|en|n|t))\b(?!\sthat\b)(?:\s(?P<more>back|off|on|over|out|down|up)\b)?",
    re.IGNORECASE,
)
_BY_DOING = re.compile(
    r"^\W*(?P<verb>[A-Z][a-z]+ing)\b(?:\s(?P<more>back|off|on|over|out|down|up)\b)?"
    r"(?=.*\b(?:ended|stopped|cleared|cured|helped|fixed|solved|brought|restored|resolved)\b)"
)
"""As in "Restarting the pod ended it"."""
_IS_DONE = re.compile(r"\b(?:has|have|had|was|were)\b(?!.*\bto be\b)", re.IGNORECASE)
_EARLIER = re.compile(r"\b(?:earlier incident|past incident|last time|INC-\d+)\b", re.IGNORECASE)
_DID = re.compile(r"\b[A-Z][\w-]+\s(?P<verb>[a-z]+ed|withdrew)\b(?:\s(?P<more>back|off|on|over|out|down|up)\b)?")
_NOT = re.compile(
    r"\b(?:no|not|none|never|nobody|nothing|neither|hardly|barely|without)\b|n[\u2019']t\b", re.IGNORECASE
)
_REMEDIES = (
    # What people do about an incident, and what else it is called; told as done only where the evidence tells it.
    "reverted rollback undone",
    "restarted rebooted bounced recycled",
    "scaled resized",
    "disabled off paused stopped halted held suspended",
    "enabled on resumed turned set",
    "failover switched promoted takeover",
    "renewed rotated replaced reissued switched swapped",
    "fixed repaired patched resolved corrected solved",
    "notified informed contacted told",
    "drained cordoned evicted isolated",
    "cleared flushed purged cleaned emptied",
    "deleted removed withdrew withdrawn",
    "cancelled canceled aborted killed terminated",
    "released deployed rollout shipped published pushed",
    "upgraded updated",
    "downgraded",
    "throttled blocked",
    "collected rebuilt reindexed recreated reloaded",
    "raised increased extended lowered reduced changed set adjusted",  # or "from 5 to 9"
    "unblocked",
    "acknowledged",
    "escalated",
    "moved migrated shifted rerouted redirected diverted pointed",
    "finished ended completed concluded",
    "added provisioned",
)
_CLASSES = [frozenset(stem(word) for word in line.split()) for line in _REMEDIES]
_CHANGED = next(group for group in _CLASSES if stem("changed") in group)


def is_ahead(text: str) -> bool:
    """Whether a text speaks of what is to come, or may."""
    return bool(_AHEAD.search(text) or (_BY_TIME.search(text) and not _IS_DONE.search(text)))


def told_as_done(said: Sequence[Place], seen: Sequence[Place], known: Known) -> str | None:
    """Return why something is not as done as a sentence tells it, in words people read; None where it is."""
    ahead = {place for place in seen if is_ahead(place.text)}
    planned = ahead | {
        place for place in seen if _WANTED.search(place.text) or place.line.partition(":")[0] in known.runbooks
    }
    for clause in said:
        if _NOT.search(clause.text) or (is_ahead(clause.text) and not _IS_DONE.search(clause.text)):
            continue
        for text, holding in () if is_ahead(clause.text) or _WANTED.search(clause.text) else values(clause, seen):
            if holding and ahead >= set(holding):
                return f"{text} is in its evidence of what is still to come"
        is_now = not _EARLIER.search(clause.text)
        near = [place for place in seen if place.may_be_about(clause) and not (is_now and _EARLIER.search(place.line))]
        for pattern in (_DONE, _DID, _BY_DOING):
            for match in pattern.finditer(clause.text):
                if (why := _not_done(match, near, planned)) is not None:
                    return why
    return None


def _not_done(match: re.Match[str], seen: Sequence[Place], planned: AbstractSet[Place]) -> str | None:
    told = ["rollback"] if match["more"] == "back" else words(match[0])  # where "switched on" is one word
    verb = stem(next((word for word in reversed(told) if word != match["more"]), ""))
    alike = frozenset().union(*(group for group in _CLASSES if verb in group))
    asked = stems(match.string) if verb in _CHANGED else frozenset()
    telling = [
        place for place in seen if place.stems & (alike or {verb}) or (place.stems & asked and any(changed(place)))
    ]
    if telling and planned >= set(telling) and not _is_told(match, verb, telling):
        return f"\u201c{match[0].lower()}\u201d is in its evidence of what is still to come"
    is_of_now = not (_LAST.search(match.string) or re.search(r"\d\d", match.string))
    if telling and is_of_now and all(_LAST.search(place.text) for place in telling):
        return f"\u201c{match[0].lower()}\u201d is in its evidence of an earlier time"
    if alike and not telling:
        return f"\u201c{match[0].lower()}\u201d is in no evidence it cites"
    return None


def _is_told(match: re.Match[str], verb: str, planned: Sequence[Place]) -> bool:
    """Whether what is told as done is the plan itself, as in "was asked for", or is done where another is planned."""
    said = match.string[match.start() : match.end() + len(" for")]
    if is_ahead(said) or _WANTED.search(said) or said.lower().startswith("being"):
        return True
    if any(re.search(rf"\b{match['verb']}\b(?=.*{_WANTED.pattern})", place.text) for place in planned):
        return True
    return verb in {stem(done["verb"].lower()) for place in planned for done in _DONE.finditer(place.text)}
