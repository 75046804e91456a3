"""Texts: what people wrote, apart from the log so that it can be erased while the chain still verifies."""

import hashlib
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import new_id
from incident_copilot.store.tables import texts


async def store_text(
    db: AsyncConnection, *, incident_id: str | None, author: str | None, text: str, now: datetime
) -> dict[str, str]:
    """Keep a text and return what a log payload says of it: {"text": id, "sha256": salted hash}."""
    row = {"id": new_id(now), "incident_id": incident_id, "author": author, "salt": secrets.token_hex(16), "text": text}
    await db.execute(sa.insert(texts).values(row))
    return {"text": str(row["id"]), "sha256": _salted(str(row["salt"]), text)}


async def text_of(db: AsyncConnection, text_id: str) -> str | None:
    """Return a text, or None where it was erased."""
    return (await db.execute(sa.select(texts.c.text).where(texts.c.id == text_id))).scalar()


async def altered(db: AsyncConnection, logged: Mapping[str, str]) -> set[str]:
    """Return which texts are not the words that the log was written about, of ids with the hash that it has of each.

    What was erased, or a name in it, is not among them: that leaves no salt.
    """
    found = await db.execute(sa.select(texts).where(texts.c.id.in_(list(logged)), texts.c.salt != ""))
    return {row.id for row in found if _salted(row.salt, row.text) != logged[row.id]}


async def erase(db: AsyncConnection, author: str, held: Collection[str] = ()) -> int:
    """Erase all texts of one author but for those of `held` incidents, salts included; return how many."""
    free = sa.or_(texts.c.incident_id.is_(None), texts.c.incident_id.not_in(held))
    return (await db.execute(sa.delete(texts).where(texts.c.author == author, free))).rowcount


async def cut(db: AsyncConnection, ids: Collection[str]) -> None:
    """Erase texts by id: their rows of the log are cut."""
    await db.execute(sa.delete(texts).where(texts.c.id.in_(ids)))


def _salted(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()
