"""Baselines of AI systems as this process read them last: thousands of figures that change once in half a window.

What is kept depends on the span and on what is stored in it. The latter is asked for at each look, as one row of sums
that any late figure changes; so a baseline is right after a restart, and beside other processes that write.
"""

from collections.abc import Hashable, MutableMapping
from datetime import datetime, timedelta
from typing import NamedTuple

from incident_copilot.analysis.monitoring.kept import Kept
from incident_copilot.analysis.monitoring.seasons import by_clock
from incident_copilot.domain.monitoring import MonitoredSystem
from incident_copilot.store import observations
from incident_copilot.store.db import Tx

MOST = 60_000
"""Figures that are kept in memory, about 1.5 kB each; of the systems those that were looked at last."""


class Baseline(NamedTuple):
    """The figures of one system's baseline, and what they depend on."""

    depends_on: Hashable
    figures: Kept


Baselines = MutableMapping[tuple[str, str], Baseline]
"""By workspace and system."""


async def read(db: Tx, workspace_id: str, kept: Baselines, system: MonitoredSystem, until: datetime) -> Kept:
    """Return the figures of a baseline that ends then; those that are kept where nothing of it has changed."""
    since = until - timedelta(days=system.baseline_days)
    depends_on = (since, until, system.zone, await observations.sums(db, workspace_id, system.name, since, until))
    known = kept.pop((workspace_id, system.name), None)
    if known is None or known.depends_on != depends_on:
        told = await observations.between(db, workspace_id, system.name, since, until)
        known = Baseline(depends_on, Kept(by_clock(told, system.zone)))
    kept[workspace_id, system.name] = known
    _forget_some(kept)
    return known.figures


def _forget_some(kept: Baselines) -> None:
    """Forget those that were used longest ago, until the others fit."""
    total = sum(len(one.figures) for one in kept.values())
    for key in list(kept)[:-1]:
        if total <= MOST:
            return
        total -= len(kept.pop(key).figures)
