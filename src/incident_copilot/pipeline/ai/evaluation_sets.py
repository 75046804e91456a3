"""Evaluation sets: a JSON object a line, read with each problem by line; and made of what failed in an incident."""

import json
from collections.abc import Iterator
from datetime import datetime

from incident_copilot.domain.evaluation import MOST_CASES
from incident_copilot.domain.observation import Interaction
from incident_copilot.domain.sampled import Sampled
from incident_copilot.errors import BadPayload, ConfigError, UnknownThing
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigating.observed import MOST_REQUESTS, is_bad
from incident_copilot.store import alerts, incidents, interactions
from incident_copilot.vendors import bodies, told_interactions

MOST_EXPORTED = 200
_FOR_PEOPLE = ("response", "faults")
"""What an exported case has for those who read it; the system is asked anew."""


def read(text: str, now: datetime) -> list[Sampled]:
    """Return the cases of a set; empty lines and those that begin with # are skipped.

    Raises:
        ConfigError: a line is no case, or two have one id; names the lines.
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip() and line[0] != "#"]
    if not 0 < len(lines) <= MOST_CASES:
        raise ConfigError(f"the set has {len(lines)} cases; it may have 1 to {MOST_CASES}")
    cases: dict[str, Sampled] = {}
    problems: list[str] = []
    for number, line in lines:
        case, wrong = _case(number, line, now)
        problems += wrong
        if case and case.id in cases:
            problems.append(f"line {number}: id {case.id} is there twice")
        elif case:
            cases[case.id] = case
    if problems:
        raise ConfigError("\n".join(problems[:20]))
    return list(cases.values())


async def exported(deps: Deps, number: int) -> list[str]:
    """Return the lines of a set made of the interactions that went wrong during an incident, the worst first.

    Raises:
        UnknownThing: there is no such incident, or none of its systems told of an interaction that went wrong.
    """
    async with deps.db.read() as view:
        incident = await incidents.by_number(view, deps.workspace_id, number)
        if incident is None:
            raise UnknownThing(f"there is no INC-{number}")
        until = incident.ended_at or deps.now()
        members = await alerts.belonging(view, incident.id)
        systems = sorted({one.labels.get("system") or one.service or "" for one in members} - {""})
        found = [
            one
            for system in systems
            for one in await interactions.between(
                view, deps.workspace_id, system, incident.started_at, until, MOST_REQUESTS, worst_first=True
            )
            if is_bad(one)
        ]
    if not found:
        raise UnknownThing(f"no interaction of {', '.join(systems) or 'any system'} went wrong during {incident.label}")
    return [_line(incident.label, one) for one in found[:MOST_EXPORTED]]


def _case(number: int, line: str, now: datetime) -> tuple[Sampled | None, list[str]]:
    try:
        data = bodies.load(f"line {number}", line.encode())
    except BadPayload as error:
        return None, [str(error)]
    told = {name: value for name, value in data.items() if name not in _FOR_PEOPLE}
    found, reading_of_it = told_interactions.read([told], now)
    flagged = [
        flag.replace("interactions[0]", f"line {number}:", 1).replace(":.", ": ", 1) for flag in reading_of_it.flagged
    ]
    return (found[0] if found else None), flagged


def _line(label: str, one: Interaction) -> str:
    case = {
        "id": f"{label}-{one.id}"[:200],
        "request": one.request,
        "labels": {**dict(list(one.labels.items())[:19]), "incident": label},
        "response": one.response,
        "faults": list(_faults(one)),
    }
    return json.dumps(case, ensure_ascii=False)


def _faults(one: Interaction) -> Iterator[str]:
    for signal in one.signals:
        yield signal.name or signal.kind.value
