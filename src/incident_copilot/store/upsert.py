"""INSERT with ON CONFLICT, which both databases have and SQLAlchemy spells once per dialect."""

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


async def insert_if_new(db: AsyncConnection, table: sa.Table, values: dict[str, Any]) -> bool:
    """Insert one row; return False when a unique key says it is there already."""
    result = await db.execute(insert(db, table).values(values).on_conflict_do_nothing())
    return result.rowcount == 1
