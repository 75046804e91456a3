"""Says whether evidence speaks of what a sentence claims: its words, its cause and how sure that is, its direction."""

import re
from collections.abc import Sequence

_CAUSE = re.compile(
    r"\b(?:because|caus(?:e|ed|es|ing)|due to|owing to|thanks to|result(?:s|ed|ing)? (?:of|from|in)"
    r"|le(?:d|ads?|ading) to|trigger(?:s|ed|ing)?|responsible for|as a result|stem(?:s|med)? from"
    r"|brought (?:on|down) by|culprit|to blame|broke|suspect(?:ed)?|behind (?:the|this|these)|introduced by"
    r"|reason (?:for|is|was)|explain(?:s|ed))\b",
    re.IGNORECASE,
)
_SURE = (
    (0, re.compile(r"\b(?:unlikely|ruled out|not (?:the )?cause|did not cause|no cause)\b", re.IGNORECASE)),
    (1, re.compile(r"\b(?:possibl[ey]|may|might|could|perhaps|maybe)\b", re.IGNORECASE)),
    (2, re.compile(r"\b(?:likely|probabl[ey]|suspect(?:ed)?|appears?|seems?|suggests?|points? to)\b", re.IGNORECASE)),
)
_CERTAIN = 3
_SAID_OF = ("it says itself that this is ruled out", "possible", "likely", "certain")
_DENIES = re.compile(
    r"\b(?:no|not|never|none|without|cannot|neither|nor|nothing|nobody)\b|n[\u2019']t\b", re.IGNORECASE
)
_UP = re.compile(
    r"\b(?:r[oi]se[sn]?|rising|increas\w+|gr(?:e|o)w(?:s|n|ing)?|climb\w*|jump\w*|spik\w+|surg\w+|higher|up from"
    r"|went up|more than before|doubl\w+|tripl\w+)\b",
    re.IGNORECASE,
)
_DOWN = re.compile(
    r"\b(?:f[ae]ll(?:s|en|ing)?|drop(?:s|ped|ping)?|decreas\w+|declin\w+|sank|shr[aiu]nk\w*|lower|down from"
    r"|went down|halved)\b",
    re.IGNORECASE,
)
_FALLS_OVER = re.compile(r"\bdropped (?:requests?|connections?|packets?|messages?)\b", re.IGNORECASE)
_OUTCOMES = (
    re.compile(r"\brecover(?:s|ed|ing|y)?\b", re.IGNORECASE),
    re.compile(r"\b(?:resolved|fixed|solved)\b", re.IGNORECASE),
    re.compile(r"\b(?:mitigated|restored|healthy again|back to normal)\b", re.IGNORECASE),
    re.compile(r"\broll(?:ed)?[ -]?back\b", re.IGNORECASE),
    re.compile(r"\b(?:confirmed|verified)\b", re.IGNORECASE),
    re.compile(r"\b(?:breach\w*|compromis\w+|attack\w*|hack\w*|malicious|leak(?:ed|s)?)\b", re.IGNORECASE),
    re.compile(r"\b(?:data (?:loss|corruption)|corrupt\w*|lost data)\b", re.IGNORECASE),
    re.compile(r"\b(?:all|every|each|no) (?:users?|customers?|requests?|services?|regions?)\b", re.IGNORECASE),
)
"""What changes what people do next: said only where the evidence says it."""
_CLAUSE = re.compile(r"[;\n]|[.!?](?=\s|$)|,\s(?:while|but|whereas|and)\s|\s(?:while|whereas|but)\s")
_STOP = frozenset(
    """
    about after again also although among because been before being between both cause caused causes could during
    each from have having here however into itself just less likely more most near only other over possible possibly
    probably same should since some such than that their them then there these they this those through under until
    very were what when where which while will with within would your started start began begun time times says said
    shows shown show current currently incident service services issue problem appears seems due
    """.split()  # noqa: SIM905 -- easier to read than a hundred quotation marks
)
_LEAST_SHARED = 1 / 3
"""Of a sentence's words; less, and it is about something else. People put things in their own words."""


def unsupported(text: str, cited: Sequence[str]) -> str | None:
    """Return what a sentence claims that its evidence does not, in words people read; None where it says as much."""
    everything = "\n".join(cited)
    for outcome in _OUTCOMES:
        if (found := outcome.search(text)) and not outcome.search(everything):
            return f"\u201c{found[0].lower()}\u201d is in no evidence it cites"
    if _turns(text, everything):
        return "its evidence says that it went the other way"
    if words(text) and _shared(words(text), words(everything)) < _LEAST_SHARED:
        return "it is about something that is not in the evidence it cites"
    return _cause_unsupported(text, cited) or _denied(text, cited)


def clauses(text: str) -> list[str]:
    """Return the parts of a text that say one thing each."""
    return [part.strip() for part in _CLAUSE.split(text) if part.strip()]


def words(text: str) -> frozenset[str]:
    """Return the stems of the words that carry meaning."""
    found = (word.lower() for word in re.findall(r"[^\W\d_]{4,}", text))
    return frozenset(_stem(word) for word in found if word not in _STOP)


def _cause_unsupported(text: str, cited: Sequence[str]) -> str | None:
    if not _CAUSE.search(text):
        return None
    sure, asked = _how_sure(text), words(text)
    causal = [piece for piece in cited if _CAUSE.search(piece) and _shared(asked, words(piece)) >= _LEAST_SHARED]
    if not causal:
        return "it names a cause that is in no evidence it cites"
    most = max(_how_sure(piece) for piece in causal)
    if sure > most:
        return (
            "the evidence rules this cause out"
            if most == 0
            else f"the evidence says {_SAID_OF[most]}, it says {_SAID_OF[sure]}"
        )
    if sure == 0 and all(_how_sure(piece) > 0 for piece in causal):
        return "the evidence does not rule this cause out"
    return None


def _denied(text: str, cited: Sequence[str]) -> str | None:
    """Compare with the clause that is most alike: what it denies is not to be said, what it says not to be denied."""
    if _CAUSE.search(text):
        return None
    asked = words(text)
    alike = [(_shared(asked, words(part)), part) for piece in cited for part in clauses(piece)]
    best = max((share for share, _ in alike), default=0.0)
    nearest = [bool(_DENIES.search(part)) for share, part in alike if share == best > 0]
    if nearest and bool(_DENIES.search(text)) not in nearest:
        return "its evidence says the opposite"
    return None


def _turns(text: str, everything: str) -> bool:
    seen = _FALLS_OVER.sub(" ", everything)
    up, down = bool(_UP.search(text)), bool(_DOWN.search(_FALLS_OVER.sub(" ", text)))
    if up == down:
        return False
    same, other = (_UP, _DOWN) if up else (_DOWN, _UP)
    return not same.search(seen) and bool(other.search(seen))


def _how_sure(text: str) -> int:
    return next((level for level, pattern in _SURE if pattern.search(text)), _CERTAIN)


def _shared(asked: frozenset[str], held: frozenset[str]) -> float:
    return len(asked & held) / len(asked) if asked else 1.0


def _stem(word: str) -> str:
    for ending in ("ations", "ation", "ments", "ment", "ings", "ing", "ures", "ure", "ies", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
