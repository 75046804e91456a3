"""Guess how severe an alert is from its words and its query, by rules that people can read.

For alerts whose source names no severity. Each rule is a clue with its reason and counts towards severe (above zero) or
not; no rule is learnt from anybody's data. An alert that gives no clue is not guessed at.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from incident_copilot.analysis.words import tokens

SEVERE = 2
"""From this sum of clues on an alert is critical: one plain sign such as "is down", or two weaker ones."""


class Said(NamedTuple):
    """What an alert says of itself: its name, its texts, and the query behind it."""

    name: str
    text: str = ""
    expression: str = ""


class Clue(NamedTuple):
    """One sign: what it counts, what it means, and the words it was found by."""

    counts: int
    meaning: str
    words: str = ""

    @property
    def reason(self) -> str:
        """The sign as people read it."""
        return f'{self.meaning} ("{self.words}")' if self.words else self.meaning


class Guess(NamedTuple):
    """The severity word that the clues add up to, and the reasons, the weightiest first."""

    word: str
    reasons: tuple[str, ...]


class _Rule(NamedTuple):
    counts: int
    meaning: str
    pattern: re.Pattern[str]


def _rule(counts: int, meaning: str, *words: str) -> _Rule:
    return _Rule(counts, meaning, re.compile(rf"\b(?:{'|'.join(words)})\b"))


# Read against lower-case words with single spaces between them: names are split, marks and plurals are gone.
_RULES = (
    _rule(3, "it is called critical", "critical(?:ly)?", "fatal", "emergency", "disaster", "severe"),
    _rule(-3, "it is called a warning", "warning", "warn", "minor"),
    _rule(2, "something is down", "down", "dead", "died", "outage", "crashed"),
    _rule(2, "something cannot be reached", "(?:un|not )reachable", "offline", "unavailable", "not available"),
    _rule(2, "something is gone", "disappeared", "absent", "vanished", "gone"),
    _rule(
        2,
        "nothing is left of it",
        "(?:has|have|is|are|with) (?:no|0) (?:\\w+ )?(?:node|endpoint|replica|member|target|backend)",
        "(?:no|0) (?:\\w+ )?(?:leader|quorum|master|primary|healthy|active|ready|running|available|live)",
        "without (?:leader|quorum|master|primary)",
    ),
    _rule(3, "data may be lost", "data loss", "lost data", "corrupt\\w*", "split brain", "lost write"),
    _rule(2, "a quorum is at stake", "quorum", "insufficient member", "under min isr"),
    _rule(2, "it has run out", "out of (?:disk|space|memory|inode)", "exhausted", "(?:is|are|disk) full", "read only"),
    _rule(2, "a budget burns", "burn\\w*"),
    _rule(1, "all of them", "all", "entire", "whole", "every", "completely", "none of"),
    _rule(1, "it cannot do its work", "cannot", "unable to", "not able to", "can t", "inconsistent", "panic\\w*"),
    _rule(1, "it was left without a sign of life", "no (?:data|heartbeat|metric|sample)", "not reporting", "stopped"),
    _rule(1, "members are missing", "missing", "unhealthy", "lost", "failed disk", "failure predicted"),
    _rule(
        -2, "it is about to happen", "near full", "filling up", "will", "soon", "predict\\w*", "approaching", "within"
    ),
    _rule(-1, "it may be nothing", "may", "might", "could", "potential\\w*", "possibl[ey]", "unusual", "suspicious"),
    _rule(
        -1, "it goes on, worse", "degraded", "slow\\w*", "throttl\\w*", "flapping", "skew\\w*", "drift\\w*", "lag\\w*"
    ),
    _rule(-1, "it takes long", "taking", "long", "longer", "pending", "stuck", "waiting", "delay\\w*", "late", "stale"),
    _rule(-1, "it is not as it should be", "mismatch", "expected", "different", "deprecated", "misconfigured", "low"),
    _rule(-1, "it comes and goes", "restart\\w*", "retr(?:y|ying)", "often", "frequent\\w*", "evict\\w*"),
    _rule(-1, "one part of it", "one or more", "some", "container", "pod", "job"),
)
_INFORMS = re.compile(
    r"\b(?:info|informational|inhibit\w*|watchdog|always firing|notice|update available|new version|reboot required)\b"
)
_EXPIRES = re.compile(r"\b(?:expire\w*|expiration|expiry)\b")
_TIME_LEFT = re.compile(r"\b(\d+(?:\.\d+)?) (hour|day|week|month)\b")
_DAYS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.0}
_SHARE_LEFT = re.compile(r"(?:less than|only|under|below|<) ?(\d+(?:\.\d+)?) ?%")
_SHARE_USED = re.compile(r"(?:more than|over|above|exceed\w*|reached|at|>) ?(9\d(?:\.\d+)?|100) ?%")
# "> (14.4 * (1 - 0.999))", "> 6 * 0.001": how many times faster than it may, the budget burns.
_BURN = re.compile(r">=? *\(? *(\d+(?:\.\d+)?) *\* *\(?(?: *1 *- *)?0?\.\d+")
_IS_DOWN = re.compile(r"\b(?:up|probe_success|\w+_up)\b(?:\{[^}]*\})? *[)\s]*(?:== *0|< *1)\b")
_ABSENT = re.compile(r"\babsent(?:_over_time)?\(")


def guess(said: Said) -> Guess | None:
    """Return critical, warning or info with reasons, or None where nothing in the alert gives a clue."""
    found = sorted(clues(said), key=lambda clue: -abs(clue.counts))
    total = sum(clue.counts for clue in found)
    informs = _INFORMS.search(_words(said))
    if informs and total < SEVERE:
        return Guess("info", (f'it only informs ("{informs[0]}")',))
    if not found:
        return None
    word = "critical" if total >= SEVERE else "warning"
    speaking = [clue.reason for clue in found if (clue.counts > 0) == (word == "critical")]
    return Guess(word, tuple(speaking or [clue.reason for clue in found]))


def clues(said: Said) -> Iterator[Clue]:
    """Yield each sign that the alert gives, in the order of the rules."""
    words = _words(said)
    for rule in _RULES:
        if found := rule.pattern.search(words):
            yield Clue(rule.counts, rule.meaning, found[0])
    yield from _time_left(words)
    yield from _shares(said.text)
    yield from _query(said.expression)


def _words(said: Said) -> str:
    return " ".join(tokens(f"{said.name}. {said.text}"))


def _time_left(words: str) -> Iterator[Clue]:
    left = _TIME_LEFT.search(words) if _EXPIRES.search(words) else None
    if left:
        days = float(left[1]) * _DAYS[left[2]]
        yield Clue(2 if days <= 7 else -2, "it expires soon" if days <= 7 else "it expires some day", left[0])
    elif "expired" in words.split():
        yield Clue(2, "it has expired")


def _shares(text: str) -> Iterator[Clue]:
    left, used = _SHARE_LEFT.search(text.lower()), _SHARE_USED.search(text.lower())
    if left and float(left[1]) <= 10:
        yield Clue(2 if float(left[1]) <= 5 else 1, "little of it is left", left[0])
    if used:
        yield Clue(1, "most of it is used", used[0])


def _query(expression: str) -> Iterator[Clue]:
    burn = _BURN.search(expression)
    if burn:
        # Google's SRE workbook pages from 6 times the budget's pace on, and opens tickets below.
        is_fast = float(burn[1]) >= 6
        yield Clue(
            2 if is_fast else -2, f"its error budget burns {'fast' if is_fast else 'slowly'}", f"{burn[1]} times"
        )
    if _IS_DOWN.search(expression):
        yield Clue(1, "the query asks whether it is up")
    if _ABSENT.search(expression):
        yield Clue(2, "the query asks whether it is there at all")
