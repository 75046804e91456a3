"""Masks secrets, and where text leaves the house personal data too, that people and programs leave in text.

What has no shape, is encoded or is cut in two is not found.
"""

import functools
import re
import string
from collections import Counter
from collections.abc import Callable, Collection, Sequence

from incident_copilot.domain.personal_shapes import ADDRESSES, PEOPLE
from incident_copilot.domain.secret_shapes import SECRETS, Shape

_SHORTEST_KNOWN = 6
_SPANS_LINES = SECRETS[0]
_TOGETHER = 1_000
"""Lines whose different words are looked at first: what is in none of them is looked for in no line."""
PERSONAL = sorted({shape.kind for shape in (*PEOPLE, *ADDRESSES)})
"""The kinds that come back in what people read."""
_FORM = str.maketrans(string.digits + string.ascii_uppercase + string.ascii_lowercase, "0" * 10 + "A" * 26 + "a" * 26)
_ZEROED = str.maketrans(string.digits, "0" * 10)


def redact(text: str, known: Collection[str] = ()) -> str:
    """Return the text with secrets masked: those of a known shape, and exactly those in `known`."""
    text = _without_known(text, known, lambda _: "[masked]")
    views = _views(text)
    for shape in SECRETS:
        # Loops, as a generator would cost more than the searches.
        for view, literal in _prefilters(shape):
            if literal in views[view]:
                text = _hide(text, shape, _masked)
                break
    return text


def _masked(kind: str, _: str) -> str:
    return f"[{kind} masked]"


class Redactor:
    """Puts placeholders, such as [email-1], in the place of secrets and personal data.

    The same value gets the same placeholder for as long as one redactor is used: for one incident. `restore` puts
    personal data back, for people who could read it in the material; secrets never come back.
    """

    def __init__(self, known: Collection[str] = (), *, addresses: bool = True) -> None:
        self._known = tuple(known)
        self._shapes = (*SECRETS, *PEOPLE, *(ADDRESSES if addresses else ()))
        self._placeholders: dict[tuple[str, str], str] = {}
        self._restored: dict[str, str] = {}
        self._numbers: Counter[str] = Counter()
        self.hidden: Counter[str] = Counter()
        """How often something was hidden, by kind."""

    def redact(self, text: str) -> str:
        """Return what may leave."""
        text = _without_known(text, self._known, lambda secret: self._placeholder("secret", secret))
        if _SPANS_LINES.literals[0] in text:
            text = _hide(text, _SPANS_LINES, self._placeholder)
        lines = text.split("\n")
        for start in range(0, len(lines), _TOGETHER):
            lines[start : start + _TOGETHER] = self._redact_lines(lines[start : start + _TOGETHER])
        return "\n".join(lines)

    def restore(self, text: str) -> str:
        """Return the text with the personal data that placeholders stand for."""
        for placeholder, value in self._restored.items():
            text = text.replace(placeholder, value)
        return text

    def _redact_lines(self, lines: list[str]) -> list[str]:
        text = "\n".join(lines)
        present = _present(text, self._shapes)
        # A line break is one in every view, so lines stay beside each other.
        views = [view.split("\n") for view in _views(text)] if present else []
        for shape, prefilters in present:
            found = {
                number for view, literal in prefilters for number, line in enumerate(views[view]) if literal in line
            }
            for number in sorted(found):
                lines[number] = _hide(lines[number], shape, self._placeholder)
        return lines

    def _placeholder(self, kind: str, value: str) -> str:
        self.hidden[kind] += 1
        key = (kind, value)
        if key not in self._placeholders:
            self._numbers[kind] += 1
            self._placeholders[key] = f"[{kind.lower().replace(' ', '-')}-{self._numbers[kind]}]"
            if kind in PERSONAL:
                self._restored[self._placeholders[key]] = value
        return self._placeholders[key]


def _views(text: str) -> tuple[str, str, str]:
    """Return a text as prefilters look at it: as it stands, in small letters, and as a form of digits and letters."""
    return text, text.lower(), text.translate(_FORM)


@functools.cache
def _prefilters(shape: Shape) -> tuple[tuple[int, str], ...]:
    """Return what to look for, each with the view to look in."""
    literals = (shape.literals, shape.words, shape.forms)
    return tuple((view, literal) for view, some in enumerate(literals) for literal in some)


@functools.cache
def _words(literal: str) -> tuple[str, ...]:
    return tuple(literal.translate(_ZEROED).split())


def _present(text: str, shapes: Sequence[Shape]) -> list[tuple[Shape, list[tuple[int, str]]]]:
    """Return the shapes that may be in a text, with those of their prefilters whose every word is in it.

    Logs say the same again and again: with 0 for every digit their different words are a small part of them.
    """
    views = _views("\n".join(set(text.translate(_ZEROED).split())))
    found = []
    for shape in shapes:
        maybe = [
            (view, literal)
            for view, literal in _prefilters(shape)
            if all(word in views[view] for word in _words(literal))
        ]
        if maybe:
            found.append((shape, maybe))
    return found


def _hide(text: str, shape: Shape, mask: Callable[[str, str], str]) -> str:
    group = "it" if "it" in shape.pattern.groupindex else 0

    def hidden(match: re.Match[str]) -> str:
        value = match[group]
        if value.startswith("[") or (shape.is_one and not shape.is_one(value)):
            return match[0]
        start, end = match.start(group) - match.start(), match.end(group) - match.start()
        return f"{match[0][:start]}{mask(shape.kind, value)}{match[0][end:]}"

    return shape.pattern.sub(hidden, text)


def _without_known(text: str, known: Collection[str], mask: Callable[[str], str]) -> str:
    for secret in known:
        if len(secret) >= _SHORTEST_KNOWN and secret in text:
            text = text.replace(secret, mask(secret))
    return text
