"""Compute all measures of a period."""

import asyncio
from datetime import timedelta

from incident_copilot.analysis.samples import spread
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.measures import Measures, Rule
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.stats import load, shares, times
from incident_copilot.pipeline.stats.gathered import Gathered, gather
from incident_copilot.pipeline.stats.saved import saved

USUAL = timedelta(days=30)
LONGEST = timedelta(days=366)
HOLDS = timedelta(minutes=5)
EVERY = Rule()


async def measure(deps: Deps, span: timedelta = USUAL, rule: Rule = EVERY) -> Measures:
    """Return what is measured over the last `span`, at most a year.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    gathered = await gather(deps, min(span, LONGEST), rule)
    return await asyncio.to_thread(measures, deps, gathered)


async def lately(deps: Deps) -> Measures:
    """Return what is measured over the usual period, as of at most five minutes ago: for what is looked at all day.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    held = deps.measured.get(deps.workspace_id)
    if held is None or deps.now() - held.until > HOLDS:
        held = deps.measured[deps.workspace_id] = await measure(deps)
    return held


def measures(deps: Deps, gathered: Gathered) -> Measures:
    """Return what rows come to."""
    edits = [_edited(dict(row.payload)) for row in gathered.of_kind(LogKind.EDITED) if "words_before" in row.payload]
    edited = spread(edits)
    return Measures(
        since=gathered.since,
        until=gathered.until,
        rule=gathered.rule,
        incidents=len(gathered.incidents),
        left_out=gathered.left_out,
        times=times.times(gathered),
        by=times.grouped(gathered),
        weeks=times.weeks(gathered),
        accepted=shares.accepted(gathered),
        shadowed=shares.shadowed(gathered),
        edited=edited,
        usd=spread([one.usd for one in gathered.spent.values()]),
        tokens=spread([float(one.tokens) for one in gathered.spent.values()]),
        detection=shares.detection(gathered),
        triage=shares.triage(gathered),
        updates=shares.updates(deps, gathered),
        recurring=shares.recurring(gathered),
        rating=spread([float(one) for one in gathered.stars]),
        saved=saved(gathered, edited.mean if edited else 0.0),
        load=load.load(deps, gathered),
    )


def _edited(payload: dict[str, int]) -> float:
    """The share of a draft's words that were changed, from 0 to 1."""
    return min(1.0, payload["words_changed"] / max(1, payload["words_before"]))
