"""The action log: append-only, one hash chain per incident and one per workspace for the rest (promise P7)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.log import GENESIS, LogEntry, LogKind, hash_of
from incident_copilot.store import checkpoints, texts
from incident_copilot.store.bodies import value_of
from incident_copilot.store.checkpoints import Checkpoint
from incident_copilot.store.tables import action_log, chains, incidents
from incident_copilot.store.upsert import insert_if_new

_PAGE = 1000
# Each row of the log asks these, so they are built once.
_THIS_CHAIN = chains.c.chain == sa.bindparam("name")
_HEAD = sa.select(chains).where(_THIS_CHAIN).with_for_update()
_MOVED_ON = sa.update(chains).where(_THIS_CHAIN)
_CLOCKS_DIFFER = timedelta(seconds=10)  # those of replicas


class Head(Frozen):
    """The last row of a chain; kept elsewhere it proves later that no tail was cut off."""

    chain: str
    seq: int
    hash: str


class Problem(Frozen):
    """The first bad row of a chain and what is wrong with it."""

    chain: str
    seq: int
    what: str

    def __str__(self) -> str:
        return f"{self.chain} row {self.seq}: {self.what}"


async def append(
    db: AsyncConnection,
    *,
    workspace_id: str,
    incident_id: str | None,
    actor: str,
    kind: LogKind,
    payload: dict[str, Any],
    now: datetime,
) -> LogEntry:
    """Write the next row of the incident's chain, or of the workspace's where there is no incident.

    Raises:
        ValueError: the payload holds what the log does not take, such as a float; a mistake of the caller.
    """
    _require_loggable(payload, "payload")
    chain = f"incident:{incident_id}" if incident_id else f"workspace:{workspace_id}"
    head = await _lock_head(db, chain)
    seq, at = head.seq + 1, now.astimezone(UTC)
    digest = hash_of(
        seq=seq, chain=chain, at=at.isoformat(), actor=actor, kind=kind, payload=payload, prev_hash=head.hash
    )
    entry = LogEntry(
        seq=seq,
        chain=chain,
        workspace_id=workspace_id,
        incident_id=incident_id,
        at=at,
        actor=actor,
        kind=kind,
        payload=payload,
        prev_hash=head.hash,
        hash=digest,
    )
    await db.execute(sa.insert(action_log), entry.model_dump())
    await db.execute(_MOVED_ON, {"name": chain, "seq": entry.seq, "head": entry.hash})
    return entry


async def entries(
    db: AsyncConnection,
    incident_id: str | None = None,
    *,
    chain: str | None = None,
    kinds: Collection[LogKind] | None = None,
) -> list[LogEntry]:
    """Return the rows of an incident or of a named chain, in order; with `kinds` those only."""
    query = sa.select(action_log).where(action_log.c.chain == (chain or f"incident:{incident_id}"))
    if kinds is not None:
        query = query.where(action_log.c.kind.in_(kinds))
    found = await db.execute(query.order_by(action_log.c.seq))
    return [value_of(LogEntry, dict(row)) for row in found.mappings()]


async def some(
    db: AsyncConnection,
    workspace_id: str,
    incident_id: str | None = None,
    kinds: Collection[str] | None = None,
    by: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[LogEntry]:
    """Return the rows of a workspace that fit all that is given, oldest first."""
    wanted = {"workspace_id": workspace_id, "incident_id": incident_id, "actor": by}
    query = sa.select(action_log).filter_by(**{name: value for name, value in wanted.items() if value is not None})
    if kinds is not None:
        query = query.where(action_log.c.kind.in_(kinds))
    if since:
        query = query.where(action_log.c.at >= since)
    if until:
        query = query.where(action_log.c.at < until)
    found = await db.execute(query.order_by(action_log.c.at, action_log.c.chain, action_log.c.seq))
    return [value_of(LogEntry, dict(row)) for row in found.mappings()]


async def latest(db: AsyncConnection, chain: str, kind: LogKind) -> LogEntry | None:
    """Return the last row of a kind; until the transaction ends no other one writes to this chain."""
    await _lock_head(db, chain)
    query = sa.select(action_log).where(action_log.c.chain == chain, action_log.c.kind == kind)
    row = (await db.execute(query.order_by(action_log.c.seq.desc()).limit(1))).mappings().first()
    return value_of(LogEntry, dict(row)) if row else None


async def heads(db: AsyncConnection, workspace_id: str | None = None) -> list[Head]:
    """Return the last row of every chain, or of those of one workspace, by name."""
    query = sa.select(chains.c.chain, chains.c.seq, chains.c.head.label("hash")).order_by(chains.c.chain)
    if workspace_id is not None:
        ours = sa.select(sa.literal("incident:") + incidents.c.id).where(incidents.c.workspace_id == workspace_id)
        query = query.where(sa.or_(chains.c.chain == f"workspace:{workspace_id}", chains.c.chain.in_(ours)))
    return [value_of(Head, dict(row)) for row in (await db.execute(query)).mappings()]


async def head(db: AsyncConnection, incident_id: str) -> Head:
    """Return the last row of an incident's chain; that of number 0 where it has none yet."""
    chain = f"incident:{incident_id}"
    row = (await db.execute(sa.select(chains).where(chains.c.chain == chain))).first()
    return Head(chain=chain, seq=row.seq if row else 0, hash=row.head if row else GENESIS)


