"""Which runbooks may be out of date, and why each is thought to be."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta

from incident_copilot.domain.base import Frozen
from incident_copilot.knowledge.runbook import Library, Runbook

MOST_NAMED = 5
LEAST_JUDGED = 2
"""How many steps people must have judged before their word counts against a runbook."""
_QUERY = re.compile(r"promtool query (?:instant|range)\b[^\n]*?'(?P<query>[^'\n]+)'")
_METRIC = re.compile(r"(?<![\w:])(?P<name>[A-Za-z_:][\w:]*)\s*[{\[]")


class Judged(Frozen):
    """What people made of the steps of one runbook that were put to them; `rejected` are the steps' texts."""

    followed: int = 0
    rejected: tuple[str, ...] = ()


class Known(Frozen):
    """What there is to hold runbooks against; None where it could not be looked at.

    `changed` maps a runbook's id to the day on which its file was changed, `judged` to what people made of it.
    """

    services: frozenset[str] | None = None
    metrics: frozenset[str] | None = None
    changed: Mapping[str, date] = {}
    judged: Mapping[str, Judged] = {}


class Stale(Frozen):
    """A runbook that somebody should look at, with the reasons in words."""

    runbook: Runbook
    reasons: tuple[str, ...]


def stale(library: Library, known: Known, today: date, after: timedelta) -> list[Stale]:
    """Return the runbooks that somebody should look at, those with most reasons first."""
    found = [Stale(runbook=one, reasons=tuple(_reasons(one, known, today, after))) for one in library.runbooks]
    return sorted((one for one in found if one.reasons), key=lambda one: (-len(one.reasons), one.runbook.id))


def metrics_in(commands: Collection[str]) -> list[str]:
    """Return the metrics that the queries of these commands name, each once."""
    queries = (found["query"] for command in commands for found in _QUERY.finditer(command))
    return list(dict.fromkeys(found["name"] for query in queries for found in _METRIC.finditer(query)))


def _reasons(runbook: Runbook, known: Known, today: date, after: timedelta) -> Iterator[str]:
    yield from _age(runbook, known, today, after)
    gone = [name for name in runbook.services if known.services is not None and name not in known.services]
    if gone:
        yield f"is for {_some(gone)}, which catalog.yaml does not have"
    commands = [command for section in runbook.sections for step in section.steps for command in step.commands]
    unknown = [name for name in metrics_in(commands) if known.metrics is not None and name not in known.metrics]
    if unknown:
        yield f"asks for {_some(unknown)}, which nothing measures now"
    judged = known.judged.get(runbook.id, Judged())
    asked = judged.followed + len(judged.rejected)
    if asked >= LEAST_JUDGED and len(judged.rejected) * 2 >= asked:
        steps = _some([f'"{text}"' for text in dict.fromkeys(judged.rejected)])
        yield f"people rejected {len(judged.rejected)} of the {asked} steps that were put to them: {steps}"


def _age(runbook: Runbook, known: Known, today: date, after: timedelta) -> Iterator[str]:
    """By the date in it where it has one: a checkout makes every file look new."""
    newest = runbook.last_reviewed or known.changed.get(runbook.id)
    if newest is not None and today - newest > after:
        what = "reviewed" if runbook.last_reviewed else "changed"
        yield f"was last {what} {(today - newest).days} days ago"


def _some(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
