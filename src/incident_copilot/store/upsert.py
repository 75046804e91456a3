"""INSERT with ON CONFLICT, which both databases have and SQLAlchemy spells once per dialect."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def insert(db: AsyncConnection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """Return this database's own INSERT, with `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return postgresql.insert(table) if db.dialect.name == "postgresql" else sqlite.insert(table)


async def insert_if_new(db: AsyncConnection, table: sa.Table, values: dict[str, Any]) -> bool:
    """Insert one row; return False when a unique key says it is there already."""
    result = await db.execute(insert(db, table).values(values).on_conflict_do_nothing())
    return result.rowcount == 1
