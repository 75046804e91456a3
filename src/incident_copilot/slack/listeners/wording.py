"""Read what people type after /incident: a verb in any place, aliases, an incident's number, a person, the rest."""

import difflib
import html
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from incident_copilot.slack.text import people_named

VERBS: dict[str, tuple[str, ...]] = {
    "declare": ("declare", "new", "open", "create", "start"),
    "list": ("list", "ls", "all"),
    "status": ("status", "show", "card"),
    "acknowledge": ("acknowledge", "ack", "take"),
    "summary": ("summary", "summarise", "summarize", "sum"),
    "severity": ("severity", "sev"),
    "assign": ("assign", "lead", "commander", "role"),
    "roles": ("roles",),
    "update": ("update", "draft"),
    "resolve": ("resolve", "close", "end"),
    "reopen": ("reopen",),
    "postmortem": ("postmortem", "review", "retro"),
    "publish": ("publish",),
    "tickets": ("tickets", "ticket", "issues"),
    "quiet": ("quiet",),
    "note": ("note", "log"),
    "task": ("task", "todo"),
    "tasks": ("tasks", "todos"),
    "item": ("item", "followup", "follow-up"),
    "items": ("items", "followups", "follow-ups"),
    "timeline": ("timeline",),
    "mute": ("mute",),
    "snooze": ("snooze",),
    "handover": ("handover", "handoff"),
    "invite": ("invite", "add"),
    "page": ("page", "call"),
    "link": ("link", "relate"),
    "mutes": ("mutes", "silences"),
    "unmute": ("unmute",),
    "silence": ("silence",),
    "unsilence": ("unsilence",),
    "pause": ("pause",),
    "resume": ("resume", "unpause"),
    "oncall": ("oncall", "on-call", "who"),
    "escalate": ("escalate",),
    "action": ("action", "actions", "act", "do"),
    "runbook": ("runbook",),
    "runbooks": ("runbooks", "stale"),
    "learn": ("learn",),
    "similar": ("similar",),
    "catchup": ("catchup", "catch-up", "recap"),
    "before": ("before", "changes"),
    "proposals": ("proposals", "proposal", "pending"),
    "approve": ("approve",),
    "reject": ("reject",),
    "merge": ("merge", "join"),
    "split": ("split",),
    "dead": ("dead", "dead-letters"),
    "noise": ("noise",),
    "digest": ("digest", "week", "weekly"),
    "stats": ("stats", "statistics", "measures"),
    "learned": ("learned", "learning"),
    "why": ("why",),
    "subscribe": ("subscribe", "follow"),
    "bridge": ("bridge",),
    "hold": ("hold",),
    "snapshot": ("snapshot", "preserve"),
    "automation": ("automation", "autonomy"),
    "vendor": ("vendor", "vendors"),
    "regulator": ("regulator", "regulators", "authority"),
    "doctor": ("doctor", "checkup"),
    "drill": ("drill", "drills", "gameday"),
    "ai": ("ai",),
    "settings": ("settings", "config", "configure"),
    "help": ("help", "?"),
}
IN_WORDS = frozenset({"note", "task", "item", "invite", "page", "handover", "vendor", "regulator"})
"""Verbs whose words are somebody's own."""
_BY_ALIAS = {alias: verb for verb, aliases in VERBS.items() for alias in aliases}
_DURATION = re.compile(r"([0-9]{1,4})(m|min|h|d)", re.IGNORECASE)
_LABEL = re.compile(r"inc-([0-9]{1,9})", re.IGNORECASE)
_NUMBER = re.compile(r"(?:inc-|m-|#)([0-9]{1,9})|([0-9]{1,9})", re.IGNORECASE)


@dataclass(frozen=True)
class Wish:
    """What somebody typed: `verb` is None when none was recognised, `meant` the nearest one then.

    `number` is the incident it is about; `other` is the one that a merge goes into, the silence or the proposal.
    """

    verb: str | None
    words: tuple[str, ...] = ()
    number: int | None = None
    other: int | None = None
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
    return _READ.get(verb, _with_details)(verb, tokens[:at] + tokens[at + 1 :])


def _as_typed(verb: str, tokens: list[str]) -> Wish:
    return Wish(verb=verb, words=tuple(tokens))


def _unescaped(verb: str, tokens: list[str]) -> Wish:
    """What is compared with labels must be as it was typed: Slack escapes &, < and >."""
    return Wish(verb=verb, words=tuple(map(html.unescape, tokens)))


def _of_alerts(verb: str, tokens: list[str]) -> Wish:
    wish = _with_details(verb, tokens)
    return replace(wish, words=tuple(map(html.unescape, wish.words)))


def _of_another(verb: str, tokens: list[str]) -> Wish:
    return _about_another(_with_details(verb, tokens))


def _in_words(verb: str, tokens: list[str]) -> Wish:
    """Leave people's words as they are: of numbers only a name such as INC-42 counts, and only at the beginning."""
    named = _LABEL.fullmatch(tokens[0]) if tokens else None
    words = tuple(map(html.unescape, tokens[1:] if named else tokens))
    people = [people_named(token) for token in tokens]
    person = next((named[0][0] for named in people if len(named) == 1 and named[0][1]), None)
    return Wish(verb=verb, words=words, number=int(named.group(1)) if named else None, person=person)


def duration(text: str) -> timedelta | None:
    """Return what `90m`, `1h` or `2d` says; None where it is no duration."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    return (
        int(found.group(1))
        * {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}[found.group(2)[0].lower()]
    )


def _about_a_proposal(verb: str, tokens: list[str]) -> Wish:
    """Of what follows, INC-42 is the incident, the first number after that the proposal, all else says why."""
    named = next((token for token in tokens if _LABEL.fullmatch(token)), None)
    rest = [token for token in tokens if token is not named]
    first = _NUMBER.fullmatch(rest[0]) if rest else None
    return Wish(
        verb=verb,
        words=tuple(map(html.unescape, rest[1:] if first else rest)),
        number=int(named.partition("-")[2]) if named else None,
        other=int(first.group(1) or first.group(2)) if first else None,
    )


def _about_another(wish: Wish) -> Wish:
    """Of two numbers the second is the one to merge into, or to end; of one, that is it, in the channel's incident."""
    numbers = [int(found.group(1) or found.group(2)) for found in map(_NUMBER.fullmatch, wish.words) if found]
    if numbers:
        return replace(wish, other=numbers[0])
    return replace(wish, number=None, other=wish.number)


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


_READ: dict[str, Callable[[str, list[str]], Wish]] = {
    "declare": _as_typed,
    "mute": _unescaped,
    "learned": _unescaped,
    "stats": _unescaped,
    "silence": _of_alerts,
    "approve": _about_a_proposal,
    "reject": _about_a_proposal,
    "merge": _of_another,
    "unsilence": _of_another,
    "link": _of_another,
    **dict.fromkeys(IN_WORDS, _in_words),
}
"""How what follows a verb is read; else as details of an incident: number, person, words."""
