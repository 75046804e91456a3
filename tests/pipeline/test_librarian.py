"""Librarian: an edit is found at the next look, by every replica; what cannot be read stays as it was."""

import asyncio
import logging
from dataclasses import replace

import pytest

from incident_copilot.domain.past_incident import PastIncident
from incident_copilot.errors import StoreUnavailable
from incident_copilot.knowledge.shelf import RunbookFolder, Shelf
from incident_copilot.pipeline.librarian import Librarian
from incident_copilot.store import past_incidents

DISK = "# Disk full\n\n## Meaning\n\nNo space left.\n"
PAST = PastIncident(id="a/1", title="One", source="a", text="No space left.")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "disk.md").write_text(DISK)
    return tmp_path


def replica(deps, folder):
    return Librarian(replace(deps, shelf=Shelf()), RunbookFolder(folder), every_s=0.001)


def found(librarian, query):
    return [hit.document_id for hit in librarian._deps.library.index.search(query)]


async def test_edit_of_a_runbook_is_found_by_every_replica_at_its_next_look(deps, folder):
    replicas = [replica(deps, folder) for _ in range(2)]
    for one in replicas:
        await one.look()
    (folder / "disk.md").write_text(DISK.replace("space", "inodes"))

    before = [found(one, "inodes") for one in replicas]
    for one in replicas:
        await one.look()

    assert before == [[], []]
    assert [found(one, "inodes") for one in replicas] == [["disk"], ["disk"]]


async def test_past_incident_that_one_replica_kept_is_on_the_shelf_of_the_other(deps, folder, clock):
    librarian = replica(deps, folder)
    await librarian.look()
    empty = librarian._deps.shelf.past
    async with deps.db.transaction() as tx:
        await past_incidents.save(tx, "w", [PAST], clock())

    await librarian.look()
    kept = librarian._deps.shelf.past
    await librarian.look()

    assert (empty.incidents, kept.incidents) == ((), (PAST,))
    assert librarian._deps.shelf.past is kept


async def test_edit_of_a_past_incident_is_found_by_every_replica_at_its_next_look(deps, folder, clock):
    replicas = [replica(deps, folder) for _ in range(2)]

    async def told_after(text):
        async with deps.db.transaction() as tx:
            await past_incidents.save(tx, "w", [PAST.model_copy(update={"text": text})], clock())
        for one in replicas:
            await one.look()
        return [[hit.document_id for hit in one._deps.shelf.past.index.search("inodes")] for one in replicas]

    assert await told_after("No space left.") == [[], []]
    clock.forward(1)
    assert await told_after("No inodes left.") == [["a/1"], ["a/1"]]


async def test_folder_that_is_gone_leaves_the_last_runbooks_and_is_named_once(deps, folder, caplog):
    librarian = replica(deps, folder)
    await librarian.look()
    (folder / "disk.md").unlink()
    folder.rmdir()

    with caplog.at_level(logging.WARNING):
        await librarian.look()
        await librarian.look()

    assert found(librarian, "space") == ["disk"]
    assert [record.getMessage() for record in caplog.records] == [
        f"runbook: {folder}: no such folder; set COPILOT_RUNBOOKS_DIR to the folder with your runbooks"
    ]


class Away:
    """A database that does not answer."""

    def read(self):
        raise StoreUnavailable("the database does not answer")


async def test_database_that_is_away_does_not_stop_the_librarian(deps, folder, caplog):
    librarian = replica(replace(deps, db=Away()), folder)

    await librarian.look()

    assert found(librarian, "space") == ["disk"]
    assert "cannot see past incidents" in caplog.text


async def test_librarian_looks_again_and_again_until_it_is_stopped(deps, folder):
    looks = asyncio.Queue()

    class Counted(RunbookFolder):
        def read(self):
            loop.call_soon_threadsafe(looks.put_nowait, "look")
            return super().read()

    loop = asyncio.get_running_loop()
    librarian = Librarian(replace(deps, shelf=Shelf()), Counted(folder), every_s=0.001)
    running = asyncio.create_task(librarian.run())
    for _ in range(2):
        await looks.get()
    librarian.stop()

    assert await running is None
