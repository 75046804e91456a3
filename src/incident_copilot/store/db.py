"""Db: the database as everybody opens it: short transactions, urgent ones first, trouble under one name."""

from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from incident_copilot.errors import ConfigError, StoreUnavailable
from incident_copilot.store.at_once import AtOnce, Body, Result
from incident_copilot.store.turns import Turns

Tx = AsyncConnection
"""An open transaction, for those who may not import SQLAlchemy."""

CLICKS, INGEST, EFFECTS, JOBS = range(4)
"""Priorities of writers, the most urgent first."""

WAIT_S = {CLICKS: 2.0, INGEST: 2.0, EFFECTS: 30.0, JOBS: 30.0}
"""How long a writer waits for its turn; people and senders are told early, the copilot's own work is patient."""

Topic = Literal["jobs", "effects"]

_CONNECT_TIMEOUT_S = 3.0
_STATEMENT_TIMEOUT_S = 10.0
# Whoever is stopped in the middle of a transaction holds its locks no longer than this.
_PAUSE_TIMEOUT = "8s"
_READERS = 4
_POOL_SIZE = 10
_WOKEN = "woken after commit"

_POSTGRES_CLOCK = sa.select(sa.func.clock_timestamp())

# PostgreSQL's classes of errors that are none of ours: connection, login, no such database, rollback (deadlock),
# resources (disk full), state (lock), operator (shutdown), system.
_TROUBLE_CLASSES = ("08", "28", "3D", "40", "53", "55", "57", "58")


class Db:
    """One database: SQLite with one writer at a time behind a queue, or PostgreSQL with a pool."""

    def __init__(
        self,
        writer: AsyncEngine,
        reader: AsyncEngine,
        turns: Turns | None,
        wait_s: Mapping[int, float],
        at_once: AtOnce | None = None,
        looks: AtOnce | None = None,
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._at_once = at_once
        self._looks = looks
        self._turns = turns
        self._wait_s = wait_s
        self._listeners: dict[Topic, list[Callable[[], None]]] = {"jobs": [], "effects": []}

    @classmethod
    def open(cls, url: str, *, wait_s: Mapping[int, float] = WAIT_S, lock_wait_s: float = 2.0) -> "Db":
        """Return the database at `url`, without connecting yet; the folder of a SQLite file is made.

        `wait_s` bounds the wait for a turn by priority, `lock_wait_s` the one for another process that writes.

        Raises:
            ConfigError: the URL is of no database that is supported.
        """
        parsed = database_url(url)
        if parsed.drivername == "sqlite+aiosqlite":
            Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
            lock_wait_ms = round(lock_wait_s * 1000)
            writer = _sqlite(parsed, "BEGIN IMMEDIATE", 1, lock_wait_ms)
            reader = _sqlite(parsed, "BEGIN", _READERS, lock_wait_ms)
            at_once = AtOnce(direct_sqlite(parsed, lock_wait_ms, writes=True), writer)
            looks = AtOnce(direct_sqlite(parsed, lock_wait_ms, writes=False), reader)
            return cls(writer, reader, Turns(), wait_s, at_once, looks)
        engine = postgres_engine(parsed, _POOL_SIZE)
        reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return cls(engine, reading, None, wait_s)

    @property
    def url(self) -> URL:
        """Where it is."""
        return self._writer.url

    @property
    def has_one_process(self) -> bool:
        """Whether one process at a time works on it, as is the rule with SQLite."""
        return self.url.drivername == "sqlite+aiosqlite"

    @asynccontextmanager
    async def transaction(self, priority: int = JOBS) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that may write; it commits at the end, and rolls back when an error leaves it.

        Raises:
            StoreUnavailable: the database did not take it; nothing was recorded.
        """
        with trouble_as_unavailable():
            async with self._turn(priority), self._writer.begin() as tx:
                woken: set[Topic] = set()
                tx.info[_WOKEN] = woken
                yield tx
        self._ring(woken)

    async def in_one_go(self, body: Body[Result], priority: int = JOBS) -> Result:
        """Return what `body` returns, once it is committed; it awaits nothing but the database.

        Raises:
            StoreUnavailable: the database did not take it; nothing was recorded.
        """
        if self._at_once is None:
            async with self.transaction(priority) as tx:
                return await body(tx)
        woken: set[Topic] = set()

        async def marked(tx: AsyncConnection) -> Result:
            tx.info[_WOKEN] = woken
            return await body(tx)

        with trouble_as_unavailable():
            async with self._turn(priority):
                result = await self._at_once.run(marked)
        self._ring(woken)
        return result

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that sees one moment of the database and cannot write.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        with trouble_as_unavailable():
            async with self._reader.connect() as view:
                yield view

    async def look(self, body: Body[Result]) -> Result:
        """Return what `body` returns, which reads in one go and awaits nothing but the database.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        if self._looks is None:
            async with self.read() as view:
                return await body(view)
        with trouble_as_unavailable():
            return await self._looks.run(body)

    @staticmethod
    async def clock(db: AsyncConnection) -> datetime:
        """Return the time by the database's clock, which all replicas share: leases are measured by it.

        A file of SQLite has the clock of its machine, which need not be asked by a statement.
        """
        if db.dialect.name == "sqlite":
            return datetime.now(UTC)
        now: datetime = (await db.execute(_POSTGRES_CLOCK)).scalar_one()
        return now.astimezone(UTC)

    def on_commit(self, topic: Topic, listener: Callable[[], None]) -> None:
        """Have `listener` called after each commit that left work of this sort; it must be quick."""
        self._listeners[topic].append(listener)

    def _ring(self, woken: Collection[Topic]) -> None:
        for topic in woken:
            for listener in self._listeners[topic]:
                listener()

    def _turn(self, priority: int) -> AbstractAsyncContextManager[None]:
        return self._turns.take(priority, self._wait_s[priority]) if self._turns else nullcontext()

    async def close(self) -> None:
        """Close all connections."""
        for in_a_thread in filter(None, (self._at_once, self._looks)):
            await in_a_thread.close()
        await self._writer.dispose()
        await self._reader.dispose()


def wake(tx: AsyncConnection, topic: Topic) -> None:
    """Have the listeners of a topic called once this transaction is committed."""
    tx.info.setdefault(_WOKEN, set()).add(topic)


def database_url(url: str) -> URL:
    """Return a checked URL.

    Raises:
        ConfigError: it is of no database that is supported.
    """
    wanted = "use sqlite+aiosqlite:///path/to/file.db or postgresql+asyncpg://user:password@host/name"
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError as error:
        raise ConfigError(f"COPILOT_DATABASE_URL is not a URL: {wanted}") from error
    in_a_file = parsed.drivername == "sqlite+aiosqlite" and parsed.database not in {None, "", ":memory:"}
    if not in_a_file and parsed.drivername != "postgresql+asyncpg":
        raise ConfigError(f"COPILOT_DATABASE_URL is for {parsed.drivername}: {wanted}")
    return parsed


def postgres_engine(url: URL, pool_size: int) -> AsyncEngine:
    """Return an engine whose every wait is bounded."""
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=_CONNECT_TIMEOUT_S,
        pool_pre_ping=True,
        connect_args={
            "timeout": _CONNECT_TIMEOUT_S,
            "command_timeout": _STATEMENT_TIMEOUT_S,
            "server_settings": {"idle_in_transaction_session_timeout": _PAUSE_TIMEOUT},
        },
    )


