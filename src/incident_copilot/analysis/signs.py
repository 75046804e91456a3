"""Finds the signs of signatures: in messages and events, in readings, and in what a load is made of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from incident_copilot.analysis.findings import Findings, Part, Statement
from incident_copilot.analysis.readings import Reading
from incident_copilot.analysis.signatures import Sign
from incident_copilot.analysis.statements import lasting, message, shortened
from incident_copilot.analysis.words import duration, figure, tokens

LONG_AGO_S = 1800.0
"""An event so long before the onset is history."""
_MOST_SAID = 4
_LARGE = 0.25  # of a load, from which a part of it tells what the load is
_ABOUT = 0.1
_STATEMENT = 100


@dataclass(frozen=True)
class Seen:
    """One sign as it was seen, and where; `is_over` says that it is history, `part` which part of a load it is."""

    statement: Statement
    service: str
    is_over: bool = False
    part: Part | None = None


def seen(sign: Sign, findings: Findings) -> list[Seen]:
    """Return where a sign is seen, most telling first; an empty list where it is not."""
    if sign.says:
        return [*_said(sign.says, findings)][:_MOST_SAID]
    if sign.metric:
        return [*_measured(sign, findings)]
    return [*_loaded(sign.load, findings)]


def largest(parts: tuple[Part, ...], by: str) -> list[Part]:
    """Return the parts of one sort that are a large share of the load, largest first."""
    same = sorted((part for part in parts if part.by == by), key=lambda part: -part.value)
    total = sum(part.value for part in same)
    return [part for part in same if part.value >= _LARGE * total]


def quoted(part: Part) -> str:
    """Return a part's name as people quote it."""
    name = " ".join(part.name.split())
    return name if len(name) <= _STATEMENT else f"{name[:_STATEMENT].rsplit(' ', 1)[0]} …"


def clock(at: float) -> str:
    """Return the time of day."""
    return f"{datetime.fromtimestamp(at, UTC):%H:%M} UTC"


def _said(pattern: str, findings: Findings) -> Iterator[Seen]:
    says = _compiled(pattern)
    for key, template in lasting(findings):
        if says.search(template.headline):
            yield Seen(message(key, findings), template.service or findings.service)
    for key, event in findings.events.items():
        if not says.search(event.text):
            continue
        before = findings.onset_at - event.at
        is_over = before > LONG_AGO_S
        told = f'"{shortened(event.text)}" at {clock(event.at)}'
        told += f", {duration(before)} before the onset" if is_over else ""
        yield Seen(Statement(told, (key,)), event.service or findings.service, is_over)


def _measured(sign: Sign, findings: Findings) -> Iterator[Seen]:
    wanted = set(tokens(sign.metric))
    for key, reading in findings.readings.items():
        if wanted <= set(tokens(reading.name)) and _moves(sign, reading) and not reading.is_usual:
            yield Seen(Statement(reading.text, (key,)), reading.service or findings.service)


def _moves(sign: Sign, reading: Reading) -> bool:
    return reading.full if sign.moves == "full" else reading.moved == sign.moves


def _loaded(pattern: str, findings: Findings) -> Iterator[Seen]:
    matches = _compiled(pattern)
    for key, parts in findings.parts.items():
        for part in (*largest(parts, "wait"), *largest(parts, "statement"), *largest(parts, "user")):
            if matches.search(part.name) or matches.search(waits_for(part)):
                reading = findings.readings.get(key)
                service = (reading.service if reading else "") or findings.service
                yield Seen(share_of(key, part, findings), service, part=part)


def waits_for(part: Part) -> str:
    """Return what a statement mostly waits for; an empty text where that is not known."""
    return max(part.waits, key=lambda name: part.waits[name], default="")


def share_of(key: str, part: Part, findings: Findings) -> Statement:
    """Return how much of a load a part is; of a statement also which user takes about as much."""
    parts = findings.parts[key]
    total = figure(round(sum(one.value for one in parts if one.by == part.by), 2))
    of = findings.readings[key].name if key in findings.readings else "the load"
    users = [one for one in parts if one.by == "user" and abs(one.value - part.value) <= _ABOUT * part.value]
    like = f", about what {users[0].name} takes in all" if part.by == "statement" and users else ""
    return Statement(f'"{quoted(part)}" is {figure(part.value)} of {total} of {of}{like}', (key,))


@lru_cache(maxsize=1000)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
