"""The copilot's database, looked at from outside: has it anything left to do, and what did it write?"""

from collections import Counter
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from incident_copilot.store import action_log
from incident_copilot.store.db import Db
from incident_copilot.store.tables import effects, jobs

SOON = timedelta(seconds=3)


async def left_to_do(db: Db, within: timedelta = SOON) -> list[str]:
    """Return what is due within a time or under way, in words; nothing means that the copilot is quiet."""
    soon = datetime.now(UTC) + within
    effect = sa.select(effects.c.slot, effects.c.state, effects.c.deed, effects.c.error).where(
        effects.c.state.in_(["pending", "leased", "unknown"]), effects.c.run_at < soon
    )
    job = sa.select(jobs.c.key, jobs.c.state, jobs.c.error).where(
        sa.or_(jobs.c.state == "leased", sa.and_(jobs.c.state == "ready", jobs.c.run_at < soon))
    )
    async with db.read() as view:
        sends = [f"effect {row.deed['do']} {row.slot}: {row.state} {row.error}" for row in await view.execute(effect)]
        works = [f"job {row.key}: {row.state} {row.error}" for row in await view.execute(job)]
    return sends + works


async def given_up(db: Db) -> list[str]:
    """Return effects that failed or wait for people, and jobs that were parked."""
    effect = sa.select(effects).where(effects.c.state.in_(["failed", "unknown"]))
    job = sa.select(jobs).where(jobs.c.state == "dead")
    async with db.read() as view:
        sends = [f"effect {row.deed['do']} {row.slot}: {row.error}" for row in await view.execute(effect)]
        works = [f"job {row.key}: {row.error}" for row in await view.execute(job)]
    return sends + works


async def slots(db: Db) -> dict[str, str]:
    """Return what each effect does: its id to slot and place, or to its deed."""
    async with db.read() as view:
        rows = await view.execute(sa.select(effects.c.id, effects.c.slot, effects.c.place, effects.c.deed))
        return {row.id: f"{row.slot} at {row.place}" if row.slot else str(row.deed["do"]) for row in rows}


async def log_kinds(db: Db) -> dict[str, Counter[str]]:
    """Return how often each kind of entry is in each chain; the incidents' chains are numbered by their first entry."""
    async with db.read() as view:
        chains = [head.chain for head in await action_log.heads(view)]
        found = {chain: await action_log.entries(view, chain=chain) for chain in chains}
    kinds = {chain: Counter(str(entry.kind) for entry in entries) for chain, entries in found.items()}
    ours = sorted((chain for chain in found if chain.startswith("incident:")), key=lambda chain: found[chain][0].at)
    numbered = {f"incident {number}": kinds.pop(chain) for number, chain in enumerate(ours, 1)}
    return numbered | kinds


async def log_problems(db: Db) -> list[str]:
    """Return what is wrong with the action log."""
    async with db.read() as view:
        return [str(problem) for problem in await action_log.verify(view)]
