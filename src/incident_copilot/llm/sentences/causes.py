"""Says whether evidence names the cause that a sentence names, and is as sure of it."""

import re
from collections.abc import Sequence

from incident_copilot.llm.sentences.places import Place
from incident_copilot.llm.sentences.stems import stems

_CAUSE = re.compile(
    r"\b(?:because|caus(?:e|ed|es|ing)|due to|owing to|thanks to|result(?:s|ed|ing)? (?:of|from|in)"
    r"|le(?:d|ads?|ading) to|trigger(?:s|ed|ing)?|responsible for|as a result|stem(?:s|med|ming)? from"
    r"|brought (?:on|down|about) by|culprit|to blame|broke|suspect(?:ed)?|behind (?:the|this|these)|introduced by"
    r"|reason (?:for|is|was|why|that)|explain(?:s|ed)|consequence|therefore|thus|hence|accordingly|which is why"
    r"|that is why|so that|meant that|mean(?:s|ing) that|in turn|attribut\w+|traced (?:back )?to"
    r"|driven by|fuel+ed by|contribut\w+ to|blam\w+|under the (?:load|weight|pressure)|gave rise to|ended up"
    r"|on account of|knock-on)\b"
    # What follows from it is not the case: no cause is named by that, as in ", so the load is not to blame".
    r"|,\s(?:and )?so\b(?! far| on| that)(?!.*\b(?:not|cannot|no|none|nobody|nothing|never|neither|unlikely|hardly"
    r"|scarcely)\b)",
    re.IGNORECASE,
)
_OBJECT = r"(?:the|its|their|all|both|every|\w+(?:-[\w-]+|'s)|[a-z]+ (?-i:[A-Z])|(?-i:[A-Z][\w-]+))\b"
_DOES_TO = re.compile(
    # Verbs by which one thing does something to another, as in "the purge overwhelmed the origin".
    rf"\b(?:overwhelm(?:s|ed)?\b|overload(?:s|ed|ing) {_OBJECT}|starv\w+|exhaust(?:s|ed|ing) (?:the|its"
    r"|all)|chok\w+|slow(?:s|ed|ing) (?:down )?(?:the|all|its|[\w-]+-[\w-]+)"
    rf"|(?:dr(?:ove|ives|iven|iving)|push(?:es|ed|ing)) (?:up|down|{_OBJECT})|forc(?:es|ed|ing) (?!by)"
    rf"|(?:crash|stall|jam|clog|flood|swamp|crippl|paraly|hamper|hinder|disrupt|interrupt|corrupt|wip|halt|strain"
    rf"|provok|spark|prompt|induc|tripp)\w* {_OBJECT}|(?:broke|breaks?|severed|cost) {_OBJECT}"
    rf"|(?:us|eat|ate|ti|lock|freez|froz|cut|set|hold|held)\w* (?:up|off|down) {_OBJECT}|buckl\w+ under"
    rf"|br(?:ings?|ought) {_OBJECT}[^.;,]*? to a (?:halt|standstill|stop)"
    r"|pull(?:s|ed|ing) down|drag(?:s|ged|ging)|bring(?:s|ing) down|brought down|took down|knock\w* out|kill(?:s"
    r"|ing) (?:the|its|[\w-]+)"
    r"|(?:got|put|landed|threw|tipped) [\w-]+ (?:on|onto|into|over)\b|prevent\w*|ke(?:eps?|pt) (?:the "
    r"|its )?[\w -]{1,40}? from|fill(?:s|ed|ing) (?:up )?(?:the|its|all)|saturat(?:es|ed|ing) (?:the|its|all)"
    r"|block(?:s|ed) (?:the|its|all|[\w-]+-[\w-]+)|le(?:ft|aves|aving) (?:the |its |all "
    r"|only )?[\w -]{1,40}? (?:without|unable|stuck|with no|with only|waiting)"
    r"|delay(?:s|ed|ing) (?:the|its|all)|ma(?:de|kes|king) (?!\d|by\b|at\b|on\b|in\b|up\b|an?\b|no\b|of\b|to\b"
    r"|changes?\b|calls?\b|requests?\b|since\b|sure\b)"
    r"(?:\w[\w-]*\s){1,3}?(?:\w+)"
    r"|which (?:then |in turn |also )?(?:slow|rais|increas|push|dr[oi]v|lower|reduc|delay|fill|block|overload|stall"
    r"|starv|exhaust|crash|hurt|degrad|worsen|affect|stopp|prevent|cut)\w*)",
    re.IGNORECASE,
)
_AS = re.compile(
    r"^As (?!of\b|before\b|an?\b|the same|long|soon|well|for|many|much|in\b|at\b|usual|expected|planned"
    r"|per\b)[^,]{8,},|"
    r"(?<!same)(?<!such)(?<!as)(?<!well)(?<!known)(?<!long)(?<!soon)(?<!far),? as (?:the|its|their|all|more|fewer"
    r"|most) [\w -]+ (?:\w+ed|rose|fell|grew|went|had|has|have|is|are|was|were|could|cannot)\b"
)
_RELATES = re.compile(
    # How a line ties two things together without saying that one is the cause; "since 10:47" and "by Ana Ruiz" do not.
    r"(?:\b(?:after|until|unless|once|so|as|for|due|since|if|when|waits?|needs?|only|kept|held|allows?|lets?|could)\b"
    r"(?! (?:about |at |on )?(?:\d|[A-Z][a-z]{2} \d))"
    r"|\bby\b(?! (?:about )?\d)|\b[\w-]+-(?:killed|driven|bound|limited)\b|\boom[ -]?kill|\w = \w"
    r"|\bnot (?:\w+ )?yet\b)",
    re.IGNORECASE,
)
_BECAUSE = re.compile(r"\bbecause (?!of\b)(?P<reason>.+?)(?:[,;:]\s|\s(?:before|after|when|while)\b|$)", re.IGNORECASE)
_SIDES = re.compile(rf"(?:{_CAUSE.pattern})|(?:{_DOES_TO.pattern})", re.IGNORECASE)
_RULED_OUT = re.compile(r"\bruled out\b", re.IGNORECASE)
_NO_CAUSE = re.compile(
    r"(?:\b(?:not|cannot|never|hardly|scarcely)\b|n[\u2019']t\b)(?:\s[\w-]+){0,3}?\s(?:explain\w*|account for"
    r"|caused by|traced"
    r"|attribut\w+"
    r"|responsible|(?:named|identified|established|confirmed|known) as(?: the (?:likely )?cause)?|due to|led to"
    r"|lead to|to blame|because)\b",
    re.IGNORECASE,
)
"""It denies a cause, which names none."""
_SURE = (
    (0, re.compile(r"\b(?:unlikely|ruled out|not (?:the )?cause|did not cause|no cause)\b", re.IGNORECASE)),
    (
        1,
        re.compile(
            r"\b(?:possibl[ey]|may|might|could|perhaps|maybe|(?:only|merely|still|just) suspected|suspicion)\b",
            re.IGNORECASE,
        ),
    ),
    (2, re.compile(r"\b(?:likely|probabl[ey]|suspect(?:ed)?|appears?|seems?|suggests?|points? to)\b", re.IGNORECASE)),
)
_CERTAIN = 3
_SAID_OF = ("it says itself that this is ruled out", "possible", "likely", "certain")
_LEAST_SHARED = 1 / 3


