"""`export-case`, `eval` and `export-decisions`, as typed."""

import asyncio
import json

import pytest

from environment import own_environment
from incident_copilot.store.db import Db
from test_cli_sources import typed

__all__ = ["own_environment", "typed"]
pytestmark = pytest.mark.usefixtures("own_environment")


@pytest.fixture
def ended(sqlite_url, open_incident, clock):
    """INC-1, which is over."""

    async def write():
        db = Db.open(sqlite_url)
        await open_incident(db, workspace_id="default", ended_at=clock())
        await db.close()

    asyncio.run(write())


@pytest.mark.usefixtures("ended")
def test_an_incident_is_exported_and_compared_with_another_configuration(typed, tmp_path):
    cases, other = tmp_path / "cases", tmp_path / "other"
    cases.mkdir()
    (other / "runbooks").mkdir(parents=True)

    code, said, _ = typed("export-case", "INC-1", "--out", str(cases / "one.json"))
    assert (code, said) == (0, f"{cases / 'one.json'} has 0 alerts, 0 pieces of evidence, 0 decisions.\n")
    assert json.loads(typed("export-case", "1")[1])["shape"] == "incident-copilot-case/1"
    code, table, _ = typed("eval", str(cases), "--config", str(other), "--model", "small")
    assert code == 0
    assert [line.split()[:2] for line in table.splitlines()[1:]] == [
        ["INC-1", "now"],
        ["INC-1", "other"],
        ["INC-1", "small"],
        ["together", "now"],
        ["together", "other"],
        ["together", "small"],
    ]
    assert typed("export-decisions", "--days", "3660", "--shape", "preference") == (0, "", "")


def test_what_cannot_be_done_is_said(typed, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "x.json").write_text("{}")
    empty = tmp_path / "folder"
    hint = f"`incident-copilot export-case INC-42 --out {empty}/INC-42.json` makes one"

    assert typed("export-case", "x") == (1, "", "x: write it as INC-42\n")
    assert typed("export-decisions", "--shape", "x") == (1, "", "there is no shape x; use messages or preference\n")
    assert typed("eval", str(empty)) == (1, "", f"{empty} has no case; {hint}\n")
    assert typed("eval", str(tmp_path / "x.json"))[0] == 1
    assert typed("eval", str(tmp_path), "--config", str(tmp_path))[2].endswith(
        "has neither catalog.yaml nor runbooks/\n"
    )
