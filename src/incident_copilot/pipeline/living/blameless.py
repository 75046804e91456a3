"""Sentences that blame somebody, and how to say it otherwise: flagged, never rewritten.

What is looked for follows the advice of public guides: ask what made it possible, not who did it; no counterfactuals
(https://sre.google/sre-book/postmortem-culture/, https://response.pagerduty.com/after/post_mortem_process/).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from incident_copilot.domain.postmortem import Postmortem

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
_WHO = (
    r"(?:he|she|they|somebody|someone|engineers?|developers?|operators?|admins?|team|on-call|responder|commander|lead)"
)
RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), advice)
    for pattern, advice in (
        (r"\b(?:'s|whose|our|their|his|her) fault\b|\bat fault\b|\bto blame\b|\bblam(?:e|es|ed|ing)\b|\bculprit\b",
         "Say what made it possible, not who did it."),
        (r"\b(?:careless|negligent|sloppy|stupid|incompetent|lazy|idiot\w*|reckless|clueless|ignorant)\w*\b",
         "Describe what was known and seen at the time, not the person."),
        (r"\bhuman error\b|\boperator error\b|\buser error\b",
         "Say what in the system or the process let it happen and did not catch it."),
        (r"\bshould(?:n't| not)? have\b|\bshould've\b|\bcould have\b|\bcould've\b|\bought to have\b|\bif only\b",
         "Say what happened; put what would help into the action items."),
        (rf"\b{_WHO} (?:failed|forgot|neglected|ignored|refused|did not bother|didn't bother)\b",
         "Say what was not there to remind of it or to stop it."),
        (r"\b(?:messed|screwed|fucked) up\b|\bbroke production\b|\bmade a (?:stupid |silly |big )?mistake\b",
         "Say which change or step led to it, and what let it through."),
    )
)  # fmt: skip
NAMED = "Call people by the part they played, as in {part}."


class Flag(NamedTuple):
    """A sentence that blames, the words in it that do, and what to say instead."""

    sentence: str
    words: str
    suggestion: str


def flags(text: str, parts: Mapping[str, str] = {}) -> list[Flag]:
    """Return the sentences of a text that blame; `parts` maps names of people to the part they played."""
    return [flag for sentence in _SENTENCE.findall(text) for flag in _flagged(sentence.strip(), parts)]


def of_document(written: Postmortem) -> list[Flag]:
    """Return what blames in the sections that people edited; what was computed quotes people word for word."""
    edited = (section for section in written.sections if section.edited_by)
    said = (f"{line.text}\n{line.detail}" for section in edited for line in section.all_lines)
    return [flag for text in said for flag in flags(text)]


def told(found: Iterable[Flag], most: int = 5) -> list[str]:
    """Return flags as lines for people."""
    listed = list(found)
    more = [f"and {len(listed) - most} more"] if len(listed) > most else []
    return [f'"{flag.sentence}" ({flag.words}): {flag.suggestion}' for flag in listed[:most]] + more


def _flagged(sentence: str, parts: Mapping[str, str]) -> Iterator[Flag]:
    for pattern, advice in RULES:
        found = pattern.search(sentence)
        if found:
            name = next((one for one in parts if re.search(rf"\b{re.escape(one)}\b", sentence)), None)
            role = f" {NAMED.format(part=parts[name])}" if name else ""
            yield Flag(sentence, found[0].strip(), f"{advice}{role}")
            return
