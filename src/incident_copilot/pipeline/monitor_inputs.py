"""What monitors look at: the answers of Prometheus as they are now, the copilot's own figures, and which systems."""

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from incident_copilot.domain.monitoring import MonitoredSystem, Query
from incident_copilot.domain.observation import Figure, Snapshot
from incident_copilot.errors import VendorError
from incident_copilot.pipeline import chosen, own_figures
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import FigureSource, Monitor
from incident_copilot.store import observations

log = logging.getLogger(__name__)

SERIES = 50
"""How many series of one query are taken."""
UNLISTED = 100
"""How many systems are looked at that only send figures, beside those of monitors.yaml."""
_TOLD_LATELY = timedelta(days=1)
_DEADLINE_S = 10.0
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def take(deps: Deps, now: datetime) -> None:
    """Ask Prometheus for what is due, and keep the answers and the copilot's own figures."""
    asked = [_asked(deps, system, now) for system in deps.monitored.systems if system.asks and _is_due(system, now)]
    told = [snapshot for snapshot in await asyncio.gather(*asked) if snapshot.figures]
    async with deps.db.read() as db:
        told += await own_figures.of_last_hour(db, deps.workspace_id, now)
    if told:
        async with deps.db.transaction() as tx:
            await observations.add_all(tx, deps.workspace_id, told)


async def systems(deps: Deps, now: datetime) -> list[tuple[MonitoredSystem, Sequence[Monitor]]]:
    """Return the systems of monitors.yaml, the copilot, and those that sent figures lately, with their monitors."""
    async with deps.db.read() as db:
        told = await observations.systems(db, deps.workspace_id, now - _TOLD_LATELY)
    listed = list(deps.monitored.systems)
    known = {one.name for one in listed}
    unlisted = [name for name in told if name not in known and _NAME.fullmatch(name)][:UNLISTED]
    every = [*listed, *(MonitoredSystem(name=name) for name in unlisted)]
    return [(_by_its_clock(deps, one), _monitors(deps, one.name)) for one in every]


def system_of(deps: Deps, name: str) -> tuple[MonitoredSystem, Sequence[Monitor]]:
    """Return a system as monitors.yaml lists it, else as it is by default, with its monitors."""
    listed = next((one for one in deps.monitored.systems if one.name == name), None)
    return _by_its_clock(deps, listed or MonitoredSystem.model_construct(name=name)), _monitors(deps, name)


def _by_its_clock(deps: Deps, system: MonitoredSystem) -> MonitoredSystem:
    return system.model_copy(update={"zone": system.zone or chosen.working_hours(deps).zone})


def _monitors(deps: Deps, name: str) -> Sequence[Monitor]:
    return deps.monitors.get(name, deps.monitors.get("", ()))


def _is_due(system: MonitoredSystem, now: datetime) -> bool:
    return int((now - _EPOCH).total_seconds() // 60) % system.every_min == 0


async def _asked(deps: Deps, system: MonitoredSystem, now: datetime) -> Snapshot:
    """Return the answers to a system's queries; of one that fails nothing is observed, which its absence shows."""
    source = _source(deps, system)
    answers = await asyncio.gather(*(_answer(source, query) for query in system.asks)) if source else []
    return Snapshot(
        system=system.name,
        id=f"prometheus:{now:%Y-%m-%dT%H:%M}",
        at=now,
        figures=tuple(figure for answer in answers for figure in answer),
    )


def _source(deps: Deps, system: MonitoredSystem) -> FigureSource | None:
    able = [one for one in deps.context_sources if isinstance(one, FigureSource)]
    wanted = system.prometheus
    return next((one for one in able if wanted is None or one.name.lower().endswith(wanted.lower())), None)


async def _answer(source: FigureSource, query: Query) -> list[Figure]:
    try:
        async with asyncio.timeout(_DEADLINE_S):
            found = await source.figures(query.query)
    except (VendorError, TimeoutError) as error:
        log.warning("no figures for %s: %s", query.metric, str(error) or "no answer in time")
        return []
    return [Figure(metric=query.metric, group=_group(query, labels), value=value) for labels, value in found[:SERIES]]


def _group(query: Query, labels: Mapping[str, str]) -> str:
    """Return whom a series is about; OpenTelemetry's gen_ai_provider_name is what people call provider."""
    if query.by is None:
        return ""
    return f"{query.by.removeprefix('gen_ai_').removesuffix('_name')}={labels.get(query.by, '')}"[:160]
