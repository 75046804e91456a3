"""Dead letters: bodies that nobody understood yet, a bounded number for each source."""

import hashlib
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.dead_letter import DeadLetter, DeadLetterCounts, DeadLetterState
from incident_copilot.errors import UnknownThing
from incident_copilot.store.tables import dead_letters as letters
from incident_copilot.store.upsert import insert

MOST = 1000
"""How many of one source wait at most; more are only counted."""
_LEFT_OUT = "left_out"


async def keep(db: AsyncConnection, workspace_id: str, letter: DeadLetter, *, most: int = MOST) -> None:
    """Keep a letter; the same body for the same reason is one that came again, and waits again."""
    digest = hashlib.sha256(letter.why.encode() + b"\0" + letter.body).hexdigest()
    here = _of(workspace_id, letter.source)
    known = sa.select(letters.c.id).where(here, letters.c.digest == digest)
    waiting = sa.select(sa.func.count()).where(here, letters.c.state == DeadLetterState.WAITING)
    row = letter.model_dump() | {"workspace_id": workspace_id, "digest": digest}
    if (await db.execute(known)).first() is None and (await db.execute(waiting)).scalar_one() >= most:
        row |= {"digest": _LEFT_OUT, "state": _LEFT_OUT, "body": b"", "headers": {}}
    statement = insert(db, letters).values(row)
    anew: dict[str, Any] = {name: statement.excluded[name] for name in ("state", "received_at", "headers", "body")}
    keys = [letters.c.workspace_id, letters.c.source, letters.c.digest]
    anew["times"] = letters.c.times + 1
    await db.execute(statement.on_conflict_do_update(index_elements=keys, set_=anew))


async def get(db: AsyncConnection, workspace_id: str, letter_id: str) -> DeadLetter:
    """Return one.

    Raises:
        UnknownThing: there is none with this id.
    """
    this = sa.and_(letters.c.workspace_id == workspace_id, letters.c.id == letter_id, letters.c.state != _LEFT_OUT)
    row = (await db.execute(sa.select(letters).where(this))).first()
    if row is None:
        raise UnknownThing(f"there is no dead letter {letter_id}; `incident-copilot dead list` lists them")
    return _letter(row)


async def waiting(db: AsyncConnection, workspace_id: str, limit: int) -> list[DeadLetter]:
    """Return those that wait, newest first and without their bodies."""
    light = [column for column in letters.c if column is not letters.c.body]
    mine = sa.and_(letters.c.workspace_id == workspace_id, letters.c.state == DeadLetterState.WAITING)
    query = sa.select(*light, sa.literal(b"").label("body")).where(mine)
    query = query.order_by(letters.c.received_at.desc(), letters.c.id.desc()).limit(limit)
    rows: Sequence[Any] = (await db.execute(query)).all()
    return [_letter(row) for row in rows]


async def counts(db: AsyncConnection, workspace_id: str) -> list[DeadLetterCounts]:
    """Return how many there are, by source."""
    # The one row of what was left out counts in itself.
    number = sa.func.sum(sa.case((letters.c.state == _LEFT_OUT, letters.c.times), else_=1))
    query = sa.select(letters.c.source, letters.c.state, number).where(letters.c.workspace_id == workspace_id)
    found: dict[str, dict[str, Any]] = {}
    for source, state, count in await db.execute(query.group_by(letters.c.source, letters.c.state)):
        found.setdefault(source, {})[state] = count
    return [DeadLetterCounts(source=source, **by_state) for source, by_state in sorted(found.items())]


async def settle(db: AsyncConnection, workspace_id: str, letter: DeadLetter, state: DeadLetterState) -> bool:
    """Settle a letter that waits and forget its body; False where it came again meanwhile, or was settled."""
    this = sa.and_(letters.c.workspace_id == workspace_id, letters.c.id == letter.id)
    same = sa.and_(letters.c.times == letter.times, letters.c.state == DeadLetterState.WAITING)
    result = await db.execute(sa.update(letters).where(this, same).values(state=state, body=b""))
    return result.rowcount == 1


def _of(workspace_id: str, source: str) -> sa.ColumnElement[bool]:
    return sa.and_(letters.c.workspace_id == workspace_id, letters.c.source == source)


def _letter(row: sa.Row[Any]) -> DeadLetter:
    return DeadLetter(
        id=row.id,
        source=row.source,
        state=row.state,
        received_at=row.received_at,
        times=row.times,
        why=row.why,
        headers=row.headers,
        body=row.body,
    )
