"""The product on a database of its own, with a model or none and without a chat: for what people would be told."""

import contextlib
import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from evals.correlation import MIGRATIONS
from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.investigation import Spent
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbook import Library
from incident_copilot.pipeline.deps import Deps, Policy
from incident_copilot.ports import LLM
from incident_copilot.store import egress, model_calls, schema
from incident_copilot.store.db import Db
from incident_copilot.store.egress import Rate

WORKSPACE = "w"
NOTHING = Spent()
Fresh = Callable[[], Path]
"""Makes a database with all tables and nothing in them."""


@contextlib.asynccontextmanager
async def databases() -> AsyncIterator[Fresh]:
    """A maker of databases, which are gone at the end."""
    with tempfile.TemporaryDirectory() as scratch:
        blank = Path(scratch) / "blank.db"
        await schema.upgrade(f"sqlite+aiosqlite:///{blank}", MIGRATIONS)
        numbers = itertools.count()
        yield lambda: Path(shutil.copy(blank, Path(scratch) / f"{next(numbers)}.db"))


@contextlib.asynccontextmanager
async def product(
    path: Path, catalog: Catalog, *, now: datetime, llm: LLM | None, deadline: timedelta, **known: Any
) -> AsyncIterator[Deps]:
    """What the product works with at a time that stands still."""
    db = Db.open(f"sqlite+aiosqlite:///{path}")
    nothing: Any = None  # no chat: nothing is posted
    deps = Deps(
        db=db,
        now=lambda: now,
        workspace_id=WORKSPACE,
        chat=nothing,
        catalog=catalog,
        runbooks=RunbookIndex.build(Library()),
        policy=Policy(model_deadline=deadline),
        llm=llm,
        **known,
    )
    try:
        yield deps
    finally:
        await db.close()


async def noted(deps: Deps) -> tuple[Sequence[Rate], Spent]:
    """Return what the product itself noted of the model: how much of its words stood, and what its calls took."""
    async with deps.db.read() as db:
        return tuple(await egress.rates(db, WORKSPACE)), await model_calls.spent(db, WORKSPACE)
