"""Rows of AI systems in a span of time, whatever table they are in."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection


def of_system(
    table: sa.Table, workspace_id: str, system: str, since: datetime, until: datetime
) -> sa.ColumnElement[bool]:
    """Return what holds for the rows of a system after `since` and until `until`."""
    rows = table.c
    return sa.and_(rows.workspace_id == workspace_id, rows.system == system, rows.at > since, rows.at <= until)


async def forget_before(db: AsyncConnection, table: sa.Table, workspace_id: str, then: datetime) -> int:
    """Delete the rows until a time; return how many."""
    old = sa.and_(table.c.workspace_id == workspace_id, table.c.at <= then)
    return (await db.execute(sa.delete(table).where(old))).rowcount
