"""The action log for people and their tools: filtered, as JSON lines, CSV or Markdown."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from incident_copilot.domain.csv_text import as_csv
from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.errors import ConfigError, UnknownThing
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_log, incidents, texts
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


async def lines(deps: Deps, wanted: Wanted, form: Format) -> list[str]:
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
    table = [HEADINGS, ["---"] * len(HEADINGS), *([_inert(cell) for cell in row] for row in cells)]
    return [f"| {' | '.join(line)} |" for line in table]


def _inert(cell: str) -> str:
    for mark, stands in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "\\|"), ("\n", " "), ("[", "\\[")):
        cell = cell.replace(mark, stands)
    return cell
