"""Masks secrets, and where text leaves the house personal data too, that people and programs leave in text.

What has no shape, is encoded or is cut in two is not found.
"""

import re
import string
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence

from incident_copilot.domain.personal_shapes import ADDRESSES, PEOPLE
from incident_copilot.domain.secret_shapes import SECRETS, Shape

_SHORTEST_KNOWN = 6
_SPANS_LINES = SECRETS[0]
_TOGETHER = 32
"""Lines that are looked at together first: what is in none of them is looked for in none."""
_FORM = str.maketrans(string.digits + string.ascii_uppercase + string.ascii_lowercase, "0" * 10 + "A" * 26 + "a" * 26)


def redact(text: str, known: Collection[str] = ()) -> str:
    """Return the text with secrets masked: those of a known shape, and exactly those in `known`."""
    text = _without_known(text, known, lambda _: "[masked]")
    for shape in _Seen(text).has(SECRETS):
        text = _hide(text, shape, lambda kind, _: f"[{kind} masked]")
    return text


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
            some = _Seen("\n".join(lines[start : start + _TOGETHER]))
            if shapes := some.has(self._shapes):
                lines[start : start + _TOGETHER] = [self._redact_line(line, shapes) for line in some.by_line()]
        return "\n".join(lines)

    def restore(self, text: str) -> str:
        """Return the text with the personal data that placeholders stand for."""
        for placeholder, value in self._restored.items():
            text = text.replace(placeholder, value)
        return text

    def _redact_line(self, line: "_Seen", shapes: Sequence[Shape]) -> str:
        text = line.text
        for shape in line.has(shapes):
            text = _hide(text, shape, self._placeholder)
        return text

    def _placeholder(self, kind: str, value: str) -> str:
        self.hidden[kind] += 1
        key = (kind, value)
        if key not in self._placeholders:
            self._numbers[kind] += 1
            self._placeholders[key] = f"[{kind.lower().replace(' ', '-')}-{self._numbers[kind]}]"
            if kind in _PERSONAL:
                self._restored[self._placeholders[key]] = value
        return self._placeholders[key]


_PERSONAL = frozenset(shape.kind for shape in (*PEOPLE, *ADDRESSES))


class _Seen:
    """A text in the three views that prefilters look at."""

    __slots__ = ("form", "lowered", "text")

    def __init__(self, text: str, lowered: str | None = None, form: str | None = None) -> None:
        self.text = text
        self.lowered = text.lower() if lowered is None else lowered
        self.form = text.translate(_FORM) if form is None else form

    def by_line(self) -> Iterator["_Seen"]:
        """Return the same of each line; a line break is one in every view."""
        views = (self.text.split("\n"), self.lowered.split("\n"), self.form.split("\n"))
        return (_Seen(*line) for line in zip(*views, strict=True))

    def has(self, shapes: Sequence[Shape]) -> list[Shape]:
        """Return the shapes that may be in the text."""
        found = []
        for shape in shapes:
            for where, literals in ((self.text, shape.literals), (self.lowered, shape.words), (self.form, shape.forms)):
                # A loop, as a generator would cost more than the search.
                for literal in literals:
                    if literal in where:
                        found.append(shape)
                        break
                else:
                    continue
                break
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
