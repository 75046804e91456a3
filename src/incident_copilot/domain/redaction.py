"""Masks secrets, and where text leaves the house personal data too, that people and programs leave in text.

What has no shape, is encoded or is cut in two is not found.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection

from incident_copilot.domain.prefilters import Found, Prefilters, small, views
from incident_copilot.domain.shapes.addresses import ADDRESSES
from incident_copilot.domain.shapes.assigned import ASSIGNED
from incident_copilot.domain.shapes.commands import COMMANDS
from incident_copilot.domain.shapes.names import NAMES
from incident_copilot.domain.shapes.numbers import NUMBERS
from incident_copilot.domain.shapes.shape import Shape
from incident_copilot.domain.shapes.tokens import TOKENS

_SHORTEST_KNOWN = 6
_TOGETHER = 1_000
"""Lines whose different words are looked at first: what is in none of them is looked for in no line."""
_SECRETS = (*TOKENS, *COMMANDS, *ASSIGNED)
_SPANNING = tuple(shape for shape in _SECRETS if shape.spans_lines)
_PERSONAL = (*NAMES, *NUMBERS)
PERSONAL = sorted({shape.kind for shape in (*_PERSONAL, *ADDRESSES)})
"""The kinds that come back in what people read."""
_IN_ANY_TEXT = Prefilters(_SECRETS)
_ON_LINES = {
    addresses: Prefilters(
        (
            *(shape for shape in _SECRETS if not shape.spans_lines),
            *_PERSONAL,
            *(ADDRESSES if addresses else ()),
        )
    )
    for addresses in (True, False)
}


def redact(text: str, known: Collection[str] = ()) -> str:
    """Return the text with secrets masked: those of a known shape, and exactly those in `known`."""
    text = _without_known(text, known, lambda _: "[masked]")
    for shape, prefilters in _IN_ANY_TEXT.present(text):
        text = _hide(text, shape, prefilters, _masked)
    return text


def _masked(kind: str, _: str) -> str:
    return f"[{kind} masked]"


class Redactor:
    """Puts placeholders, such as [email-1], in the place of secrets and personal data.

    The same value gets the same placeholder for as long as one redactor is used: for one incident. `restore` puts
    personal data back, for people who could read it in the material; secrets never come back. `people` are names to
    hide wherever they stand, as they are written.
    """

    def __init__(self, known: Collection[str] = (), *, addresses: bool = True, people: Collection[str] = ()) -> None:
        self._known = tuple(known)
        # A longer name may hold a shorter one.
        names = "|".join(map(re.escape, sorted(people, key=lambda name: (-len(name), name))))
        self._people = re.compile(rf"(?:{names})(?!\w)") if names else None
        self._prefilters = _ON_LINES[addresses]
        self._placeholders: dict[tuple[str, str], str] = {}
        self._restored: dict[str, str] = {}
        self._numbers: Counter[str] = Counter()
        self.hidden: Counter[str] = Counter()
        """How often something was hidden, by kind."""

    def redact(self, text: str) -> str:
        """Return what may leave."""
        text = _without_known(text, self._known, lambda secret: self._placeholder("secret", secret))
        for shape in _SPANNING:
            if any(literal in text for literal in shape.literals):
                text = _hide(text, shape, (), self._placeholder)
        lines = text.split("\n")
        for start in range(0, len(lines), _TOGETHER):
            lines[start : start + _TOGETHER] = self._redact_lines(lines[start : start + _TOGETHER])
        return self._without_people("\n".join(lines))

    def restore(self, text: str) -> str:
        """Return the text with the personal data that placeholders stand for."""
        for placeholder, value in self._restored.items():
            text = text.replace(placeholder, value)
        return text

    def _redact_lines(self, lines: list[str]) -> list[str]:
        text = "\n".join(lines)
        present = self._prefilters.present(text)
        # A line break is one in every view, so lines stay beside each other.
        whole = views(text) if present else ()
        seen = [view.split("\n") for view in whole]
        for shape, maybe in present:
            prefilters = [(view, literal) for view, literal in maybe if literal in whole[view]]
            found = {
                number for view, literal in prefilters for number, line in enumerate(seen[view]) if literal in line
            }
            for number in sorted(found):
                lines[number] = _hide(lines[number], shape, prefilters, self._placeholder)
        return lines

    def _without_people(self, text: str) -> str:
        """Hide names last: what is around one, as in a secret or an address, tells what it is a part of."""
        return self._people.sub(self._named, text) if self._people else text

    def _named(self, found: re.Match[str]) -> str:
        # To look behind a name before it is found costs a look at each letter.
        before = found.string[max(found.start() - 1, 0) : found.start()]
        return found[0] if re.match(r"\w", before) else self._placeholder("user", found[0])

    def _placeholder(self, kind: str, value: str) -> str:
        self.hidden[kind] += 1
        key = (kind, value)
        if key not in self._placeholders:
            self._numbers[kind] += 1
            self._placeholders[key] = f"[{kind.lower().replace(' ', '-')}-{self._numbers[kind]}]"
            if kind in PERSONAL:
                self._restored[self._placeholders[key]] = value
        return self._placeholders[key]


def _hide(text: str, shape: Shape, prefilters: Found, mask: Callable[[str, str], str]) -> str:
    group = "it" if "it" in shape.pattern.groupindex else 0
    parts: list[str] = []
    kept = 0
    at = 0
    starts = _starts(text, prefilters) if shape.begins else None
    while match := _next(text, shape.pattern, starts, at):
        start, end = match.span(group)
        value = text[start:end]
        at = max(match.end(), at + 1) if starts is None else match.start() + 1
        if not value.startswith("[") and (not shape.is_one or shape.is_one(value)):
            parts += text[kept:start], mask(shape.kind, value)
            kept = end
            at = max(at, end)
    return "".join((*parts, text[kept:])) if parts else text


def _next(text: str, pattern: re.Pattern[str], starts: list[int] | None, at: int) -> re.Match[str] | None:
    """Return the next match from a place on: where one of `starts` is, the last of which is the first in the text."""
    if starts is None:
        return pattern.search(text, at)
    while starts:
        start = starts.pop()
        if start >= at and (match := pattern.match(text, start)):
            return match
    return None


def _starts(text: str, prefilters: Found) -> list[int]:
    """Return where prefilters stand, the last in the text first."""
    starts = set()
    seen = text, small(text)
    for view, literal in prefilters:
        at = seen[view].find(literal)
        while at >= 0:
            starts.add(at)
            at = seen[view].find(literal, at + 1)
    return sorted(starts, reverse=True)


def _without_known(text: str, known: Collection[str], mask: Callable[[str], str]) -> str:
    for secret in known:
        if len(secret) >= _SHORTEST_KNOWN and secret in text:
            text = text.replace(secret, mask(secret))
    return text
