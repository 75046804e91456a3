"""Db: transactions that commit or leave nothing, urgent ones first, and trouble named as what it is."""

import asyncio
import sqlite3
import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from incident_copilot.errors import ConfigError, StoreUnavailable
from incident_copilot.store import people
from incident_copilot.store.db import CLICKS, INGEST, JOBS, Db, wake
from incident_copilot.store.tables import people as people_table

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def db(ordinary_db):
    return ordinary_db


async def _names(db):
    async with db.read() as view:
        return await people.names(view, "w")


async def test_transaction_commits_at_its_end(any_db):
    async with any_db.transaction() as tx:
        await people.remember(tx, "w", "U1", "Ada", NOON)

    assert await _names(any_db) == {"U1": "Ada"}


async def test_transaction_that_an_error_leaves_records_nothing(any_db):
    async def write_and_fail():
        async with any_db.transaction() as tx:
            await people.remember(tx, "w", "U1", "Ada", NOON)
            raise ValueError("of the body")

    with pytest.raises(ValueError, match="of the body"):
        await write_and_fail()

    assert await _names(any_db) == {}


async def test_read_sees_one_moment(any_db):
    async with any_db.read() as view:
        before = await people.names(view, "w")
        async with any_db.transaction() as tx:
            await people.remember(tx, "w", "U1", "Ada", NOON)
        after = await people.names(view, "w")

    assert (before, after) == ({}, {})


async def test_read_cannot_write(any_db):
    with pytest.raises((StoreUnavailable, sa.exc.DBAPIError), match=r"read.?only"):
        async with any_db.read() as view:
            await people.remember(view, "w", "U1", "Ada", NOON)


async def test_clicks_go_before_ingest_and_ingest_before_jobs(db):
    order = []

    async def write(priority):
        async with db.transaction(priority):
            order.append(priority)

    async with db.transaction(JOBS):
        writers = [asyncio.create_task(write(priority)) for priority in (JOBS, INGEST, CLICKS)]
        await asyncio.sleep(0)
    await asyncio.gather(*writers)

    assert order == [CLICKS, INGEST, JOBS]


async def test_writer_whose_turn_does_not_come_in_time_records_nothing(sqlite_url):
    db = Db.open(sqlite_url, wait_s={CLICKS: 0.01, JOBS: 5})
    async with db.transaction(JOBS):
        with pytest.raises(StoreUnavailable, match="the database does not answer: no answer in time"):
            async with db.transaction(CLICKS):
                pass
    await db.close()


async def test_database_locked_by_another_process_is_unavailable_and_recovers(sqlite_url):
    db = Db.open(sqlite_url, lock_wait_s=0.01)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite+aiosqlite:///"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreUnavailable, match="database is locked"):
        async with db.transaction() as tx:
            await people.remember(tx, "w", "U1", "Ada", NOON)
    other.execute("ROLLBACK")
    other.close()
    async with db.transaction() as tx:
        await people.remember(tx, "w", "U2", "Ben", NOON)

    assert await _names(db) == {"U2": "Ben"}
    await db.close()


async def test_full_disk_is_unavailable_while_reads_go_on(db):
    async with db.transaction() as tx:
        await tx.exec_driver_sql("PRAGMA max_page_count = 1")
    with pytest.raises(StoreUnavailable, match="full"):
        async with db.transaction() as tx:
            await people.remember(tx, "w", "U1", "A" * 100_000, NOON)

    assert await _names(db) == {}


async def test_mistake_in_a_statement_is_not_called_unavailable(any_db):
    with pytest.raises(sa.exc.IntegrityError):
        async with any_db.transaction() as tx:
            await tx.execute(sa.insert(people_table).values(workspace_id="w", chat_id="U1", name=None, seen_at=NOON))


