"""Decisions of people as data to train and to prefer by: what was shown, what they took, edited and rejected."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice, product
from typing import Literal

from incident_copilot.domain.advice import Came
from incident_copilot.domain.hypothesis import Brief
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.domain.proposal import Proposal, ProposalKind
from incident_copilot.pipeline.cases.anonymous import Anonymous
from incident_copilot.pipeline.cases.exporting import came
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_log, alerts, evidence, incidents, people, proposals, texts

Shape = Literal["messages", "preference"]
SHAPES: tuple[Shape, ...] = ("messages", "preference")
MOST_PAIRS = 10
"""Of one incident and kind: one with many rejected steps shall not outweigh all others."""
ASKED = {
    ProposalKind.UPDATE: "Draft a status update for {audience}.",
    ProposalKind.CHECK: "Propose the next step.",
    ProposalKind.ACTION: "Propose an action.",
}
POOR = (Came.REJECTED, Came.DID_NOT)
_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")


async def exported(deps: Deps, since: datetime, shape: Shape) -> list[str]:
    """Return the decisions in incidents that ended since a time, a JSON object a line, without people and secrets."""
    lines: list[str] = []
    async with deps.db.read() as db:
        found = await incidents.over(db, deps.workspace_id, since, deps.now())
        names = await people.names(db, deps.workspace_id)
        for incident in (one for one in found if not (one.private or one.test)):
            put = await proposals.of_incident(db, incident.id)
            rows = await action_log.entries(db, incident.id)
            brief = await evidence.latest_brief(db, incident.id)
            diffs = {}
            for row in rows:
                if row.kind is LogKind.EDITED:
                    diffs[row.payload["proposal"]] = await texts.text_of(db, row.payload["diff"]["text"])
            hidden = Anonymous(names, [one.labels for one in await alerts.belonging(db, incident.id)])
            decided = [one for one in put if one.decided_by and one.kind in ASKED]
            made = _messages(incident, brief, decided, rows)
            if shape == "preference":
                made = _pairs(incident, brief, decided, rows, diffs)
            lines += [json.dumps(hidden.value(one), ensure_ascii=False) for one in made]
    return lines


def before(edited: str, diff: str) -> str:
    """Return a text as it was before an edit, from what it became and the unified difference."""
    after, found, at = edited.splitlines(), list[str](), 0
    for line in diff.splitlines()[2:]:
        if hunk := _HUNK.match(line):
            begin = int(hunk[1]) - (hunk[2] != "0")
            found += after[at:begin]
            at = begin
        elif line.startswith("-"):
            found.append(line[1:])
        elif line.startswith("+"):
            at += 1
        else:
            found.append(line[1:])
            at += 1
    return "\n".join([*found, *after[at:]])


def _messages(
    incident: Incident, brief: Brief | None, decided: Sequence[Proposal], rows: Sequence[LogEntry]
) -> Iterator[dict[str, object]]:
    """Yield what people took, as a question and its answer."""
    results = [(one, came(one, rows)) for one in decided]
    for one, result in results:
        if result not in POOR:
            asked = [{"role": "user", "content": _prompt(incident, brief, one)}]
            answer = {"role": "assistant", "content": _said(one)}
            yield {"messages": [*asked, answer], "came": result.value, "kind": one.kind.value}


def _pairs(
    incident: Incident,
    brief: Brief | None,
    decided: Sequence[Proposal],
    rows: Sequence[LogEntry],
    diffs: dict[str, str | None],
) -> Iterator[dict[str, object]]:
    """Yield what people preferred: their words over ours where they edited, what they took over what they rejected."""
    for one in decided:
        diff = diffs.get(one.id)
        if diff and one.kind is ProposalKind.UPDATE:
            yield _pair(_prompt(incident, brief, one), _said(one), before(_said(one), diff), "edited", one.kind)
    for kind in ASKED:
        of_kind = [(one, came(one, rows)) for one in decided if one.kind is kind]
        taken, left = [[one for one, how in of_kind if (how in POOR) is is_poor] for is_poor in (False, True)]
        alike = ((good, bad) for good, bad in product(taken, left) if good.audience is bad.audience)
        for good, bad in islice(alike, MOST_PAIRS):
            yield _pair(_prompt(incident, brief, good), _said(good), _said(bad), "rejected", kind)


def _pair(prompt: str, chosen: str, rejected: str, why: str, kind: ProposalKind) -> dict[str, object]:
    return {"prompt": prompt, "chosen": chosen, "rejected": rejected, "why": why, "kind": kind.value}


def _prompt(incident: Incident, brief: Brief | None, one: Proposal) -> str:
    audience = one.audience.readers if one.audience else ""
    facts = [f"{incident.severity_in_words}: {incident.title}"]
    said = (brief.headline, *(line.text for line in brief.lines), brief.cause) if brief else ()
    facts += [line for line in said if line]
    return "\n".join([*facts, "", ASKED[one.kind].format(audience=audience)])


def _said(one: Proposal) -> str:
    return str(one.shown["text"]) if one.kind is ProposalKind.UPDATE else f"{one.title}. {one.body}".strip()
