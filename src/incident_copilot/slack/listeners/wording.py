"""Read what people type after /incident: a verb in any place, aliases, an incident's number, a person, the rest."""

import difflib
import re
from dataclasses import dataclass

from incident_copilot.slack.text import people_named

VERBS: dict[str, tuple[str, ...]] = {
    "declare": ("declare", "new", "open", "create", "start"),
    "list": ("list", "ls", "all"),
    "status": ("status", "show", "card"),
    "acknowledge": ("acknowledge", "ack", "take"),
    "summary": ("summary", "summarise", "summarize", "sum"),
    "severity": ("severity", "sev"),
    "assign": ("assign", "lead", "commander"),
    "update": ("update", "draft"),
    "resolve": ("resolve", "close", "end"),
    "reopen": ("reopen",),
    "postmortem": ("postmortem", "review", "retro"),
    "quiet": ("quiet", "mute"),
    "dead": ("dead", "dead-letters"),
    "noise": ("noise",),
    "help": ("help", "?"),
}
_BY_ALIAS = {alias: verb for verb, aliases in VERBS.items() for alias in aliases}
_NUMBER = re.compile(r"(?:inc-|#)([0-9]{1,9})|([0-9]{1,9})", re.IGNORECASE)


@dataclass(frozen=True)
class Wish:
    """What somebody typed: `verb` is None when none was recognised, `meant` the nearest one then."""

    verb: str | None
    words: tuple[str, ...] = ()
    number: int | None = None
    person: str | None = None
    meant: str | None = None


def understand(text: str) -> Wish:
    """Return what a command's text asks for."""
    tokens = text.split()
    at = next((i for i, token in enumerate(tokens) if token.lower() in _BY_ALIAS), None)
    if at is None:
        near = difflib.get_close_matches(tokens[0].lower(), list(_BY_ALIAS), n=1) if tokens else []
        return Wish(verb=None if tokens else "help", meant=_BY_ALIAS[near[0]] if near else None)
    verb = _BY_ALIAS[tokens[at].lower()]
    rest = tokens[:at] + tokens[at + 1 :]
    if verb == "declare":
        return Wish(verb=verb, words=tuple(rest))
    return _with_details(verb, rest)


def _with_details(verb: str, tokens: list[str]) -> Wish:
    number: int | None = None
    person: str | None = None
    words: list[str] = []
    for token in tokens:
        found = _NUMBER.fullmatch(token)
        named = people_named(token)
        if found and number is None:
            number = int(found.group(1) or found.group(2))
        elif len(named) == 1 and named[0][1]:
            person = named[0][0]
        else:
            words.append(token)
    return Wish(verb=verb, words=tuple(words), number=number, person=person)
