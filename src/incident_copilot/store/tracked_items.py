"""Action items that another system knows too, for those who look there what became of them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.postmortem import ActionItem
from incident_copilot.store.bodies import value_of
from incident_copilot.store.tables import action_items

MOST = 2_000


async def since(db: AsyncConnection, workspace_id: str, at: datetime) -> list[ActionItem]:
    """Return the tracked items that are open, or were done since, in a steady order; at most two thousand."""
    tracked = sa.and_(action_items.c.workspace_id == workspace_id, action_items.c.external_key.is_not(None))
    lately = sa.or_(action_items.c.done_at.is_(None), action_items.c.done_at >= at)
    query = sa.select(action_items.c.body).where(tracked, lately)
    found = await db.execute(query.order_by(action_items.c.incident_id, action_items.c.number).limit(MOST))
    return [value_of(ActionItem, row.body) for row in found]
