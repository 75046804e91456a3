"""The ledger of what left for a language model, and how much of what came back was supported."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.egress import Egress
from incident_copilot.store.tables import egress


class Rate(NamedTuple):
    """Of one model and prompt: how many sentences it wrote, and how many of them code struck."""

    model: str
    prompt: str
    sentences: int
    struck: int


async def add(db: AsyncConnection, workspace_id: str, incident_id: str | None, sent: Egress) -> None:
    """Keep what is about to leave."""
    row = {"workspace_id": workspace_id, "incident_id": incident_id, **sent.model_dump()}
    await db.execute(sa.insert(egress).values(**row))


async def note_answer(db: AsyncConnection, sent: Egress, *, model: str, sentences: int, struck: int) -> None:
    """Keep what came back for it."""
    values = {"model": model, "sentences": sentences, "struck": struck}
    await db.execute(sa.update(egress).where(egress.c.id == sent.id).values(**values))


async def of_incident(db: AsyncConnection, incident_id: str) -> list[Egress]:
    """Return what left for an incident, oldest first."""
    query = sa.select(egress).where(egress.c.incident_id == incident_id).order_by(egress.c.id)
    names = Egress.model_fields
    return [Egress(**{name: row[name] for name in names}) for row in (await db.execute(query)).mappings()]


async def rates(db: AsyncConnection, workspace_id: str, since: datetime | None = None) -> Sequence[Rate]:
    """Return how much of the models' words was supported, by model and prompt; of all time or since then."""
    newer = egress.c.at >= since if since else sa.true()
    query = (
        sa.select(egress.c.model, egress.c.prompt, sa.func.sum(egress.c.sentences), sa.func.sum(egress.c.struck))
        .where(egress.c.workspace_id == workspace_id, egress.c.sentences.is_not(None), newer)
        .group_by(egress.c.model, egress.c.prompt)
        .order_by(egress.c.model, egress.c.prompt)
    )
    return [Rate(model, prompt, int(all_), int(struck)) for model, prompt, all_, struck in await db.execute(query)]
