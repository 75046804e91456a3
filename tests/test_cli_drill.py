"""`drill`, as typed: what there is, what a seed makes, and the beginning of one."""

import asyncio

import pytest

from environment import own_environment
from incident_copilot.store import drills
from incident_copilot.store.db import Db
from test_cli_sources import typed

__all__ = ["own_environment", "typed"]
pytestmark = pytest.mark.usefixtures("own_environment")


def test_a_made_drill_is_printed_begun_from_its_file_and_listed(typed, sqlite_url, tmp_path):
    code, text, _ = typed("drill", "generate", "--seed", "5", "--rollback")
    (tmp_path / "own.yaml").write_text(text)
    begun = typed("drill", "start", str(tmp_path / "own.yaml"))
    again = typed("drill", "start", "bad_deploy")
    seeded = typed("drill", "start", "--seed", "8")
    _, listed, _ = typed("drill", "list")

    _, past, _ = typed("drill", "history")

    assert past == "No drill is over yet.\n"
    assert (code, text.splitlines()[0]) == (0, "name: seed_5")
    assert begun[1] == "The drill seed_5 begins.\n"
    assert again[1] == seeded[1] == "Another drill runs; nothing was begun.\n"
    assert listed.splitlines()[0] == "bad_deploy: A bad deploy, one hop away, a rollback"
    assert listed.splitlines()[-1].endswith("seed_5: runs now")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name one scenario or file, or say --seed"),
        (("bad_deploy", "--seed", "1"), "name one scenario or file, or say --seed"),
        (("nothing",), "there is no scenario nothing"),
        (("nothing.yaml",), "name a file as `drill generate` prints it"),
    ],
)
def test_what_cannot_be_drilled_is_said(typed, words, said):
    code, _, error = typed("drill", "start", *words)

    assert code == 1
    assert said in error


def test_the_row_of_a_drill_is_kept_whole(typed, sqlite_url):
    typed("drill", "start", "no_change")

    async def kept():
        db = Db.open(sqlite_url)
        async with db.read() as view:
            found = await drills.running(view, "default")
        await db.close()
        return found

    drill = asyncio.run(kept())
    assert (drill.scenario, drill.started_by, drill.text[:15]) == ("no_change", None, "name: no_change")
