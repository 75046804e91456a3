"""Bring in what was written elsewhere: old postmortems, from a folder or a git repository, as often as one likes."""

import asyncio
import re
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.past_incident import PastIncident
from incident_copilot.domain.postmortem import Postmortem
from incident_copilot.knowledge.checkout import checked_out, is_address
from incident_copilot.knowledge.reports import Reports, read_reports
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import past_incidents
from incident_copilot.store.db import Tx

LONGEST_TEXT = 20_000
LONGEST_EXCERPT = 400
OUR_OWN = "us"
"""The source of incidents that the copilot has seen itself."""


async def postmortems(deps: Deps, place: str, source: str | None = None) -> list[str]:
    """Take in the reports of a folder or a repository; return what became of them, for people.

    Raises:
        ConfigError: they cannot be read; names the fix.
        StoreUnavailable: nothing was kept.
    """
    name = source or _name_of(place)
    reports = await asyncio.to_thread(_read, place, name)
    async with deps.db.transaction() as tx:
        saved = await past_incidents.save(tx, deps.workspace_id, reports.incidents, deps.now())
    counted = f"{saved.new} new, {saved.changed} changed, {saved.unchanged} as before"
    return [f"{len(reports.incidents)} postmortems of {name}: {counted}", *reports.problems]


def _read(place: str, source: str) -> Reports:
    with checked_out(place) if is_address(place) else nullcontext(Path(place)) as folder:
        return read_reports(folder, source)


async def our_own(tx: Tx, deps: Deps, incident: Incident, written: Postmortem, markdown: str) -> None:
    """Let an incident of our own be found once its postmortem is written; private ones and drills are not."""
    if incident.private or incident.test:
        return
    past = PastIncident(
        id=incident.label,
        title=written.title,
        source=OUR_OWN,
        text=markdown[:LONGEST_TEXT],
        service=incident.service or "",
        happened_on=incident.started_at.date(),
        cause=_first(line.text for line in written.section("causes").all_lines),
        ended="; ".join(part.heading for part in written.section("decisions").parts)[:LONGEST_EXCERPT],
    )
    await past_incidents.save(tx, deps.workspace_id, [past], deps.now())


def _first(texts: Iterable[str]) -> str:
    return next(iter(texts), "")[:LONGEST_EXCERPT]


def _name_of(place: str) -> str:
    """The last part of a path or an address, without .git."""
    parts = [part for part in re.split(r"[/:\\]", place.removesuffix(".git")) if part not in {"", ".", ".."}]
    return parts[-1][:100] if parts else Path(place).resolve().name