def is_causal(text: str) -> bool:
    """Whether a text says that one thing is the cause of another."""
    return any(pattern.search(text) for pattern in (_CAUSE, _DOES_TO, _AS))


def unfounded(text: str, seen: Sequence[Place]) -> str | None:
    """Return why no line of the evidence says of what a sentence says that it is the cause; None where one does."""
    text = _NO_CAUSE.sub(" ", text)
    if not is_causal(text) and not _RULED_OUT.search(text):
        return None
    asked = stems(text)
    lines = [line for line in dict.fromkeys(place.line for place in seen) if is_causal(line) or _RULED_OUT.search(line)]
    causal = [line for line in lines if len(asked & stems(line)) >= len(asked) * _LEAST_SHARED]
    if not causal and _is_related(text, seen):
        return None
    if not causal:
        return "it names a cause that is in no evidence it cites"
    sure, most = how_sure(text), max(map(how_sure, causal))
    if sure > most:
        return (
            "the evidence rules this cause out"
            if most == 0
            else f"the evidence says {_SAID_OF[most]}, it says {_SAID_OF[sure]}"
        )
    if sure == 0 and all(how_sure(line) > 0 for line in causal):
        return "the evidence does not rule this cause out"
    return None


def _is_related(text: str, seen: Sequence[Place]) -> bool:
    """Whether one line has words of both sides of a causal word, and ties them together or has what "because" names."""
    sides = _sides(text)
    asked = frozenset().union(*sides)
    because = _BECAUSE.search(text)
    reason = stems(because["reason"]) if because else frozenset()
    for line in dict.fromkeys(place.line for place in seen):
        held = stems(line)
        is_of_both = all(side & held for side in sides) and len(asked & held) >= len(asked) * _LEAST_SHARED
        if is_of_both and (_RELATES.search(line) or len(reason & held) * 2 > len(reason)):
            return True
    return False


def _sides(text: str) -> list[frozenset[str]]:
    """Return the words of what is said to be the cause and of its effect: of "Because A, B", too."""
    match = _SIDES.search(text)
    before, after = (text[: match.start()], text[match.end() :]) if match else ("", text)
    if not stems(before):
        before, _, after = after.partition(",")
    return [stems(before), stems(re.split(r"[,;:]\s", after)[0])]


def how_sure(text: str) -> int:
    """Return how sure a text is of what it says: 0 where it rules it out, 3 where it has no doubt."""
    return next((level for level, pattern in _SURE if pattern.search(text)), _CERTAIN)
