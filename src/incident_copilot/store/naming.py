"""Rows in which somebody is named, in any table: found, and the name replaced.

The tables are read from their definitions, so that one that is added is looked through as well. Not those that are
append-only, which hold ids and hashes; nor the table of names, from which a name is deleted.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.effect import EffectClass
from incident_copilot.domain.naming import Named
from incident_copilot.store.column_types import Packed, PackedBytes
from incident_copilot.store.effects import OPEN
from incident_copilot.store.tables import action_log, effects, incidents, metadata, texts, timeline
from incident_copilot.store.triggers import APPEND_ONLY

_LEFT = frozenset({*APPEND_ONLY, "people", "signed_heads"})
_PAGE = 500
_FEW = 20
"""More names than that are no help to the database in leaving rows out."""
_PACKED = (Packed, PackedBytes)
AN_UPLOAD = '"upload"'
_WORDS = (sa.Text, sa.JSON, *_PACKED)


class Naming(NamedTuple):
    """One row that names somebody: its table, its key, and whose it is."""

    table: str
    key: Mapping[str, Any]
    incident_id: str | None


async def words_of(db: AsyncConnection, author: str, held: Collection[str], limit: int) -> list[str]:
    """Return what one author wrote, the newest first; not in `held` incidents, and not what others wrote as well."""
    found: list[str] = []
    for table in (texts, timeline):
        free = sa.or_(table.c.incident_id.is_(None), table.c.incident_id.not_in(held))
        newest = sa.select(table.c.text).where(table.c.author == author, free).order_by(table.c.id.desc()).limit(limit)
        own = list((await db.execute(newest)).scalars())
        others = sa.and_(table.c.text.in_(own), table.c.author.is_distinct_from(author))
        shared = set((await db.execute(sa.select(table.c.text).where(others))).scalars())
        found += [text for text in own if text not in shared]
    return found


async def find(db: AsyncConnection, workspace_id: str, named: Named, held: Collection[str]) -> list[Naming]:
    """Return the rows of a workspace that name somebody.

    Not those of `held` incidents; and while there is one, not those of no incident, which may be evidence in it.
    """
    return [one for table in _tables() async for one in _in_table(db, table, workspace_id, named, held)]


async def erase(db: AsyncConnection, found: Sequence[Naming], named: Named, now: datetime) -> Counter[str]:
    """Replace the name in rows that `find` returned, as they are by now; return how many it was, by table."""
    changed: Counter[str] = Counter()
    for one in found:
        table = metadata.tables[one.table]
        this = sa.and_(*(table.c[name] == value for name, value in one.key.items()))
        row = (await db.execute(sa.select(*_columns(table)).where(this).with_for_update())).mappings().first()
        without = _without(table, row, named) if row else {}
        if without:
            await db.execute(sa.update(table).where(this).values(without | _beside(table, now)))
            changed[one.table] += 1
    return changed


async def in_log(db: AsyncConnection, workspace_id: str, named: Named) -> list[tuple[str | None, int]]:
    """Return incident and number of the rows of the action log that name somebody, which nobody can change."""
    query = sa.select(action_log.c.incident_id, action_log.c.seq, action_log.c.payload)
    query = query.where(action_log.c.workspace_id == workspace_id).order_by(action_log.c.chain, action_log.c.seq)
    rows = await db.execute(query)
    return [(row.incident_id, row.seq) for row in rows if named.without(row.payload) != row.payload]


def _tables() -> list[sa.Table]:
    return [table for name, table in sorted(metadata.tables.items()) if name not in _LEFT and _columns(table)]


def _columns(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.columns if isinstance(column.type, _WORDS) and not column.primary_key]


async def _in_table(
    db: AsyncConnection, table: sa.Table, workspace_id: str, named: Named, held: Collection[str]
) -> AsyncIterator[Naming]:
    owner = table.c.id if table is incidents else table.c.get("incident_id", sa.null())
    keys = [column for column in table.columns if column.primary_key]
    query = sa.select(*keys, *_columns(table), owner.label("whose")).where(_here(table, owner, workspace_id, held))
    is_plain = not any(isinstance(column.type, _PACKED) for column in _columns(table))
    if is_plain and len(named.names) <= _FEW:
        query = query.where(sa.or_(*(_may_name(column, named) for column in _columns(table))))
    # Read in pages: what is packed can only be looked through here, and there may be a great deal of it.
    page, start = query.order_by(*keys).limit(_PAGE), 0
    while rows := (await db.execute(page.offset(start))).mappings().all():
        start += _PAGE
        for row in rows:
            if _without(table, row, named):
                yield Naming(table.name, {column.name: row[column.name] for column in keys}, row["whose"])


def _here(
    table: sa.Table, owner: sa.ColumnElement[Any], workspace_id: str, held: Collection[str]
) -> sa.ColumnElement[bool]:
    ours = sa.select(incidents.c.id).where(incidents.c.workspace_id == workspace_id)
    of_workspace = (
        table.c.workspace_id == workspace_id
        if "workspace_id" in table.c
        else sa.or_(owner.in_(ours), owner.is_(sa.null()))
    )
    is_free = sa.and_(owner.is_not(sa.null()), owner.not_in(held)) if held else sa.true()
    # What people approved goes out as they saw it, or not at all.
    on_its_way = sa.and_(effects.c.state.in_(OPEN), effects.c.effect_class.in_([EffectClass.ASK, EffectClass.KEYED]))
    return sa.and_(of_workspace, is_free, ~on_its_way if table is effects else sa.true())


def _may_name(column: sa.ColumnElement[Any], named: Named) -> sa.ColumnElement[bool]:
    """JSON holds letters beyond ASCII as escapes; the file of an upload is looked into."""
    forms = {form for name in named.names for form in (name, json.dumps(name)[1:-1])}
    written = sa.cast(column, sa.Text)
    uploads = [written.contains(AN_UPLOAD, autoescape=True)] if column is effects.c.deed else []
    return sa.or_(*(written.contains(form, autoescape=True) for form in sorted(forms)), *uploads)


def _without(table: sa.Table, row: Mapping[Any, Any], named: Named) -> dict[str, Any]:
    """Return the columns of a row that name somebody, as they are without."""
    without = {column.name: named.without(row[column.name]) for column in _columns(table)}
    return {name: value for name, value in without.items() if value != row[name]}


def _beside(table: sa.Table, now: datetime) -> dict[str, Any]:
    """Return what else changes in a row.

    Without its salt a text is known to be another one than the log tells of. Past incidents are read anew by time.
    """
    beside: dict[str, dict[str, Any]] = {"texts": {"salt": ""}, "past_incidents": {"changed_at": now}}
    return beside.get(table.name, {})
