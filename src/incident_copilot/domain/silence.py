"""Silence: alerts that match open no incident until a time, said here, or at Alertmanager or Grafana."""

import re
from datetime import timedelta
from fnmatch import fnmatchcase

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.grouping import said

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=7)
"""How long people may mute; what lasts longer belongs into catalog.yaml, where it is reviewed."""

_LITERAL = r"(?:[^\\.*+?()\[\]{}|^$]|\\[^A-Za-z0-9])"
_PART = re.compile(rf"{_LITERAL}|\.[*+]?")
_GROUPED = re.compile(r"\^?(?:\((?:\?:)?([^()]*)\)|([^()]*))\$?", re.DOTALL)


class Matcher(Frozen):
    """What one label must say: one of `values`, or where it is `negated` none; `text` is how people read it.

    In a value `*` stands for anything, `?` for one letter, and `[*]` for a star.
    """

    name: str
    values: tuple[str, ...]
    negated: bool = False
    text: str

    def fits(self, value: str) -> bool:
        """Whether a label that says this is as wanted; one that is missing says nothing, which is an empty text."""
        return any(fnmatchcase(value, wanted) for wanted in self.values) is not self.negated


class Silence(Frozen):
    """One silence; `number` is what people say (M-3), `source` is empty for those made here, `by` who made it.

    One that was read elsewhere looks at labels alone, as there, and at alerts of `alert_sources` alone.
    """

    id: str
    number: int = 0
    source: str = ""
    ref: str
    matchers: tuple[Matcher, ...]
    alert_sources: tuple[str, ...] = ()
    until: Utc
    reason: str
    by: str
    link: str | None = None

    @property
    def label(self) -> str:
        """The name people say."""
        return f"M-{self.number}"

    @property
    def text(self) -> str:
        """What it mutes, in one line."""
        return ", ".join(matcher.text for matcher in self.matchers)

    @property
    def where(self) -> str:
        """Where it was made, as the end of a sentence; nothing for here."""
        return f" at {self.source}" if self.source else ""

    @property
    def when(self) -> str:
        """Until when it counts, as people say it."""
        return f"{self.until:%-d %b %H:%M} UTC"

    def covers(self, alert: Alert) -> bool:
        """Whether it mutes an alert."""
        if self.source and alert.source not in self.alert_sources:
            return False
        return all(matcher.fits(self._said(alert, matcher.name)) for matcher in self.matchers)

    def _said(self, alert: Alert, name: str) -> str:
        told = alert.labels.get(name) if self.source and name != "alertname" else said(alert, name)
        return told or ""


def by_pattern(name: str, pattern: str) -> Matcher:
    """Return the matcher for what a person typed as `name=pattern`."""
    return Matcher(name=name, values=(pattern,), text=f"{name}={pattern}")


def exactly(name: str, value: str, *, negated: bool = False) -> Matcher:
    """Return the matcher for one value, letter by letter."""
    text = f'{name}{"!=" if negated else "="}"{value}"'
    return Matcher(name=name, values=(_plain(value),), negated=negated, text=text)


def by_regex(name: str, regex: str, *, negated: bool = False) -> Matcher | None:
    """Return the matcher for a regular expression of the usual kinds; None for any other.

    Alternatives of plain text, `.`, `.*` and `.+` are all that silences have in practice. Others are not run at all:
    with Python's engine one that somebody typed elsewhere could hold up every alert.
    """
    grouped = _GROUPED.fullmatch(regex)
    if grouped is None:
        return None
    alternatives = (grouped.group(1) if grouped.group(1) is not None else grouped.group(2)).split("|")
    values = [_glob(alternative) for alternative in alternatives]
    if None in values:
        return None
    text = f'{name}{"!~" if negated else "=~"}"{regex}"'
    return Matcher(name=name, values=tuple(value for value in values if value is not None), negated=negated, text=text)


def _glob(alternative: str) -> str | None:
    """Return the same as a pattern of `*` and `?`; None where it is no plain text with `.`, `.*` and `.+`."""
    parts = _PART.findall(alternative)
    if "".join(parts) != alternative:
        return None
    wild = {".": "?", ".*": "*", ".+": "?*"}
    return "".join(wild[part] if part in wild else _plain(part.removeprefix("\\")) for part in parts)


def _plain(text: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", text)