async def verify(db: AsyncConnection, published: Iterable[Head] = ()) -> list[Problem]:
    """Check every chain, against `published` heads too; return the first bad row of each, nothing when all is well.

    A chain that was cut goes on from its last checkpoint.
    """
    recorded = {head.chain: head for head in await heads(db)}
    witnesses: dict[str, dict[int, str]] = {}
    for head in [*recorded.values(), *published]:
        witnesses.setdefault(head.chain, {})[head.seq] = head.hash
    written = (await db.execute(sa.select(action_log.c.chain).distinct())).scalars()
    names = sorted({*witnesses, *written})
    cut = await checkpoints.newest(db)
    checked = [
        await _first_problem(db, name, witnesses.get(name, {}), recorded.get(name), cut.get(name)) for name in names
    ]
    return [problem for problem in checked if problem]


async def backdated(db: AsyncConnection) -> list[Problem]:
    """Return rows dated before the row that they follow: no proof of tampering, but a clock was set back."""
    earlier = action_log.alias("earlier")
    follows = sa.and_(earlier.c.chain == action_log.c.chain, earlier.c.seq == action_log.c.seq - 1)
    columns = (action_log.c.chain, action_log.c.seq, action_log.c.at, earlier.c.at.label("before"))
    query = sa.select(*columns).join(earlier, follows).where(action_log.c.at < earlier.c.at)
    return [
        Problem(
            chain=row.chain,
            seq=row.seq,
            what=f"is dated {(row.before - row.at).total_seconds():.0f} s before the row that it follows",
        )
        for row in await db.execute(query.order_by(action_log.c.chain, action_log.c.seq))
        if row.before - row.at > _CLOCKS_DIFFER
    ]


async def _lock_head(db: AsyncConnection, chain: str) -> Head:
    await insert_if_new(db, chains, {"chain": chain, "seq": 0, "head": GENESIS})
    row = (await db.execute(_HEAD, {"name": chain})).one()
    return Head(chain=chain, seq=row.seq, hash=row.head)


def _require_loggable(value: Any, where: str) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise ValueError(f"the action log takes only text as a key: {where} has {key!r}")
            _require_loggable(inner, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            _require_loggable(inner, f"{where}[{index}]")
    elif not isinstance(value, str | int | None):
        raise ValueError(f"the action log takes no {type(value).__name__}: {where}")


async def _first_problem(
    db: AsyncConnection, chain: str, witnesses: Mapping[int, str], head: Head | None, cut: Checkpoint | None
) -> Problem | None:
    begins = cut.seq if cut else 0
    seq, prev_hash, owner = begins, cut.hash if cut else GENESIS, await _owner_of(db, chain)
    if cut and witnesses.get(begins, cut.hash) != cut.hash:
        return Problem(chain=chain, seq=begins, what="its checkpoint differs from the recorded head")
    if cut and (left := await _page(db, chain, 0)) and left[0].seq <= begins:
        return Problem(chain=chain, seq=left[0].seq, what=f"is older than the checkpoint at row {begins}")
    while page := await _page(db, chain, seq):
        altered = await texts.altered(db, dict(pair for row in page for pair in _texts_in(row.payload).items()))
        for row in page:
            what = _what_is_wrong(row, seq + 1, prev_hash, witnesses.get(seq + 1), owner)
            if not what and not altered.isdisjoint(_texts_in(row.payload)):
                what = "the words that it refers to were changed"
            if what:
                return Problem(chain=chain, seq=seq + 1, what=what)
            seq, prev_hash = row.seq, row.hash
    if head is None:
        return Problem(chain=chain, seq=seq, what="the chain has no recorded head")
    last = max(witnesses)
    if seq < last:
        return Problem(chain=chain, seq=seq + 1, what=f"missing, and so is all up to row {last}")
    return Problem(chain=chain, seq=head.seq + 1, what="is beyond the recorded head") if seq > head.seq else None


def _texts_in(payload: Any) -> dict[str, str]:
    """Return the texts that a payload refers to, as `texts.store_text` words it: the hash of each by its id."""
    said = payload.values() if isinstance(payload, dict) else ()
    return {one["text"]: one["sha256"] for one in said if isinstance(one, dict) and one.keys() == {"text", "sha256"}}


async def _page(db: AsyncConnection, chain: str, after: int) -> list[sa.Row[Any]]:
    query = sa.select(action_log).where(action_log.c.chain == chain, action_log.c.seq > after)
    return list(await db.execute(query.order_by(action_log.c.seq).limit(_PAGE)))


async def _owner_of(db: AsyncConnection, chain: str) -> str | None:
    """The workspace that an incident's chain belongs to; None where the incident is not in the database."""
    incident = incidents.c.id == chain.removeprefix("incident:")
    return (await db.execute(sa.select(incidents.c.workspace_id).where(incident))).scalar()


def _what_is_wrong(row: sa.Row[Any], seq: int, prev_hash: str, witness: str | None, owner: str | None) -> str | None:
    if row.seq != seq:
        return f"missing; the next row is {row.seq}"
    if row.prev_hash != prev_hash:
        return "does not follow the row before it"
    if row.chain != (f"incident:{row.incident_id}" if row.incident_id else f"workspace:{row.workspace_id}") or (
        owner is not None and row.workspace_id != owner
    ):
        return "belongs to another incident or workspace"
    expected = hash_of(
        seq=row.seq,
        chain=row.chain,
        at=row.at.isoformat(),
        actor=row.actor,
        kind=row.kind,
        payload=row.payload,
        prev_hash=prev_hash,
    )
    if row.hash != expected:
        return "its content was changed"
    return None if witness in {None, row.hash} else "differs from the recorded head"
