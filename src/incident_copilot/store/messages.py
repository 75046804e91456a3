"""Messages: which message shows which slot, so that the next version edits it."""

from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.store.tables import messages
from incident_copilot.store.upsert import Insert, insert_in

WORKSPACE = "workspace"
"""The scope of slots that belong to no incident."""
# Each message is looked for, so this is built once.
_TS = sa.select(messages.c.ts).where(
    *(messages.c[name] == sa.bindparam(name) for name in ("workspace_id", "scope", "slot", "channel"))
)


async def record(
    db: AsyncConnection,
    *,
    workspace_id: str,
    scope: str,
    slot: str,
    channel: str,
    ts: str,
    now: datetime,
    alias: str | None = None,
) -> None:
    """Note that a slot is shown by this message now; `alias` is the channel's name where it was addressed by name."""
    key = {"workspace_id": workspace_id, "scope": scope, "slot": slot, "channel": channel}
    values = {"ts": ts, "updated_at": now, **({"alias": alias} if alias else {})}
    await db.execute(_put(db.dialect.name, tuple(key), tuple(values)), {**key, **values})


async def ts_of(db: AsyncConnection, workspace_id: str, scope: str, slot: str, channel: str) -> str | None:
    """Return the ts of the message (for an upload: the file id) that shows a slot in a channel, or None."""
    this = {"workspace_id": workspace_id, "scope": scope, "slot": slot, "channel": channel}
    return (await db.execute(_TS, this)).scalar()


async def newest(db: AsyncConnection, workspace_id: str, scope: str, slot: str) -> tuple[str, str] | None:
    """Return (channel, ts) of the newest message that shows a slot anywhere, or None."""
    query = sa.select(messages.c.channel, messages.c.ts).where(
        messages.c.workspace_id == workspace_id, messages.c.scope == scope, messages.c.slot == slot
    )
    row = (await db.execute(query.order_by(messages.c.updated_at.desc()).limit(1))).first()
    return (row.channel, row.ts) if row else None


async def scopes_of(db: AsyncConnection, workspace_id: str, channel: str, slot: str) -> list[str]:
    """Return whose slot a channel shows, or has shown: the incidents that live or lived in it, for their card."""
    query = sa.select(messages.c.scope).where(
        messages.c.workspace_id == workspace_id, messages.c.channel == channel, messages.c.slot == slot
    )
    return list((await db.execute(query.order_by(messages.c.scope))).scalars())


async def find(db: AsyncConnection, workspace_id: str, channel: str, ts: str) -> tuple[str, str] | None:
    """Return (scope, slot) of a message of ours, or None where it is none."""
    query = sa.select(messages.c.scope, messages.c.slot).where(
        messages.c.workspace_id == workspace_id, messages.c.channel == channel, messages.c.ts == ts
    )
    row = (await db.execute(query)).first()
    return (row.scope, row.slot) if row else None


async def forget(db: AsyncConnection, workspace_id: str, channel: str, ts: str) -> None:
    """Forget a message that is gone, so that the next version is posted anew."""
    gone = sa.and_(messages.c.workspace_id == workspace_id, messages.c.channel == channel, messages.c.ts == ts)
    await db.execute(sa.delete(messages).where(gone))


async def forget_name(db: AsyncConnection, workspace_id: str, channel: str) -> bool:
    """Forget that a channel was reached by a name, because it is gone; False where it never was."""
    named = sa.and_(
        messages.c.workspace_id == workspace_id, messages.c.channel == channel, messages.c.alias.is_not(None)
    )
    return (await db.execute(sa.update(messages).where(named).values(alias=None))).rowcount > 0


async def channel_called(db: AsyncConnection, workspace_id: str, name: str) -> str | None:
    """Return the id of the channel that was last reached by this name, or None where it never was."""
    query = sa.select(messages.c.channel).where(messages.c.workspace_id == workspace_id, messages.c.alias == name)
    return (await db.execute(query.order_by(messages.c.updated_at.desc()).limit(1))).scalar()


@cache
def _put(dialect: str, key: tuple[str, ...], values: tuple[str, ...]) -> Insert:
    row = insert_in(dialect, messages)
    return row.on_conflict_do_update(index_elements=key, set_={name: row.excluded[name] for name in values})
