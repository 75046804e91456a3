"""The action log for people and their tools: filtered, as JSON lines, CSV or Markdown; and a person's words erased."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from incident_copilot.domain.csv_text import as_csv
from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.domain.proposal import Proposal
from incident_copilot.errors import ConfigError, UnknownThing
from incident_copilot.pipeline import ledger, show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_log, incidents, postmortems, proposals, reviews, texts, timeline
from incident_copilot.store import people as names
from incident_copilot.store.db import Tx

Format = Literal["jsonl", "csv", "md"]
HEADINGS = ("at", "incident", "row", "who", "what", "said", "sha256")


class Wanted(NamedTuple):
    """Which rows: of an incident or of all; of kinds by their words, of one who did them, between two times."""

    number: int | None = None
    kinds: tuple[str, ...] = ()
    by: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def told(deps: Deps, wanted: Wanted, form: Format) -> list[str]:
    """Return the lines of the log. Raises UnknownThing: no such incident; ConfigError: no such kind."""
    async with deps.db.read() as db:
        incident = None
        if wanted.number is not None:
            incident = await incidents.by_number(db, deps.workspace_id, wanted.number)
            if incident is None:
                raise UnknownThing(f"there is no INC-{wanted.number}")
        kinds = _kinds(wanted.kinds)
        rows = await action_log.some(
            db, deps.workspace_id, incident.id if incident else None, kinds, wanted.by, wanted.since, wanted.until
        )
        if form == "jsonl":
            return [json.dumps(row.model_dump(mode="json"), ensure_ascii=False) for row in rows]
        known = await names.names(db, deps.workspace_id)
        labels = await incidents.labels(db, {row.incident_id for row in rows if row.incident_id})
        cells = [_cells(row, known, labels, await _words(db, row)) for row in rows]
    return as_csv(HEADINGS, cells).splitlines() if form == "csv" else _markdown(cells)


async def erase(deps: Deps, person: str) -> list[str]:
    """Erase what a person wrote and the name they went by; return what was done, and what still may name them.

    Rows of the log stay, with the person's id and salted hashes, so that the chains still verify.
    """
    async with deps.db.transaction() as tx:
        known = (await names.names(tx, deps.workspace_id, [person])).get(person)
        held = {one.id: one.label for one in await incidents.held(tx, deps.workspace_id)}
        written = await texts.erase(tx, person, held)
        messages = await timeline.erase(tx, person, held)
        await _erase_reasons(tx, deps, person, held)
        is_named = not held and await names.forget(tx, deps.workspace_id, person)
        payload = {"person": person, "texts": written, "messages": messages}
        await ledger.write(tx, deps, None, LogKind.ERASED, "operator", payload)
        left = await postmortems.naming(tx, known) if known else []
        if known:
            await reviews.erase_naming(tx, known)
    said = [f"{person}: {written} texts and {messages} messages erased{', and the name' if is_named else ''}."]
    if held:
        said.append(f"Kept with the name, for a legal hold is on {', '.join(held.values())}.")
    if left:
        labels = ", ".join(f"INC-{number}" for number in left)
        said.append(f"Postmortems that still name them: {labels}. Write those anew with /incident postmortem.")
    return said


async def _erase_reasons(tx: Tx, deps: Deps, person: str, held: Collection[str]) -> None:
    """Why somebody rejected a proposal stands at it too, and at the same one of later incidents: in Slack as well."""
    for row in await action_log.some(tx, deps.workspace_id, None, [LogKind.REASONED], person):
        reasoned = await proposals.lock(tx, str(row.payload["proposal"]))
        if reasoned.incident_id in held:
            continue
        without = reasoned.model_copy(update={"reason": None})
        await proposals.save(tx, without, was=reasoned)
        await show.proposal(tx, deps, await incidents.get(tx, reasoned.incident_id), without)
        for later in await proposals.told_as_rejected(tx, deps.workspace_id, reasoned.id):
            await _tell_no_reason(tx, deps, later)


async def _tell_no_reason(tx: Tx, deps: Deps, later: Proposal) -> None:
    before = later.rejected_before
    if before and before.reason:
        without = later.model_copy(update={"rejected_before": before.model_copy(update={"reason": None})})
        await proposals.save(tx, without, was=later)
        await show.proposal(tx, deps, await incidents.get(tx, later.incident_id), without)


def _kinds(words: Sequence[str]) -> list[str] | None:
    """A kind by its whole name, or by the part after the colon: `approved` is proposal:approved."""
    if not words:
        return None
    every = [kind.value for kind in LogKind]
    found = [kind for kind in every for word in words if word in (kind, kind.partition(":")[2])]
    unknown = [word for word in words if not any(word in (kind, kind.partition(":")[2]) for kind in every)]
    if unknown:
        raise ConfigError(f"there is no kind {unknown[0]}; some are: approved, rejected, carried_out, severity_set")
    return found


async def _words(db: Tx, row: LogEntry) -> str:
    """Return what a row says, with the words that are kept beside it; those that were erased are gone here too."""
    said = []
    for name, value in row.payload.items():
        if isinstance(value, dict) and "text" in value:
            kept = await texts.text_of(db, str(value["text"]))
            said.append(f"{name}: {kept if kept is not None else '(erased)'}")
        elif name not in ("shown_sha256", "evidence"):
            said.append(f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")
    return "; ".join(said)


def _cells(row: LogEntry, known: Mapping[str, str], labels: Mapping[str, str], said: str) -> tuple[str, ...]:
    who = f"{known[row.actor]} ({row.actor})" if row.actor in known else row.actor
    what = row.kind.replace(":", " ").replace("_", " ")
    label = labels.get(row.incident_id or "", "")
    return (f"{row.at:%Y-%m-%d %H:%M:%S}", label, str(row.seq), who, what, said, row.hash[:12])


def _markdown(cells: Sequence[Sequence[str]]) -> list[str]:
    lines = [HEADINGS, ["---"] * len(HEADINGS), *([_inert(cell) for cell in row] for row in cells)]
    return [f"| {' | '.join(line)} |" for line in lines]


def _inert(cell: str) -> str:
    for mark, stands in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "\\|"), ("\n", " "), ("[", "\\[")):
        cell = cell.replace(mark, stands)
    return cell