async def test_server_that_is_away_is_unavailable():
    db = Db.open("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    with pytest.raises(StoreUnavailable):
        async with db.read():
            pass
    await db.close()


async def test_database_that_is_not_there_is_unavailable(postgres_server):
    db = Db.open(sa.make_url(postgres_server).set(database="nothing").render_as_string(hide_password=False))
    with pytest.raises(StoreUnavailable, match="does not exist"):
        async with db.read():
            pass
    await db.close()


async def test_cut_connection_is_unavailable_and_the_next_one_works(postgres_db):
    async def write_and_be_cut():
        async with postgres_db.transaction() as tx:
            own = (await tx.execute(sa.select(sa.func.pg_backend_pid()))).scalar_one()
            async with postgres_db.transaction() as other:
                await other.execute(sa.select(sa.func.pg_terminate_backend(own)))
            await people.remember(tx, "w", "U1", "Ada", NOON)

    with pytest.raises(StoreUnavailable):
        await write_and_be_cut()

    assert await _names(postgres_db) == {}


async def test_deadlock_is_unavailable_for_one_of_the_two(postgres_db):
    async with postgres_db.transaction() as tx:
        await people.remember(tx, "w", "U1", "Ada", NOON)
        await people.remember(tx, "w", "U2", "Ben", NOON)
    both_hold_one = asyncio.Barrier(2)

    async def rename(first, second):
        async with postgres_db.transaction() as tx:
            await tx.execute(sa.text("SET LOCAL deadlock_timeout = '10ms'"))
            await people.remember(tx, "w", first, "Cid", NOON)
            await both_hold_one.wait()
            await people.remember(tx, "w", second, "Cid", NOON)

    results = await asyncio.gather(rename("U1", "U2"), rename("U2", "U1"), return_exceptions=True)

    assert sorted(type(result).__name__ for result in results) == ["NoneType", "StoreUnavailable"]
    assert await _names(postgres_db) == {"U1": "Cid", "U2": "Cid"}


async def test_mistake_that_postgresql_names_itself_is_not_called_unavailable(postgres_db):
    with pytest.raises(sa.exc.DBAPIError, match="division by zero"):
        async with postgres_db.transaction() as tx:
            await tx.execute(sa.text("SELECT 1 / 0"))


async def test_database_clock_is_aware_and_runs_with_this_machine(any_db):
    async with any_db.read() as view:
        offset = await Db.clock(view) - datetime.now(UTC)

    assert abs(offset) < timedelta(seconds=5)


async def test_listeners_hear_of_work_after_the_commit_only(db):
    heard = []
    db.on_commit("jobs", lambda: heard.append("jobs"))
    db.on_commit("effects", lambda: heard.append("effects"))
    async with db.transaction() as tx:
        wake(tx, "jobs")
        before = list(heard)

    async def wake_and_fail():
        async with db.transaction() as tx:
            wake(tx, "effects")
            raise ValueError("of the body")

    with pytest.raises(ValueError, match="of the body"):
        await wake_and_fail()
    async with db.transaction():
        pass

    assert (before, heard) == ([], ["jobs"])


async def test_folder_of_a_file_is_made(tmp_path):
    db = Db.open(f"sqlite+aiosqlite:///{tmp_path}/var/new/copilot.db")
    async with db.read() as view:
        mode = (await view.exec_driver_sql("PRAGMA journal_mode")).scalar()

    assert mode == "wal"
    await db.close()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("nonsense", "COPILOT_DATABASE_URL is not a URL"),
        ("mysql://host/name", "COPILOT_DATABASE_URL is for mysql"),
        ("sqlite+aiosqlite://", r"COPILOT_DATABASE_URL is for sqlite\+aiosqlite"),
        ("sqlite+aiosqlite:///:memory:", r"COPILOT_DATABASE_URL is for sqlite\+aiosqlite"),
    ],
)
def test_url_of_no_supported_database_is_refused(url, problem):
    with pytest.raises(ConfigError, match=problem):
        Db.open(url)


async def test_transaction_in_one_go_commits_and_returns_what_its_body_returns(any_db):
    async def write(tx):
        await people.remember(tx, "w", "U1", "Ada", NOON)
        return "written"

    assert await any_db.in_one_go(write) == "written"
    assert await _names(any_db) == {"U1": "Ada"}


async def test_transaction_in_one_go_that_fails_records_nothing(any_db):
    async def write_and_fail(tx):
        await people.remember(tx, "w", "U1", "Ada", NOON)
        raise ValueError("of the body")

    with pytest.raises(ValueError, match="of the body"):
        await any_db.in_one_go(write_and_fail)

    assert await _names(any_db) == {}


async def test_transaction_in_one_go_wakes_those_whom_it_leaves_work(any_db):
    woken = []
    any_db.on_commit("jobs", lambda: woken.append("jobs"))

    async def leave_work(tx):
        wake(tx, "jobs")

    await any_db.in_one_go(leave_work)

    assert woken == ["jobs"]


async def test_transaction_in_one_go_that_is_cancelled_is_over_when_the_cancellation_arrives(db):
    begun, go_on = threading.Event(), threading.Event()

    async def write(tx):
        begun.set()
        go_on.wait(10)
        await people.remember(tx, "w", "U1", "Ada", NOON)

    writing = asyncio.create_task(db.in_one_go(write))
    await asyncio.to_thread(begun.wait, 10)
    writing.cancel()
    go_on.set()

    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await _names(db) == {"U1": "Ada"}


async def test_transaction_in_one_go_may_not_wait_for_anything_else(db):
    async def wait(tx):
        await people.remember(tx, "w", "U1", "Ada", NOON)
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="something else than its database"):
        await db.in_one_go(wait)

    assert await _names(db) == {}
