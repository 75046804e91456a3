"""/incident ai: what the monitors say of AI systems now, and the rollback of one through the catalogue of actions."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused, UnknownThing
from incident_copilot.pipeline import act, people, read
from incident_copilot.pipeline.ai import gates, health, offline
from incident_copilot.pipeline.ai.gates import Gate, Stage
from incident_copilot.pipeline.ai.health import Period
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.slack.listeners.asked import Asked, attempted
from incident_copilot.slack.text import in_lines, to_one_person
from incident_copilot.slack.views import doctor as findings_view

USAGE = (
    "`/incident ai status`, `validate`, `performance`, `security`, `monitor`, `offline` or `pipeline`, each with a "
    "system; `ai rollback` in an incident."
)
MOST_LINES, MOST_FINE = 30, 10
LOOK_ON = "The monitors go on looking every few minutes, and alert; there is nothing to keep running."
NO_ROLLBACK = "actions.yaml has no action here whose name has rollback in it; /incident action lists those it has."


async def ai(asked: Asked) -> dict[str, Any]:
    """Do what was typed after `ai`.

    Raises:
        DecisionRefused: nothing is known of the system, or which action is meant is not clear.
    """
    word, *rest = (*asked.wish.words, "status")
    if word.lower() in _OTHERS:
        return await _OTHERS[word.lower()](asked, rest[:-1])
    try:
        stage = Stage(word.lower())
    except ValueError:
        return {"text": USAGE}
    return await _gate(asked, stage, next(iter(rest[:-1]), None))


async def _gate(asked: Asked, stage: Stage, system: str | None) -> dict[str, Any]:
    if stage is Stage.SECURITY:
        person = await people.known(asked.deps, asked.user)
        people.require(person, Role.COMMANDER, "read what concerns the security of AI systems")
    gate = await _seen(asked, stage, system)
    found = gates.findings(gate)
    if not found:
        return {"text": f"{gate.summary}. {USAGE}"}
    shown = findings_view.findings(found)
    return {"text": shown.text, "blocks": shown.blocks}


async def _seen(asked: Asked, stage: Stage, system: str | None) -> Gate:
    """Return a gate as whoever asks may read it."""
    try:
        gate = await gates.look(asked.deps, stage, system)
    except UnknownThing as error:
        raise DecisionRefused(str(error)) from error
    person = await people.known(asked.deps, asked.user)
    return gate if people.has(person, Role.COMMANDER) else gates.for_everybody(gate)


async def _pipeline(asked: Asked, words: list[str]) -> dict[str, Any]:
    """Say of all gates whether a release may pass; an evaluation set is asked at the command line."""
    system = next(iter(words), None)
    found = [await _seen(asked, stage, system) for stage in (Stage.VALIDATE, Stage.PERFORMANCE, Stage.SECURITY)]
    verdict = "All gates pass." if all(gate.passes for gate in found) else "Not all gates pass."
    said = [line for gate in found for line in gates.lines(gate)]
    return {"text": in_lines([verdict, *said], 400, MOST_LINES)}


async def _monitor(asked: Asked, words: list[str]) -> dict[str, Any]:
    """Tell how it stands, and that the monitors go on looking by themselves."""
    gate = await _seen(asked, Stage.STATUS, next(iter(words), None))
    return {"text": in_lines([*gates.lines(gate, MOST_FINE), LOOK_ON], 400, MOST_LINES)}


async def _offline(asked: Asked, words: list[str]) -> dict[str, Any]:
    """Tell how the last run of each evaluation set went; a set is asked at the command line, which has the file."""
    if not words:
        raise DecisionRefused("Name the system, as in /incident ai offline support-bot.")
    said = [line for one in await offline.recent(asked.deps, words[0]) for line in offline.lines(one)]
    none = f"No evaluation set was asked of {words[0]} in 90 days; `incident-copilot ai offline SET` asks one."
    return {"text": in_lines(said or [none], 400, MOST_LINES)}


async def _rollback(asked: Asked, words: list[str]) -> dict[str, Any]:
    """Propose the rollback that actions.yaml has for the incident's system; people decide as ever."""
    incident = await _incident(asked)
    names = [one.name for one in asked.deps.entries.actions if _fits(one.name, one.services, incident)]
    named = [word for word in words if word in names] or names
    if not named:
        return {"text": NO_ROLLBACK}
    if len(named) > 1:
        return {"text": to_one_person(f"Which one? {', '.join(f'ai rollback {name}' for name in named)}")}
    given = dict(word.split("=", 1) for word in words if "=" in word)

    async def request(person: Person) -> Outcome:
        return await act.request(asked.deps, incident.id, person, named[0], given)

    return await attempted(asked, request)


async def _incident(asked: Asked) -> Incident:
    number = asked.wish.number
    found = await (read.by_number(asked.deps, number) if number else read.in_channel(asked.deps, asked.channel))
    if found is None:
        raise DecisionRefused(
            "Say it in the incident's channel, or add its number, as in /incident ai rollback INC-42."
        )
    return found


def _fits(name: str, services: tuple[str, ...], incident: Incident) -> bool:
    return "rollback" in name and (not services or incident.service in services)


async def _report(asked: Asked, words: list[str]) -> dict[str, Any]:
    wanted = next((Period(word.lower()) for word in words if word.lower() in set(Period)), Period.WEEKLY)
    told = await health.report(asked.deps, wanted)
    return {"text": in_lines(health.lines(told), 400, MOST_LINES)}


_OTHERS: Mapping[str, Callable[[Asked, list[str]], Awaitable[dict[str, Any]]]] = {
    "monitor": _monitor,
    "offline": _offline,
    "pipeline": _pipeline,
    "rollback": _rollback,
    "report": _report,
}
