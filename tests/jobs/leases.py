"""Leases that run out, as when their process was killed or stopped."""

from datetime import UTC, datetime

import sqlalchemy as sa

from incident_copilot.store.tables import effects

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def expire(db):
    """Let the lease of every effect run out."""
    async with db.transaction() as tx:
        await tx.execute(sa.update(effects).values(lease_until=LONG_AGO))
