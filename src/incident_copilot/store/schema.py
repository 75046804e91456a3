"""Schema: brings a database to this release's tables, and refuses to work on one that it does not fit."""

import contextlib
import sqlite3
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy.ext.asyncio import AsyncEngine

from incident_copilot.errors import ConfigError
from incident_copilot.store.db import Db, database_url, postgres_engine, sqlite_engine, trouble_as_unavailable
from incident_copilot.store.tables import releases

HEAD = "0026"
"""The newest migration that this release knows; revisions are numbers, so older and newer can be told apart."""

OLDEST = "0001"
"""The oldest HEAD whose release still works with the tables of this one; a step that takes something away raises it."""

_MIGRATION_LOCK = 0x1C07AB1E  # any constant will do: it names the advisory lock under which tables are changed
_LOCK_WAIT_MS = "30000"


async def upgrade(db_url: str, migrations_dir: Path) -> None:
    """Create or change the tables, in one transaction and under a lock that lets only one process do it at a time.

    Raises:
        ConfigError: the database belongs to a newer release, with which this one does not work any more.
        StoreUnavailable: the database does not answer, or somebody holds it.
    """
    engine = _engine(db_url)
    try:
        with trouble_as_unavailable():
            async with engine.begin() as connection:
                if connection.dialect.name == "postgresql":
                    await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
                await connection.run_sync(_upgrade, migrations_dir)
    finally:
        await engine.dispose()
    if engine.dialect.name == "sqlite":
        _keep_a_log_ahead(str(engine.url.database))


async def check_schema(db: Db) -> None:
    """Return when the database has the tables of this release, or newer ones that it works with.

    Raises:
        ConfigError: it has those of an older one, or ones too new; the text says what to do.
        StoreUnavailable: it does not answer.
    """
    async with db.read() as view:
        revision = await view.run_sync(_revision)
        oldest = await view.run_sync(_oldest_for, revision)
    if revision is None:
        raise ConfigError("the database has no tables yet: run `incident-copilot migrate`")
    if revision < HEAD:
        raise ConfigError(
            f"the database is older than this release (at {revision}, needs {HEAD}): run `incident-copilot migrate`"
        )
    _refuse_too_new(revision, oldest)


def _keep_a_log_ahead(path: str) -> None:
    """The change to WAL stays with the file, and gives up at once where somebody else has it open: they do it then."""
    with contextlib.closing(sqlite3.connect(path)) as connection, contextlib.suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode=WAL")


def _upgrade(connection: sa.Connection, migrations_dir: Path) -> None:
    revision = _revision(connection) or ""
    _refuse_too_new(revision, _oldest_for(connection, revision))
    if revision > HEAD:
        return
    config = Config()
    config.set_main_option("script_location", str(migrations_dir).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.execute(sa.delete(releases).where(releases.c.head == HEAD))
    connection.execute(sa.insert(releases).values(head=HEAD, oldest=OLDEST))


def _revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _oldest_for(connection: sa.Connection, revision: str | None) -> str | None:
    """What the release of this revision wrote down about older ones; None where it wrote nothing."""
    if not sa.inspect(connection).has_table(releases.name):
        return None
    return connection.execute(sa.select(releases.c.oldest).where(releases.c.head == revision)).scalar()


def _refuse_too_new(revision: str, oldest: str | None) -> None:
    if revision > HEAD and (oldest is None or oldest > HEAD):
        raise ConfigError(
            f"the database belongs to a newer release (at {revision}, this one knows {HEAD}): start that release"
        )


def _engine(db_url: str) -> AsyncEngine:
    url = database_url(db_url)
    if url.drivername == "postgresql+asyncpg":
        return postgres_engine(url, 1)
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    # Foreign keys stay off: batch operations rebuild tables that others point to.
    return sqlite_engine(url, "BEGIN IMMEDIATE", 1, {"busy_timeout": _LOCK_WAIT_MS})
