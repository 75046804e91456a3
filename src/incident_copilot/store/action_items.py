"""Action items: the work that follows an incident, each under a number that people can say."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.postmortem import ActionItem
from incident_copilot.errors import UnknownThing
from incident_copilot.store.bodies import body_of, value_of
from incident_copilot.store.tables import action_items


async def add(db: AsyncConnection, workspace_id: str, item: ActionItem) -> ActionItem:
    """Keep an item under the next number of its incident; call it after the incident is locked."""
    here = action_items.c.incident_id == item.incident_id
    last = (await db.execute(sa.select(sa.func.max(action_items.c.number)).where(here))).scalar() or 0
    numbered = item.model_copy(update={"number": last + 1})
    key = {"workspace_id": workspace_id, "incident_id": item.incident_id, "number": numbered.number}
    await db.execute(sa.insert(action_items).values(**key, **_columns(numbered)))
    return numbered


async def get(db: AsyncConnection, incident_id: str, number: int) -> ActionItem:
    """Return an item.

    Raises:
        UnknownThing: the incident has none of this number.
    """
    query = sa.select(action_items.c.body).where(_is(incident_id, number))
    row = (await db.execute(query)).first()
    if row is None:
        raise UnknownThing(f"no action item {number}")
    return value_of(ActionItem, row.body)


async def save(db: AsyncConnection, item: ActionItem) -> ActionItem:
    """Write an item back; call it after its incident is locked."""
    await db.execute(sa.update(action_items).where(_is(item.incident_id, item.number)).values(_columns(item)))
    return item


async def of_incident(db: AsyncConnection, incident_id: str) -> list[ActionItem]:
    """Return the items of an incident in the order in which they were added."""
    query = sa.select(action_items.c.body).where(action_items.c.incident_id == incident_id)
    return [value_of(ActionItem, row.body) for row in await db.execute(query.order_by(action_items.c.number))]


async def open_ones(
    db: AsyncConnection, workspace_id: str, assignees: Collection[str | None] | None = None, limit: int = 200
) -> list[ActionItem]:
    """Return the open items, due ones first; with `assignees` theirs only, None among them for those of nobody."""
    query = sa.select(action_items.c.body).where(
        action_items.c.workspace_id == workspace_id, action_items.c.done_at.is_(None)
    )
    if assignees is not None:
        named = action_items.c.assignee.in_([one for one in assignees if one])
        query = query.where(sa.or_(named, action_items.c.assignee.is_(None)) if None in assignees else named)
    due_first = (action_items.c.due.is_(None), action_items.c.due, action_items.c.incident_id, action_items.c.number)
    return [value_of(ActionItem, row.body) for row in await db.execute(query.order_by(*due_first).limit(limit))]


def _is(incident_id: str, number: int) -> sa.ColumnElement[bool]:
    return sa.and_(action_items.c.incident_id == incident_id, action_items.c.number == number)


def _columns(item: ActionItem) -> dict[str, object]:
    mirrored = _external(item.external.system, item.external.key) if item.external else None
    return {
        "assignee": item.assignee,
        "due": item.due,
        "done_at": item.done_at,
        "external_key": mirrored,
        "body": body_of(item),
    }


def _external(system: str, key: str) -> str:
    return f"{system}:{key}"[:200]
