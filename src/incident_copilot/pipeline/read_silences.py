"""Read the silences of Alertmanager and Grafana, so that what is silenced there opens nothing here."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from incident_copilot.domain.base import new_id
from incident_copilot.domain.silence import Silence
from incident_copilot.errors import VendorError
from incident_copilot.pipeline import muting, recount
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import SilenceSource
from incident_copilot.store import muted_alerts, silences, silences_read
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

MOST_READ = 200
"""How many silences of one source count, those that end last."""


class _Read(NamedTuple):
    """What a source said, or why it could not be read."""

    name: str
    silences: Sequence[Silence] = ()
    problem: str | None = None


async def read_silences(deps: Deps, job: Job) -> None:
    """Ask all sources at once; what one that is away said last counts until its own end."""
    found = await asyncio.gather(*(_asked(source) for source in deps.silence_sources))
    async with job.finish(deps.db) as tx:
        changed = [await _keep(tx, deps, read) for read in found]
        if any(changed):
            await recount.soon(tx, deps)


async def _asked(source: SilenceSource) -> _Read:
    try:
        return _Read(source.name, await source.silences())
    except VendorError as error:
        return _Read(source.name, problem=str(error)[:300])


async def _keep(tx: Tx, deps: Deps, read: _Read) -> bool:
    """Write down what a source says now; return whether anything has changed."""
    now = deps.now()
    known = {one.ref: one for one in await silences.read_from(tx, deps.workspace_id, read.name)}
    told = {one.ref: one for one in read.silences[:MOST_READ]}
    over = [one for one in known.values() if one.until <= now or (read.problem is None and one.ref not in told)]
    new = [one for ref, one in told.items() if ref not in known]
    same = [(known[ref], one) for ref, one in told.items() if ref in known]
    changed = [now_is for was, now_is in ((was, _as_known(was, one)) for was, one in same) if now_is != was]
    for one in reversed(new):
        await silences.add(tx, deps.workspace_id, one.model_copy(update={"id": new_id(now)}))
    await silences.update(tx, changed)
    await _end(tx, deps, over)
    left_out = len(read.silences) - len(told)
    problem = read.problem or (f"{left_out} more silences than are read" if left_out else None)
    await silences_read.note(tx, deps.workspace_id, read.name, now, problem, is_read=read.problem is None)
    return bool(new or changed or over)


async def _end(tx: Tx, deps: Deps, over: Sequence[Silence]) -> None:
    if over:
        await silences.end(tx, [one.id for one in over], deps.now())
        await muting.weigh_anew(tx, deps, [muted_alerts.by_silence(one.id) for one in over])


def _as_known(was: Silence, told: Silence) -> Silence:
    return told.model_copy(update={"id": was.id, "number": was.number})
