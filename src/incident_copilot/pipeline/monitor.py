"""Look at AI systems: each monitor says what it sees, and what fires comes in as an alert does.

The window that is looked at begins at whole halves of itself, so that a test of many looks has a fixed beginning; the
baseline ends where the window begins, and earlier while something fires, lest trouble becomes what is usual.
"""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from incident_copilot.analysis.monitoring.judging import explained, judged
from incident_copilot.analysis.monitoring.kept import Kept
from incident_copilot.analysis.monitoring.seasons import by_clock
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.monitoring import MonitoredSystem
from incident_copilot.domain.verdict import SOURCE, Outcome, Verdict
from incident_copilot.pipeline import ai_alerts, baselines, monitor_inputs, wakeups
from incident_copilot.pipeline.ai import first_seen, mended
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.receive import receive
from incident_copilot.ports import Delivery, Monitor, Watched
from incident_copilot.store import interactions, observations, verdicts
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

log = logging.getLogger(__name__)

FOLD_AFTER = timedelta(hours=3)
PAUSE = timedelta(seconds=5)
"""Between two looks at a system of which much is told."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Looked(NamedTuple):
    """What a look at one system came to: verdicts as they stand, those nobody gives any more, and alerts."""

    stand: Sequence[Verdict] = ()
    gone: Sequence[Verdict] = ()
    alerts: Sequence[Alert] = ()


async def look(deps: Deps, job: Job) -> None:
    """Have every system looked at once, or the one of which something was told; what changes is an alert.

    It is received before it is noted that it was told, so that it comes again where this ends in between.
    """
    now, wanted = deps.now(), job.payload.get("system")
    if wanted is None:
        await monitor_inputs.take(deps, now)
    elif await _waits(deps, job, wanted, now):
        return
    systems = await monitor_inputs.systems(deps, now)
    looked = [await look_at(deps, *one) for one in systems if wanted in {None, one[0].name}]
    alerts = [alert for one in looked for alert in one.alerts]
    if alerts:
        told = json.dumps({"alerts": [alert.model_dump(mode="json") for alert in alerts]})
        await receive(deps, SOURCE, Delivery(alerts=tuple(alerts)), told.encode())
    async with job.finish(deps.db) as tx:
        await verdicts.save(tx, deps.workspace_id, [verdict for one in looked for verdict in one.stand])
        await verdicts.forget(tx, deps.workspace_id, [verdict for one in looked for verdict in one.gone])
        if wanted is None:
            await _tidy(tx, deps, now)


async def _waits(deps: Deps, job: Job, system: str, now: datetime) -> bool:
    """Whether a system was looked at just now; then it is once more in a moment, however much is told of it."""
    async with deps.db.read() as db:
        last = max((one.at for one in await verdicts.of(db, deps.workspace_id, system)), default=None)
    if last is None or now - last >= PAUSE:
        return False
    async with job.finish(deps.db) as tx:
        await wakeups.look_at_system(tx, deps, system, last + PAUSE)
    return True


async def _tidy(tx: Tx, deps: Deps, now: datetime) -> None:
    """Fold what is older than some hours, whole hours at a time, and forget what is too old."""
    whole = (now - FOLD_AFTER).replace(minute=0, second=0, microsecond=0)
    await observations.fold_before(tx, deps.workspace_id, whole)
    oldest = now - timedelta(days=deps.monitored.keep_days)
    await observations.forget_before(tx, deps.workspace_id, oldest)
    await interactions.forget_before(tx, deps.workspace_id, oldest)


async def look_at(deps: Deps, system: MonitoredSystem, monitors: Sequence[Monitor]) -> Looked:
    """Return what the monitors of a system say now; nothing is written."""
    now = deps.now()
    async with deps.db.read() as db:
        before = {one.key: one for one in await verdicts.of(db, deps.workspace_id, system.name)}
        began, until = _beginnings(system, before, now)
        usual = await baselines.read(db, deps.workspace_id, deps.baselines, system, until)
        current = await observations.between(db, deps.workspace_id, system.name, began, now)
    watched = Watched(
        system=system.name,
        now=now,
        baseline=usual,
        current=Kept(mended.without_trouble(by_clock(current, system.zone), before.values())),
        began=began,
        window=system.window,
    )
    told = await asyncio.to_thread(said, watched, monitors)
    stand = judged(told, before, system.level, system.window)
    if recent := mended.lately(watched, stand, system.level):
        again = await asyncio.to_thread(said, recent.watched, monitors)
        stand = explained(mended.taken_back(recent, stand, again, system.level), before, system.window)
    async with deps.db.read() as db:
        stand = [await first_seen.dated(db, deps, one) for one in stand]
    return _looked(system, stand, before, now)


def _beginnings(system: MonitoredSystem, before: Mapping[str, Verdict], now: datetime) -> tuple[datetime, datetime]:
    """Return where the window begins and where the baseline ends."""
    began = window_begin(system, now)
    firing = [one.since - system.window for one in before.values() if one.outcome is Outcome.FIRING and one.since]
    return began, min([began, *firing])


def window_begin(system: MonitoredSystem, at: datetime) -> datetime:
    """Return where the window begins that is looked at then."""
    half = system.window / 2
    return at - (at - _EPOCH) % half - half


def said(watched: Watched, monitors: Sequence[Monitor]) -> list[Verdict]:
    """Return what the monitors say; one that fails takes nothing from the others."""
    found: list[Verdict] = []
    for monitor in monitors:
        try:
            found += monitor.look(watched)
        except Exception:
            log.exception("monitor %s failed on %s", monitor.name, watched.system)
    return found


def _looked(system: MonitoredSystem, stand: Sequence[Verdict], before: Mapping[str, Verdict], now: datetime) -> Looked:
    told = {one.key for one in stand}
    # What is well again is remembered until the trouble before it is out of every window.
    silent = [
        one
        for one in before.values()
        if one.key not in told and (one.mended is None or one.mended <= now - system.window)
    ]
    # What is not measured any more goes on firing for a window: a gap in the figures mends nothing.
    gone = [one for one in silent if one.outcome is not Outcome.FIRING or one.at <= now - system.window]
    weak = [one for one in stand if one.outcome is Outcome.WEAK]
    alerts = [
        ai_alerts.alert_of(system, one, weak)
        for one in stand
        if one.outcome is Outcome.FIRING and _is_news(one, before.get(one.key))
    ]
    over = [one for one in stand if one.outcome is not Outcome.FIRING]
    ended = [
        ai_alerts.resolved(system, earlier, now)
        for earlier in (*(before[one.key] for one in over if one.key in before), *gone)
        if earlier.outcome is Outcome.FIRING
    ]
    return Looked(stand, gone, [*alerts, *ended])


def _is_news(now: Verdict, before: Verdict | None) -> bool:
    return before is None or (before.outcome, before.severity) != (now.outcome, now.severity)
