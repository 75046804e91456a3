"""`dead` and `source`, as typed."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta

import pytest

from environment import own_environment
from incident_copilot import cli
from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.base import new_id
from incident_copilot.domain.dead_letter import DeadLetter
from incident_copilot.domain.heartbeat import Heartbeat
from incident_copilot.domain.silence import Silence, by_pattern
from incident_copilot.store import dead_letters, heard, heartbeats, silences
from incident_copilot.store.db import Db

__all__ = ["own_environment"]
pytestmark = pytest.mark.usefixtures("own_environment")

GOOD = json.dumps(
    {"alerts": [{"labels": {"alertname": "Up", "service": "checkout"}, "startsAt": "2026-11-21T11:00:00Z"}]}
)


@pytest.fixture
def typed(monkeypatch, capsys, sqlite_url):
    """Types a command on a fresh database and returns exit code, what it printed, and what it said went wrong."""
    monkeypatch.setenv("COPILOT_DATABASE_URL", sqlite_url)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["incident-copilot", *words])
        code = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code or 0
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def keep(sqlite_url, clock):
    """Keeps a body of a source and returns its id."""

    def kept(body, source="alertmanager"):
        letter = DeadLetter(
            id=new_id(clock()),
            source=source,
            received_at=clock(),
            why=f"{source}: odd",
            headers={"content-type": "application/json"},
            body=body,
        )

        async def write():
            db = Db.open(sqlite_url)
            async with db.transaction() as tx:
                await dead_letters.keep(tx, "default", letter)
            await db.close()

        asyncio.run(write())
        clock.forward(1)
        return letter.id

    return kept


def test_without_dead_letters_that_is_said(typed):
    assert typed("dead", "list") == (0, "There are no dead letters.\n", "")


def test_dead_letter_is_listed_shown_and_dropped(typed, keep):
    letter = keep(b"\xffodd")

    assert typed("dead", "list")[1] == (
        f"{letter}  2026-11-21 12:00  alertmanager  alertmanager: odd\n"
        "alertmanager: 1 wait, 0 replayed, 0 dropped, 0 left out\n"
    )
    assert typed("dead", "show", letter)[1] == (
        "alertmanager, 2026-11-21 12:00:00 UTC, waiting, 1 times\n"
        "alertmanager: odd\n"
        "content-type: application/json\n\n"
        "\\xffodd\n"
    )
    assert typed("dead", "drop", letter) == (0, f"{letter}: dropped\n", "")
    assert typed("dead", "drop", letter) == (1, "", f"dead letter {letter} was dropped before; nothing happened\n")
    assert typed("dead", "list")[1] == "alertmanager: 0 wait, 0 replayed, 1 dropped, 0 left out\n"


def test_dead_letters_are_replayed_once_oldest_first(typed, keep):
    good, bad, gone = keep(GOOD.encode()), keep(b"odd"), keep(b"{}", source="gone")

    code, out, _ = typed("dead", "replay", "--all")

    lines = out.splitlines()
    assert code == 0
    assert lines[0] == f"{good}: replayed: 1 alerts, 1 changed"
    assert lines[1].startswith(f"{bad}: waits on: alertmanager: the body is not JSON")
    assert lines[2].startswith(f"{gone}: waits on: there is no alert source gone; use one of: ")
    assert typed("dead", "replay", good) == (1, "", f"dead letter {good} was replayed before; nothing happened\n")


@pytest.mark.parametrize("words", [(), ("x", "--all")])
def test_replay_is_told_one_or_all(typed, words):
    assert typed("dead", "replay", *words) == (1, "", "name one dead letter, or say --all\n")


def test_dead_letter_that_is_not_there_is_one_clear_line(typed):
    assert typed("dead", "show", "x") == (
        1,
        "",
        "there is no dead letter x; `incident-copilot dead list` lists them\n",
    )


def test_noise_is_printed(typed):
    assert typed("noise") == (0, "Nothing was noise.\n", "")


def test_sources_are_listed_with_their_watchdogs(typed, sqlite_url, clock):
    assert typed("source", "list") == (0, "No alert source has delivered yet.\n", "")
    alert = Alert(source="am", fingerprint="f", name="Watchdog", status=AlertStatus.FIRING, starts_at=clock())
    first = Heartbeat.first("am", alert, clock())
    usual = first.model_copy(update={"usual_s": 300.0, "silent_since": clock()})

    async def write():
        db = Db.open(sqlite_url)
        async with db.transaction() as tx:
            await heard.note(tx, "default", {"am": None}, clock())
            await heartbeats.save(tx, "default", [first, usual.model_copy(update={"source": "west"})])
            letter = DeadLetter(id="1", source="west", received_at=clock(), why="odd", headers={}, body=b"x")
            await dead_letters.keep(tx, "default", letter)
        await db.close()

    asyncio.run(write())

    assert typed("source", "list")[1].splitlines() == [
        "am: last delivery 2026-11-21 12:00 UTC; Watchdog heard 2026-11-21 12:00 UTC",
        "west: nothing delivered yet; 1 not understood; Watchdog silent: last heard 2026-11-21 12:00 UTC, every 5 min",
    ]


def test_source_shows_what_a_body_becomes(typed, tmp_path):
    body = tmp_path / "body.json"
    body.write_text(GOOD)

    code, out, _ = typed("source", "test", "alertmanager", str(body), "--header", "X-Event: odd")

    lines = out.splitlines()
    assert code == 0
    assert lines[:3] == [
        "delivery id: none; told apart by the states of its alerts",
        "alert 1 of 1",
        "  source: alertmanager",
    ]
    assert lines[4:6] == ["  name: Up", "  status: firing"]
    assert lines[-1] == "  -> joins no running incident; opens one as P2 medium"


def test_source_says_what_is_wrong_with_a_body(typed, tmp_path):
    body = tmp_path / "body.json"
    body.write_text("{}")

    assert typed("source", "test", "alertmanager", str(body)) == (
        1,
        "",
        "alertmanager: alerts is not a list of alerts\n",
    )


def test_mutes_are_listed(typed, sqlite_url, clock):
    empty = typed("mutes")

    async def keep():
        db = Db.open(sqlite_url)
        matchers = (by_pattern("service", "search"),)
        until = datetime.now(UTC) + timedelta(hours=1)
        kept = Silence(id=new_id(clock()), ref="r", matchers=matchers, until=until, reason="moving", by="U0ANA")
        async with db.transaction() as tx:
            await silences.add(tx, "default", kept)
        await db.close()
        return until

    until = asyncio.run(keep())
    assert empty == (0, "Nothing is muted.\n", "")
    assert typed("mutes")[1] == f"M-1: service=search until {until:%-d %b %H:%M} UTC, by <@U0ANA>: moving\n"
