"""INSERT with ON CONFLICT, which both databases have and SQLAlchemy spells once per dialect."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Insert = sqlite.Insert | postgresql.Insert


def insert(db: AsyncConnection, table: sa.Table) -> Insert:
    """Return this database's own INSERT, with `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return insert_in(db.dialect.name, table)


def insert_in(dialect: str, table: sa.Table) -> Insert:
    """Return the INSERT of a database by its name, for statements that are made once and used again."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


_AT_ONCE = 200
"""Rows of one statement: SQLite takes 32,766 values in one, PostgreSQL's driver 32,767."""


async def insert_new(
    db: AsyncConnection, table: sa.Table, rows: Sequence[Mapping[str, Any]], *keys: sa.ColumnElement[Any]
) -> frozenset[tuple[Any, ...]]:
    """Insert the rows whose unique keys are not there yet; return `keys` of those that were not.

    Rows come in one order, so that two processes never wait for each other in a circle.
    """
    new: set[tuple[Any, ...]] = set()
    for first in range(0, len(rows), _AT_ONCE):
        statement = insert(db, table).values(rows[first : first + _AT_ONCE]).on_conflict_do_nothing()
        new |= {tuple(row) for row in await db.execute(statement.returning(*keys))}
    return frozenset(new)


async def insert_if_new(db: AsyncConnection, table: sa.Table, values: dict[str, Any]) -> bool:
    """Insert one row; return False when a unique key says it is there already."""
    result = await db.execute(insert(db, table).values(values).on_conflict_do_nothing())
    return result.rowcount == 1