def sqlite_engine(url: URL, begin: str, pool_size: int, pragmas: dict[str, str]) -> AsyncEngine:
    """Return an engine whose transactions start with `begin`, so that none has to ask for the write lock midway."""
    engine = create_async_engine(url, pool_size=pool_size, max_overflow=0, pool_timeout=_CONNECT_TIMEOUT_S)
    _prepare(engine.sync_engine, begin, pragmas)
    return engine


def _prepare(engine: sa.Engine, begin: str, pragmas: dict[str, str]) -> None:
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for name, value in pragmas.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    def start(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    sa.event.listen(engine, "connect", prepare)
    sa.event.listen(engine, "begin", start)


@contextmanager
def trouble_as_unavailable() -> Iterator[None]:
    """Name what is the database's trouble and not a mistake of ours; no transaction spans a network call,
    so an OSError inside of one comes from the connection to the database."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError, OSError) as error:
        raise StoreUnavailable(f"the database does not answer: {_first_line(error)}") from error
    except sa.exc.DBAPIError as error:
        if not _is_trouble(error):
            raise
        raise StoreUnavailable(f"the database does not answer: {_first_line(error)}") from error


def _sqlite(url: URL, begin: str, pool_size: int, lock_wait_ms: int) -> AsyncEngine:
    return sqlite_engine(url, begin, pool_size, _pragmas(lock_wait_ms, writes=begin == "BEGIN IMMEDIATE"))


def direct_sqlite(url: URL, lock_wait_ms: int, *, writes: bool, connections: int = 1) -> sa.Engine:
    """Return an engine whose connections answer at once, in the thread that asks."""
    engine = sa.create_engine(url.set(drivername="sqlite"), pool_size=connections, max_overflow=0)
    _prepare(engine, "BEGIN IMMEDIATE" if writes else "BEGIN", _pragmas(lock_wait_ms, writes=writes))
    return engine


def _pragmas(lock_wait_ms: int, *, writes: bool) -> dict[str, str]:
    return {
        "busy_timeout": str(lock_wait_ms),
        "journal_mode": "WAL",
        "synchronous": "FULL",
        "foreign_keys": "ON",
        "query_only": "OFF" if writes else "ON",
        # KiB. With a million alerts their keys fit no more into the 2 MB that SQLite takes by itself.
        "cache_size": "-32000" if writes else "-4000",
        # Pages of 4 KB. A storm changes the same pages again and again: they are copied once, not in each commit.
        "wal_autocheckpoint": "4000",
    }


def _is_trouble(error: sa.exc.DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None) or ""
    return _is_broken_file(error) or error.connection_invalidated or state.startswith(_TROUBLE_CLASSES)


def _is_broken_file(error: Exception) -> bool:
    return type(error) is sa.exc.DatabaseError  # its subclasses are mistakes in statements and values


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    said = (str(cause) or "no answer in time").splitlines()[0]
    return (
        f"{said}; restore the newest backup, then run `incident-copilot verify-log`" if _is_broken_file(error) else said
    )
