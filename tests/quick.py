"""SQLite without what takes longer than itself: threads, the driver for asyncio, the disk, and making its tables."""

import asyncio
import tempfile
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path

import httpx
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.util import LRUCache

from incident_copilot.store import schema
from incident_copilot.store.at_once import Direct
from incident_copilot.store.db import WAIT_S, Db, direct_sqlite
from incident_copilot.store.turns import Turns

MIGRATIONS = Path(__file__).parents[1] / "migrations"
TLS = httpx.create_ssl_context(trust_env=False)
"""What clients of tests trust; to read all the roots anew takes longer than most tests."""
LOCK_WAIT_MS = 2000
CONNECTIONS = 10


def _connected_dialect():
    engine = sa.create_engine("sqlite://")
    engine.connect().close()
    return engine.dialect


# A statement is compiled once for each engine, and each test has an engine of its own: together they compile once.
_DIALECT = _connected_dialect()
_COMPILED = LRUCache(2000)


class _Engine:
    """Stands for an engine of asyncio: its connections answer at once, in the thread that asks."""

    def __init__(self, url, *, writes):
        self.url = url
        self._seen_as = create_async_engine(url)
        self.sync_engine = direct_sqlite(url, LOCK_WAIT_MS, writes=writes, connections=CONNECTIONS)
        self.sync_engine.dialect, self.sync_engine._compiled_cache = _DIALECT, _COMPILED

    @asynccontextmanager
    async def begin(self):
        with self.sync_engine.begin() as connection:
            yield Direct(self._seen_as, connection)

    @asynccontextmanager
    async def connect(self):
        with self.sync_engine.connect() as connection:
            yield Direct(self._seen_as, connection)

    async def dispose(self):
        self.sync_engine.dispose()
        await self._seen_as.dispose()


def opened_quickly(url):
    """Return the database at `url`, with the same statements and transactions and two thirds of the time."""
    parsed = sa.make_url(url)
    return Db(_Engine(parsed, writes=True), _Engine(parsed, writes=False), Turns(), WAIT_S)


@contextmanager
def in_memory():
    """Give a folder where syncing costs nothing, where the system has one."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@cache
def migrated():
    """The bytes of a SQLite database with all tables, made once; not to be asked for where an event loop runs."""
    with in_memory() as folder:
        path = folder / "copilot.db"
        asyncio.run(schema.upgrade(f"sqlite+aiosqlite:///{path}", MIGRATIONS))
        return path.read_bytes()
