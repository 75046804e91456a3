"""Who wants to hear of which incidents; one row a person, erasable."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.incident import Severity
from incident_copilot.store.tables import subscriptions
from incident_copilot.store.upsert import insert


class Subscription(Frozen):
    """Somebody who hears of incidents of a severity and above: by direct message, or at an address."""

    person: str
    severity: Severity
    address: str | None = None

    @property
    def how(self) -> str:
        """In words."""
        return "by e-mail" if self.address else "by direct message"


async def keep(db: AsyncConnection, workspace_id: str, wanted: Subscription, now: datetime) -> None:
    """Keep what a person wants, in the place of what they wanted before."""
    changed: dict[str, Any] = {"severity": wanted.severity.value, "address": wanted.address, "at": now}
    made = insert(db, subscriptions).values(workspace_id=workspace_id, person=wanted.person, **changed)
    await db.execute(made.on_conflict_do_update(index_elements=["workspace_id", "person"], set_=changed))


async def forget(db: AsyncConnection, workspace_id: str, person: str) -> bool:
    """Forget what a person wanted; False where there was nothing."""
    here = sa.and_(subscriptions.c.workspace_id == workspace_id, subscriptions.c.person == person)
    return (await db.execute(sa.delete(subscriptions).where(here))).rowcount == 1


async def of(db: AsyncConnection, workspace_id: str, person: str) -> Subscription | None:
    """Return what a person wants, or None."""
    found = [one for one in await every(db, workspace_id) if one.person == person]
    return found[0] if found else None


async def every(db: AsyncConnection, workspace_id: str) -> list[Subscription]:
    """Return what all want, by person."""
    query = sa.select(subscriptions).where(subscriptions.c.workspace_id == workspace_id)
    return [_read(row) for row in (await db.execute(query.order_by(subscriptions.c.person))).mappings()]


def _read(row: Mapping[Any, Any]) -> Subscription:
    return Subscription(person=row["person"], severity=Severity(row["severity"]), address=row["address"])
