"""`snapshot`, as typed: taken, listed, written out, checked."""

import asyncio

import pytest

from environment import own_environment
from incident_copilot.store.db import Db
from test_cli_sources import typed

__all__ = ["own_environment", "typed"]
pytestmark = pytest.mark.usefixtures("own_environment")


def test_snapshot_is_taken_listed_written_out_and_checked(typed, sqlite_url, open_incident, tmp_path):
    async def write():
        db = Db.open(sqlite_url)
        for _ in range(2):
            await open_incident(db, workspace_id="default")
        await db.close()

    asyncio.run(write())
    out = tmp_path / "evidence"
    none = typed("snapshot", "INC-1", "--list")
    taken = typed("snapshot", "INC-1")[1]
    code, again, _ = typed("snapshot", "1", "--number", "1", "--out", str(out))
    listed = typed("snapshot", "INC-1", "--list")
    whole = typed("snapshot", "INC-1", "--verify", str(out))
    of_another = typed("snapshot", "INC-2", "--verify", str(out))
    (out / "alerts.jsonl").write_text("{}\n")

    assert none[1] == "There is no snapshot of INC-1.\n"
    assert (code, again.splitlines()[1]) == (0, f"Written to {out}.")
    assert taken.startswith("Snapshot 1: 9 files, 1 kB, as of ")
    assert again.splitlines()[0] == listed[1].splitlines()[0] == taken.splitlines()[0]
    assert (whole[0], whole[1].splitlines()[1]) == (0, "It is not signed.")
    assert of_another == (1, "", "the log of INC-2 has no row that vouches for it\n")
    assert typed("snapshot", "--verify", str(out)) == (1, "", "alerts.jsonl was changed\n")
    assert typed("snapshot")[2] == "name an incident as in INC-42, or say --verify and a place\n"
