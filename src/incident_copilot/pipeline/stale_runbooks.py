"""List the runbooks that somebody should look at: old ones, and those that the house or its people have outgrown."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from incident_copilot.domain.proposal import Proposal, ProposalState
from incident_copilot.errors import VendorError
from incident_copilot.knowledge import stale as ageing
from incident_copilot.knowledge.runbook import Library
from incident_copilot.knowledge.stale import Judged, Known, Stale
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import ContextSource, MetricNames
from incident_copilot.store import runbook_steps

AFTER = timedelta(days=180)
JUDGED_FOR = timedelta(days=365)


async def lines(deps: Deps, sources: Sequence[ContextSource], after: timedelta = AFTER) -> list[str]:
    """Return one line a runbook with the reasons, and what could not be looked at; at least one line."""
    found, gaps = await look(deps, sources, after)
    count = len(deps.library.library.runbooks)
    said = [_told(one) for one in found] or [f"None of {count} runbooks looks stale."]
    return [*said, *gaps]


async def look(
    deps: Deps, sources: Sequence[ContextSource], after: timedelta = AFTER
) -> tuple[list[Stale], Sequence[str]]:
    """Return the stale runbooks, those with most reasons first, and in words what could not be looked at."""
    library = deps.library.library
    metrics, gaps = await _metrics(sources)
    services = frozenset(one.name for one in deps.catalog.services)
    async with deps.db.read() as db:
        judged = _judged(list(await runbook_steps.decided(db, deps.workspace_id, deps.now() - JUDGED_FOR)))
    changed = await asyncio.to_thread(_changed, library)
    known = Known(services=services or None, metrics=metrics, changed=changed, judged=judged)
    return ageing.stale(library, known, deps.now().date(), after), gaps


async def _metrics(sources: Sequence[ContextSource]) -> tuple[frozenset[str] | None, list[str]]:
    """Return the metrics of all sources together; None where one of them could not be asked, or there is none."""
    found: list[frozenset[str]] = []
    for source in sources:
        if isinstance(source, MetricNames):
            try:
                found.append(await source.metric_names())
            except VendorError as error:
                return None, [f"Metrics were not looked at: {error}"]
    return (frozenset().union(*found), []) if found else (None, [])


def _judged(decided: Sequence[Proposal]) -> Mapping[str, Judged]:
    judged: dict[str, Judged] = {}
    for proposal in decided:
        runbook, step = str(proposal.shown.get("runbook")), str(proposal.shown.get("step"))
        before = judged.get(runbook, Judged())
        is_rejected = proposal.state is ProposalState.REJECTED
        judged[runbook] = Judged(
            followed=before.followed + (not is_rejected),
            rejected=(*before.rejected, step) if is_rejected else before.rejected,
        )
    return judged


def _changed(library: Library) -> Mapping[str, date]:
    """Return when each file was changed."""
    paths = {one.id: Path(one.path) for one in library.runbooks}
    return {
        runbook_id: datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
        for runbook_id, path in paths.items()
        if path.is_file()
    }


def _told(one: Stale) -> str:
    owner = f" (owner: {one.runbook.owner})" if one.runbook.owner else ""
    return f"{one.runbook.id}{owner}: {'; '.join(one.reasons)}"
