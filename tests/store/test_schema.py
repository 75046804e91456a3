"""Schema: migrations give the tables the code knows, once, and other releases are refused."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from incident_copilot.errors import ConfigError, StoreUnavailable
from incident_copilot.store import schema
from incident_copilot.store.db import Db
from incident_copilot.store.tables import metadata
from incident_copilot.store.triggers import make_append_only

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def test_code_knows_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


async def test_migrated_tables_are_those_of_the_code(any_db):
    def differences(connection):
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)

    async with any_db.read() as view:
        assert await view.run_sync(differences) == []


async def test_database_of_this_release_is_accepted(any_db):
    assert await schema.check_schema(any_db) is None


async def test_upgrade_of_an_upgraded_database_changes_nothing(sqlite_url, fresh_postgres_url):
    for url in (sqlite_url, fresh_postgres_url):
        await schema.upgrade(url, MIGRATIONS)
        db = Db.open(url)
        assert await schema.check_schema(db) is None
        await db.close()


async def test_processes_that_start_together_migrate_once(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path}/new/copilot.db"
    await asyncio.gather(*(schema.upgrade(url, MIGRATIONS) for _ in range(3)))
    db = Db.open(url)

    assert await schema.check_schema(db) is None
    await db.close()


async def test_database_without_tables_is_refused(tmp_path):
    db = Db.open(f"sqlite+aiosqlite:///{tmp_path}/empty.db")
    with pytest.raises(ConfigError, match="has no tables yet: run `incident-copilot migrate`"):
        await schema.check_schema(db)
    await db.close()


@pytest.mark.parametrize(
    ("revision", "sentence"),
    [
        ("0000", r"older than this release \(at 0000, needs \d+\): run `incident-copilot migrate`"),
        ("9999", r"belongs to a newer release \(at 9999, this one knows \d+\): start that release"),
    ],
)
async def test_database_of_another_release_is_refused_in_a_plain_sentence(db, revision, sentence):
    async with db.transaction() as tx:
        await tx.execute(sa.text(f"UPDATE alembic_version SET version_num = '{revision}'"))
    with pytest.raises(ConfigError, match=sentence):
        await schema.check_schema(db)


async def test_database_of_a_newer_release_is_not_migrated(db, sqlite_url):
    async with db.transaction() as tx:
        await tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigError, match="belongs to a newer release"):
        await schema.upgrade(sqlite_url, MIGRATIONS)


async def test_file_that_is_no_database_is_unavailable(tmp_path):
    path = tmp_path / "copilot.db"
    path.write_text("this is a text, and long enough to be taken for one" * 100)
    with pytest.raises(StoreUnavailable, match="not a database"):
        await schema.upgrade(f"sqlite+aiosqlite:///{path}", MIGRATIONS)


def test_batch_operation_drops_the_triggers_and_they_are_made_again(migrated_file, tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path}/copy.db")
    with sqlite3.connect(migrated_file) as source, sqlite3.connect(tmp_path / "copy.db") as copy:
        source.backup(copy)
    source.close()
    copy.close()

    def triggers(connection):
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'action_log' ORDER BY name"
        return list(connection.execute(sa.text(query)).scalars())

    with engine.begin() as connection:
        before = triggers(connection)
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("action_log", recreate="always") as batch:
            batch.add_column(sa.Column("note", sa.Text))
        between = triggers(connection)
        make_append_only(connection)
        after = triggers(connection)
    engine.dispose()

    assert (before, between, after) == (
        ["action_log_no_delete", "action_log_no_replace", "action_log_no_update"],
        [],
        ["action_log_no_delete", "action_log_no_replace", "action_log_no_update"],
    )
