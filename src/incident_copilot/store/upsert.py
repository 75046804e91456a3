"""INSERT with ON CONFLICT, which both databases have and SQLAlchemy spells once per dialect."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

Insert = sqlite.Insert | postgresql.Insert


def insert(db: AsyncConnection, table: sa.Table) -> Insert:
    """Return this database's own INSERT, with `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return insert_in(db.dialect.name, table)


def insert_in(dialect: str, table: sa.Table) -> Insert:
    """Return the INSERT of a database by its name, for statements that are made once and used again."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


async def insert_new(
    db: AsyncConnection, table: sa.Table, rows: Sequence[Mapping[str, Any]], *keys: sa.ColumnElement[Any]
) -> frozenset[tuple[Any, ...]]:
    """Insert the rows whose unique keys are not there yet; return `keys` of those that were not.

    Rows come in one order, so that two processes never wait for each other in a circle.
    """
    if not rows:
        return frozenset()
    return frozenset(tuple(row) for row in await db.execute(_if_new(db.dialect.name, table, keys), rows))


@cache
def _if_new(dialect: str, table: sa.Table, keys: tuple[sa.ColumnElement[Any], ...]) -> ReturningInsert[Any]:
    """Built once: compiling it anew for each batch would hold up the loop."""
    return insert_in(dialect, table).on_conflict_do_nothing().returning(*keys)


@cache
def _unless_there(dialect: str, table: sa.Table) -> Insert:
    return insert_in(dialect, table).on_conflict_do_nothing()


async def insert_if_new(db: AsyncConnection, table: sa.Table, values: dict[str, Any]) -> bool:
    """Insert one row; return False when a unique key says it is there already."""
    return (await db.execute(_unless_there(db.dialect.name, table), values)).rowcount == 1
