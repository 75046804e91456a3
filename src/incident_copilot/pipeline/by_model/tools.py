"""What specialists may look at: read-only tools with typed parameters, run by our code within deadlines and budgets.

They read what the copilot holds, and may have one of its context sources asked about one service near the incident, in
one of a few windows of time. None takes an address, and no word of a model reaches a shell, a URL or SQL: labels and
names are looked up in what exists, words only in the indexes of runbooks and past incidents. Tools that operators allow
besides (`offered`) are the exception: their arguments go to the operators' own server, within the types that it states.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from incident_copilot.analysis.topology import upstream_of
from incident_copilot.analysis.words import figure
from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.knowledge.match import match_runbooks
from incident_copilot.knowledge.similar import similar_incidents
from incident_copilot.llm.log_lines import as_templates
from incident_copilot.llm.unwanted import reads_like_an_order
from incident_copilot.pipeline.by_model.material import Material, Offered, Seen, in_rows, title_of, told_by
from incident_copilot.pipeline.by_model.offered import use
from incident_copilot.pipeline.by_model.parameters import (
    Asked,
    AskSource,
    OfService,
    ReadEvidence,
    ReadMetric,
    SearchLogs,
)
from incident_copilot.pipeline.by_model.phase_tools import PHASE_TOOLS, Show
from incident_copilot.pipeline.by_model.showing import (
    MOST_DIFF,
    MOST_ROWS,
    change,
    clock,
    listed,
    message,
    nothing,
    parted,
    points_of,
    spread,
    unit_of,
)
from incident_copilot.pipeline.by_model.sources import ask_source
from incident_copilot.pipeline.by_model.specialists import Specialist
from incident_copilot.ports import Tool, ToolRequest

MOST_CHARACTERS = 2_000
MOST_POINTS = 12

Run = Callable[[Any, Material, Specialist], Awaitable[Seen]]


async def look(request: ToolRequest, material: Material, specialist: Specialist) -> Seen:
    """Do what a specialist asks for, if the tool is one of its own; the text is cut to the budget."""
    if request.name in specialist.tools:
        tool, run = TOOLS[request.name]
        seen = await run(tool.parameters.model_validate(request.arguments), material, specialist)
    elif request.name in (offered := _offered(material)):
        seen = await use(offered[request.name], request.arguments, material)
    else:
        return Seen(f"There is no tool {request.name[:40]} here.", is_there=False)
    if len(seen.text) <= MOST_CHARACTERS:
        return seen
    return replace(seen, text=f"{seen.text[:MOST_CHARACTERS]}\n(cut)")


def tools_of(specialist: Specialist, material: Material) -> list[Tool]:
    """Return the tools that a specialist has: its own, and those that operators allow; a name of ours stays ours."""
    own = [TOOLS[name][0] for name in specialist.tools]
    offered = [one.tool for one in _offered(material).values()]
    return [*own, *(Tool(one.name, one.description, one.parameters) for one in offered)]


def _offered(material: Material) -> dict[str, Offered]:
    return {name: one for name, one in material.offered.items() if name not in TOOLS}


async def _read_metric(asked: ReadMetric, material: Material, _: Specialist) -> Seen:
    item = material.of_kind(EvidenceKind.METRIC).get(asked.metric)
    if item is None:
        return nothing(f"no metric {asked.metric}", material.of_kind(EvidenceKind.METRIC))
    points, unit = points_of(item), unit_of(item)
    before, since = parted(points, material)
    shown = {"whole": points, "before": before, "since": since}[asked.window]
    lines = [title_of(item), f"before: {spread(before, unit)}", f"since: {spread(since, unit)}"]
    chosen = shown[np.unique(np.linspace(0, len(shown) - 1, MOST_POINTS, dtype=int))] if len(shown) else shown
    lines += [f"{clock(at)} {figure(value)}{unit}" for at, value in chosen.tolist()]
    return Seen("\n".join(lines), (asked.metric,))


async def _search_logs(asked: SearchLogs, material: Material, _: Specialist) -> Seen:
    item = material.of_kind(EvidenceKind.LOG).get(asked.log)
    if item is None:
        return nothing(f"no log {asked.log}", material.of_kind(EvidenceKind.LOG))
    messages = item.data.get("messages") or []
    if asked.message > len(messages):
        return Seen(f"{asked.log} has {len(messages)} messages that changed.", is_there=False)
    if asked.message == 0 and messages:
        rows = [f"{number}. {message(one)}" for number, one in enumerate(messages[:MOST_ROWS], 1)]
        return Seen("\n".join([item.title, *rows]), (asked.log,))
    chosen = messages[asked.message - 1] if messages else None
    alike = [text for _, text in item.data["lines"] if chosen is None or _alike(chosen["message"], text)]
    return Seen("\n".join([message(chosen) if chosen else item.title, as_templates(alike)]), (asked.log,))


async def _list_changes(asked: OfService, material: Material, _: Specialist) -> Seen:
    known = material.of_kind(EvidenceKind.CHANGE)
    changes = {label: item for label, item in known.items() if item.data["service"] == asked.service}
    if not changes:
        return nothing(f"no change of {asked.service}", known)
    return in_rows([((label,), change(label, item)) for label, item in list(changes.items())[:MOST_ROWS]])


async def _read_topology(asked: OfService, material: Material, _: Specialist) -> Seen:
    if asked.service not in material.services:
        return Seen(f"There is no service {asked.service}.", is_there=False)
    below = upstream_of(material.depends_on, asked.service)
    above = [name for name, needs in material.depends_on.items() if asked.service in needs]
    text = (
        f"{asked.service} depends on {listed(f'{name} ({hops} away)' for name, hops in below.items())}."
        f" On it depend {listed(above)}."
    )
    traces = material.of_kind(EvidenceKind.TRACE)
    calls = [
        ((label,), f"{call['from']} calls {call['to']}: {call['failing']} failing")
        for label, item in traces.items()
        for call in item.data.get("calls", ())
        if asked.service in (call["from"], call["to"])
    ]
    return in_rows([((), text), *calls[:MOST_ROWS]])


async def _read_evidence(asked: ReadEvidence, material: Material, specialist: Specialist) -> Seen:
    item = material.of_kind(*specialist.kinds).get(asked.evidence)
    if item is None:
        return nothing(f"no {asked.evidence} that you may read", material.of_kind(*specialist.kinds))
    rows = [f"{key}: {value}" for key, value in item.data.items() if isinstance(value, str | int | float) and value]
    for name in ("parts", "spans", "functions"):
        rows += [_row(one) for one in (item.data.get(name) or [])[:MOST_ROWS]]
    kept = [row for row in rows if not (item.is_written and reads_like_an_order(row))]
    return Seen("\n".join([title_of(item), told_by(item), *kept]), (asked.evidence,))


async def _search_runbooks(asked: Asked, material: Material, _: Specialist) -> Seen:
    if material.runbooks is None:
        return Seen("There are no runbooks.", is_there=False)
    found = match_runbooks(
        material.runbooks, alert_name=asked.words, labels={}, annotations={}, service=material.incident.service
    )
    rows = [f"{one.runbook.title}, {one.section.heading}: {one.section.text[:MOST_DIFF]}" for one in found]
    return Seen("\n".join(rows) or "No runbook fits.", is_there=bool(rows))


async def _past_incidents(asked: Asked, material: Material, _: Specialist) -> Seen:
    known = material.past
    left_out = {one.id for one in known.incidents if not one.for_models} if known else set()
    found = similar_incidents(known, asked.words, leave_out={material.incident.label, *left_out}) if known else []
    rows = [
        f"{one.past.title}. Cause then: {one.past.cause or 'unknown'}. Ended by: {one.past.ended or 'unknown'}"
        for one in found
    ]
    return Seen("\n".join(rows) or "No past incident is like this.", is_there=bool(rows))


def _computed(show: Show) -> Run:
    """Return a tool that asks nobody as one that may."""

    async def run(asked: Any, material: Material, _: Specialist) -> Seen:
        return show(asked, material)

    return run


TOOLS: Mapping[str, tuple[Tool, Run]] = {
    tool.name: (tool, run)
    for tool, run in (
        (Tool("read_metric", "Read a metric before and since the trouble began.", ReadMetric), _read_metric),
        (
            Tool("search_logs", "Read the messages of a log that changed, or the forms of one.", SearchLogs),
            _search_logs,
        ),
        (Tool("list_changes", "List the changes of a service with their diffs.", OfService), _list_changes),
        (Tool("read_topology", "See what a service depends on and who calls it.", OfService), _read_topology),
        (Tool("read_evidence", "Read one piece of evidence of your kinds.", ReadEvidence), _read_evidence),
        (Tool("search_runbooks", "Search the runbooks.", Asked), _search_runbooks),
        (Tool("past_incidents", "Search incidents that are over.", Asked), _past_incidents),
        (Tool("ask_source", "Ask a source of evidence about a service near the incident.", AskSource), ask_source),
    )
} | {name: (tool, _computed(show)) for name, (tool, show) in PHASE_TOOLS.items()}


def _alike(message: str, text: str) -> bool:
    """Whether a line is one of a message: it has most of the message's words."""
    words = message.split()
    return 2 * sum(word in text for word in words) >= len(words)


def _row(one: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in one.items() if value)
