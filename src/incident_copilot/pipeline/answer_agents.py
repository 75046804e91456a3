"""Answer other people's agents, in the name of a person: incidents, evidence, log and runbooks as text, read-only.

Who the person is and whether they may read is looked at with every question. An agent is a language model, so what no
model may see is never told, be it the person's to read or not.
"""

import json
from collections.abc import Sequence
from datetime import timedelta

from incident_copilot.domain.evidence import Evidence
from incident_copilot.domain.incident import Incident, number_of
from incident_copilot.domain.person import Role
from incident_copilot.errors import DecisionRefused, UnknownThing
from incident_copilot.knowledge.match import match_runbooks
from incident_copilot.pipeline import look_up, model_use, people, read
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_log, evidence, incidents

RECENT = timedelta(days=14)
MOST = 50


async def may_read(deps: Deps, asker: str) -> None:
    """Let nobody through who may not read. Raises DecisionRefused saying why."""
    people.require(await people.known(deps, asker), Role.VIEWER, "read incidents")


async def running(deps: Deps) -> list[Incident]:
    """Return what is going on, as people should look at it."""
    return await _tellable(deps, [one for one, _ in await read.in_order(deps)][:MOST])


async def overview(deps: Deps) -> str:
    """Return a line for each running incident and for each that ended in the last two weeks."""
    now = await running(deps)
    async with deps.db.read() as db:
        recent = await incidents.recent(db, deps.workspace_id, deps.now() - RECENT, MOST)
    ended = await _tellable(deps, [one for one in recent if not one.is_running])
    lines = [*map(_line, now), *map(_line, ended)]
    return "\n".join(lines) or "There is no incident, and was none in the last two weeks."


async def incident(deps: Deps, label: str) -> str:
    """Return where an incident stands, with its brief. Raises CopilotError."""
    found = await _by_label(deps, label)
    return "\n".join([_line(found), *await read.summary(deps, found.id)])


async def evidence_of(deps: Deps, label: str) -> str:
    """Return what was found, a JSON object a line, with the query and link of each. Raises CopilotError."""
    found = await _by_label(deps, label)
    async with deps.db.read() as db:
        items = await evidence.of_incident(db, found.id)
    return _lines(items) or "Nothing has been found yet."


async def timeline(deps: Deps, label: str) -> str:
    """Return what was observed, oldest first. Raises CopilotError."""
    entries = await read.timeline_of(deps, (await _by_label(deps, label)).id)
    return "\n".join(f"{one.at:%Y-%m-%d %H:%M:%S} {one.kind}: {one.text}" for one in entries if not one.deleted)


async def log(deps: Deps, label: str) -> str:
    """Return the action log, a JSON object a line. Raises CopilotError."""
    found = await _by_label(deps, label)
    async with deps.db.read() as db:
        entries = await action_log.entries(db, found.id)
    return "\n".join(json.dumps(one.model_dump(mode="json"), ensure_ascii=False) for one in entries)


async def postmortem(deps: Deps, label: str) -> str:
    """Return the postmortem as Markdown. Raises CopilotError."""
    written = await read.postmortem(deps, (await _by_label(deps, label)).id)
    return written.markdown if written else "It is not written yet."


async def similar(deps: Deps, label: str) -> str:
    """Return past incidents like this one. Raises CopilotError."""
    return "\n".join(await look_up.similar(deps, await _by_label(deps, label), for_models=True))


async def runbooks(deps: Deps, words: str) -> str:
    """Return the runbooks that fit an alert's name or a symptom in words, with the section to begin with."""
    found = match_runbooks(deps.library, alert_name=words, labels={}, annotations={"summary": words})
    told = [f"{one.runbook.title} ({one.runbook.id}#{one.section.id}): {'; '.join(one.reasons)}" for one in found]
    steps = [f"{step.number}. {step.text}" for step in found[0].section.steps] if found else []
    return "\n".join([*told, *steps]) or "No runbook fits."


async def _by_label(deps: Deps, label: str) -> Incident:
    number = number_of(label.strip())
    found = None if number is None else await read.by_number(deps, number)
    if found is None:
        raise UnknownThing(f"there is no incident {label[:40]}")
    async with deps.db.read() as db:
        why = await model_use.why_never(db, deps, found)
    if why:
        raise DecisionRefused(f"No agent may read {found.label}: {why}.")
    return found


async def _tellable(deps: Deps, found: Sequence[Incident]) -> list[Incident]:
    async with deps.db.read() as db:
        hidden = await model_use.why_none_sees(db, deps, found)
    return [one for one in found if one.id not in hidden]


def _line(one: Incident) -> str:
    where = f" on {one.service}" if one.service else ""
    since = f"{one.started_at:%Y-%m-%d %H:%M} UTC"
    return f"{one.label} {one.severity} {one.status}: {one.title}{where}, since {since}"


def _lines(items: Sequence[Evidence]) -> str:
    kept = {"id", "source", "kind", "title", "summary", "taken_at", "link", "query"}
    return "\n".join(json.dumps(one.model_dump(mode="json", include=kept), ensure_ascii=False) for one in items)
