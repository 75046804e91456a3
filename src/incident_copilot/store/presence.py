"""Presence: shows that this process lives, and ends the leases of processes that do not, before they run out."""

import contextlib
import fcntl
import secrets
from pathlib import Path
from typing import IO

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.store.db import EFFECTS, Db, postgres_engine, trouble_as_unavailable, wake
from incident_copilot.store.tables import effects, jobs

_LOCKS = 0x1C07A11E  # any constant will do: it tells these advisory locks from others'
_MARK = "@"
_ALIVE = sa.text(
    "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = :locks AND objsubid = 2 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Presence:
    """A lock that the system takes back the moment the process is gone; named in the leases of its process."""

    def __init__(self, db: Db) -> None:
        self._db = db
        self._number = secrets.randbits(31)
        self._file: IO[str] | None = None
        self._session: AsyncConnection | None = None
        self._missing: set[str] = set()

    def sign(self, name: str) -> str:
        """Return the name under which a part of this process takes leases."""
        return f"{name}{_MARK}{self._number:08x}"

    async def look_around(self) -> int:
        """Show that this process lives, and end the leases of those that do not; return how many holders had died.

        Taking over early is safe: results are fenced, and what may have been sent is looked up first. With SQLite,
        where one process is the rule, it is done once; with PostgreSQL whoever is missing twice in a row is dead, so
        that a restart of the database gives everybody the time to come back.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        if self._db.has_one_process:
            return 0 if self._file or not self._lock_file() else await self._bury(await self._others(set()))
        missing = await self._others(await self._living())
        dead, self._missing = missing & self._missing, missing
        return await self._bury(dead)

    async def leave(self) -> None:
        """Give the lock back."""
        if self._file:
            self._file.close()
            self._file = None
        await self._drop_session()

    def _lock_file(self) -> bool:
        # A file of its own: closing the database's file would take away SQLite's locks on it.
        self._file = Path(f"{self._db.url.database}.lock").open("a", encoding="utf-8")  # noqa: SIM115 -- while we live
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            self._file = None
        return self._file is not None

    async def _living(self) -> set[str]:
        """Everybody who holds the lock of a number; our own session may have been lost with the database's restart."""
        try:
            with trouble_as_unavailable():
                session = self._session or await self._new_session()
                return {f"{number:08x}" for number in (await session.execute(_ALIVE, {"locks": _LOCKS})).scalars()}
        except BaseException:
            await self._drop_session()
            raise

    async def _new_session(self) -> AsyncConnection:
        engine = postgres_engine(self._db.url, 1).execution_options(isolation_level="AUTOCOMMIT")
        self._session = await engine.connect()
        await self._session.execute(sa.select(sa.func.pg_advisory_lock(_LOCKS, self._number)))
        return self._session

    async def _drop_session(self) -> None:
        session, self._session = self._session, None
        if session:
            with contextlib.suppress(sa.exc.DBAPIError, OSError):
                await session.close()
            await session.engine.dispose()

    async def _others(self, living: set[str]) -> set[str]:
        """Return the signed names in leases whose process is not among the living."""
        held = sa.union(*(sa.select(table.c.lease_by).where(table.c.state == "leased") for table in (jobs, effects)))
        async with self._db.read() as view:
            names = [name for name in (await view.execute(held)).scalars() if name and _MARK in name]
        return {name for name in names if _process_of(name) not in living | {f"{self._number:08x}"}}

    async def _bury(self, dead: set[str]) -> int:
        if not dead:
            return 0
        async with self._db.transaction(EFFECTS) as tx:
            clock = await Db.clock(tx)
            for table in (jobs, effects):
                theirs = sa.and_(table.c.state == "leased", table.c.lease_by.in_(dead), table.c.lease_until > clock)
                await tx.execute(sa.update(table).where(theirs).values(lease_until=clock))
            wake(tx, "jobs")
            wake(tx, "effects")
        return len(dead)


def _process_of(name: str) -> str:
    return name.partition(_MARK)[2].partition(":")[0]
