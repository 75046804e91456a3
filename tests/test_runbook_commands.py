"""`runbooks stale` and `runbooks learn`, as typed."""

import asyncio
from datetime import UTC, datetime

import pytest

from environment import own_environment
from incident_copilot.domain.log import TimelineEntry, TimelineKind
from incident_copilot.store import timeline
from incident_copilot.store.db import Db
from test_cli_sources import typed

__all__ = ["own_environment", "typed"]


@pytest.fixture
def folder(own_environment, sqlite_url, open_incident, tmp_path, monkeypatch):
    """A folder with one runbook that is old; INC-1 taught something, INC-2 nothing."""

    async def write():
        db = Db.open(sqlite_url)
        opened = await open_incident(db, workspace_id="default", title="Zyzzyvas everywhere")
        await open_incident(db, workspace_id="default")
        note = {"id": "f" * 32, "incident_id": opened.id, "kind": TimelineKind.NOTE, "text": "They left"}
        async with db.transaction() as tx:
            await timeline.add(tx, TimelineEntry.model_validate(note | {"at": datetime.now(UTC)}))
        await db.close()

    asyncio.run(write())
    runbooks = tmp_path / "books"
    runbooks.mkdir()
    text = "---\ntitle: Queue\nowner: mail\nlast_reviewed: 2020-01-01\n---\n## Diagnosis\n\n1. **Look.**\n"
    (runbooks / "queue.md").write_text(text)
    monkeypatch.setenv("COPILOT_RUNBOOKS_DIR", str(runbooks))
    return runbooks


def test_stale_ones_are_listed_and_a_draft_is_shown_and_written(folder, typed):
    code, listed, _ = typed("runbooks", "stale", "--days", "90")
    path = folder / "zyzzyvas-everywhere.md"
    before = typed("runbooks", "learn", "INC-1")
    shown = typed("runbooks", "learn", "INC-1", "--write")

    assert (code, listed.startswith("queue (owner: mail): was last reviewed ")) == (0, True)
    assert before[1].startswith("--- /dev/null\n+++ b/zyzzyvas-everywhere.md\n")
    assert (shown[0], shown[1].endswith(f"\n{path} is written.\n")) == (0, True)
    assert "noted: They left" in path.read_text()


def test_what_stands_in_the_way_is_said(folder, typed):
    for words, because in (
        (["INC-2"], "INC-2 taught nothing yet: nothing was done, ruled out or noted in it.\n"),
        (["INC-9"], "there is no INC-9\n"),
        (["checkout"], "checkout: write it as INC-42\n"),
    ):
        assert typed("runbooks", "learn", *words) == (1, "", because)
    (folder / "zyzzyvas-everywhere.md").mkdir()
    code, _, said = typed("runbooks", "learn", "INC-1", "--write")
    assert (code, said.endswith("Is a directory; let this user write there\n")) == (1, True)
