"""Every command, as typed: what it prints, and one clear line where it cannot."""

import asyncio
import contextlib
import importlib
import json
import logging
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import httpx
import pytest
from typer.testing import CliRunner

from environment import own_environment
from incident_copilot import cli
from incident_copilot.demo.files import free_port
from incident_copilot.domain.log import LogKind
from incident_copilot.store import action_log
from incident_copilot.store.db import Db

__all__ = ["own_environment"]
pytestmark = pytest.mark.usefixtures("own_environment")


@pytest.fixture
def typed(monkeypatch, capsys):
    """Types a command and returns exit code, what it printed, and what it said went wrong."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["incident-copilot", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    return run


@pytest.fixture
def database(own_environment, monkeypatch, sqlite_url):
    """A database with one incident whose log has three rows, as the commands find it."""
    monkeypatch.setenv("COPILOT_DATABASE_URL", sqlite_url)
    return sqlite_url


@pytest.fixture
def logged(database, open_incident):
    """INC-1, with a log of three rows."""

    write_log(database, open_incident)


def write_log(database, open_incident, hours=(12, 12, 12)):
    """Write INC-1 and its log, the rows at these hours."""

    async def write():
        db = Db.open(database)
        opened = await open_incident(db, workspace_id="default")
        async with db.transaction() as tx:
            for kind, hour in zip((LogKind.OPENED, LogKind.ACKNOWLEDGED, LogKind.RESOLVED), hours, strict=True):
                await action_log.append(
                    tx,
                    workspace_id="default",
                    incident_id=opened.id,
                    kind=kind,
                    actor="U0ANA",
                    payload={"number": "1"},
                    now=datetime(2026, 11, 21, hour, tzinfo=UTC),
                )
        await db.close()

    asyncio.run(write())


def signal_when(ready, wanted=signal.SIGTERM):
    """Send this process a signal once `ready` says so; what runs meanwhile handles it."""

    def watch():
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                if ready():
                    break
            time.sleep(0.05)
        os.kill(os.getpid(), wanted)

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


def test_without_a_command_it_lists_them(typed):
    code, out, err = typed()

    assert code == 2
    assert [
        name for name in ("demo", "serve", "sandbox", "manifest", "migrate", "verify-log") if name in out + err
    ] == [
        "demo",
        "serve",
        "sandbox",
        "manifest",
        "migrate",
        "verify-log",
    ]


def test_serve_without_a_token_is_one_clear_line(typed):
    code, out, err = typed("serve")

    assert (code, out) == (1, "")
    assert err == (
        "COPILOT_SLACK_BOT_TOKEN is not set; take it from the app's page at Slack, or run `incident-copilot demo`\n"
    )


def test_serve_with_wrong_settings_names_each_variable(typed, monkeypatch):
    monkeypatch.setenv("COPILOT_PORT", "99999")
    monkeypatch.setenv("COPILOT_LOG_LEVEL", "loud")

    code, _, err = typed("serve")

    assert code == 1
    assert [line.partition(":")[0] for line in err.splitlines()] == ["COPILOT_PORT", "COPILOT_LOG_LEVEL"]


def test_serve_runs_with_slack_away_until_it_is_asked_to_stop(typed, monkeypatch, tmp_path):
    port, away = free_port(), free_port()
    for name, value in {
        "PORT": str(port),
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/copilot.db",
        "SLACK_BASE_URL": f"http://127.0.0.1:{away}/api/",
        "SLACK_BOT_TOKEN": "xoxb-hidden",
        "SLACK_APP_TOKEN": "xapp-hidden",
    }.items():
        monkeypatch.setenv(f"COPILOT_{name}", value)
    watching = signal_when(lambda: httpx.get(f"http://127.0.0.1:{port}/healthz").is_success)
    code, out, err = typed("serve")
    watching.join()

    assert (code, out) == (0, "")
    assert "Traceback" not in err
    assert "hidden" not in err


def test_a_process_that_is_asked_to_stop_ends_well_and_says_so_in_lines_alone(tmp_path):
    port = free_port()
    environment = {**os.environ} | {
        "COPILOT_PORT": str(port),
        "COPILOT_SLACK_BASE_URL": f"http://127.0.0.1:{free_port()}/api/",
        "COPILOT_SLACK_BOT_TOKEN": "xoxb-hidden",
        "COPILOT_SLACK_APP_TOKEN": "xapp-hidden",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "incident_copilot", "serve"], cwd=tmp_path, env=environment, stderr=subprocess.PIPE
    ) as process:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                httpx.get(f"http://127.0.0.1:{port}/healthz").raise_for_status()
                break
            assert process.poll() is None
            time.sleep(0.05)
        process.terminate()
        _, err = process.communicate(timeout=12)

    lines = err.decode().splitlines()
    assert process.returncode == 0
    assert f"INFO incident_copilot.app: listening on http://127.0.0.1:{port}, mode live" in lines[0]
    assert lines[-1].endswith("INFO incident_copilot.app: stopped")
    assert all(line[:2] == "20" and "Z " in line for line in lines), lines
    assert "hidden" not in err.decode()


def test_schema_of_a_file_is_printed(typed):
    code, out, _ = typed("schema", "catalog")

    assert (code, json.loads(out)["type"]) == (0, "object")


def test_a_new_key_is_printed_and_is_another_each_time(typed):
    (code, one, _), (_, other, _) = typed("new-key"), typed("new-key")

    assert (code, len(one.strip()), one == other) == (0, 44, False)


def test_manifest_for_socket_mode_and_for_http(typed):
    code, out, _ = typed("manifest")
    assert (code, json.loads(out)["settings"]["socket_mode_enabled"]) == (0, True)

    code, out, _ = typed("manifest", "--http", "https://copilot.example.net")
    settings = json.loads(out)["settings"]
    assert (code, settings["socket_mode_enabled"]) == (0, False)
    assert settings["event_subscriptions"]["request_url"] == "https://copilot.example.net/slack/events"

    code, out, err = typed("manifest", "--http", "http://copilot.example.net")
    assert (code, out, len(err.splitlines())) == (1, "", 1)


def test_it_runs_as_a_module_too(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["incident-copilot", "manifest"])

    with pytest.raises(SystemExit) as ended:
        importlib.import_module("incident_copilot.__main__")

    assert (ended.value.code, json.loads(capsys.readouterr().out)["_metadata"]) == (0, {"major_version": 2})


def test_migrate_creates_the_tables_and_may_be_repeated(typed, monkeypatch, tmp_path):
    monkeypatch.setenv("COPILOT_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/new.db")

    said = [typed("verify-log"), typed("migrate"), typed("migrate"), typed("verify-log")]

    assert said == [
        (1, "", "the database has no tables yet: run `incident-copilot migrate`\n"),
        (0, "The database is up to date.\n", ""),
        (0, "The database is up to date.\n", ""),
        (0, "The action log verifies.\n", ""),
    ]


def test_a_database_that_does_not_answer_is_said_with_the_setting_that_names_it(typed, monkeypatch):
    port = free_port()
    monkeypatch.setenv("COPILOT_DATABASE_URL", f"postgresql+asyncpg://copilot@127.0.0.1:{port}/copilot")

    code, out, err = typed("migrate")

    assert (code, out) == (1, "")
    assert err == (
        f"the database does not answer: [Errno 111] Connect call failed ('127.0.0.1', {port});"
        " COPILOT_DATABASE_URL says which one\n"
    )


@pytest.mark.usefixtures("logged")
def test_the_log_is_printed_a_row_a_line(typed):
    code, out, _ = typed("log", "1")

    assert code == 0
    assert [json.loads(line)["kind"] for line in out.splitlines()] == [
        kind.value for kind in (LogKind.OPENED, LogKind.ACKNOWLEDGED, LogKind.RESOLVED)
    ]


@pytest.mark.usefixtures("logged")
def test_the_log_of_no_incident_is_one_clear_line(typed):
    assert typed("log", "INC-7") == (1, "", "there is no INC-7\n")


@pytest.mark.parametrize("words", [("log", "last"), ("hold", "last"), ("print", "last"), ("ai", "export-set", "last")])
def test_an_incident_is_named_as_people_say_it(typed, words):
    assert typed(*words) == (1, "", "last: write it as INC-42\n")


@pytest.mark.usefixtures("logged")
def test_verify_log_names_the_row_that_somebody_changed(typed, database):
    assert typed("verify-log") == (0, "The action log verifies.\n", "")
    with contextlib.closing(sqlite3.connect(database.partition("///")[2])) as copy:
        for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            copy.execute(f"DROP TRIGGER {name}")
        copy.execute("UPDATE action_log SET actor = 'U0EVE' WHERE seq = 2")
        copy.commit()

    code, out, err = typed("verify-log")

    assert (code, out) == (1, "")
    assert "row 2: its content was changed" in err


def test_verify_log_notes_a_clock_that_was_set_back_and_is_content(typed, database, open_incident):
    write_log(database, open_incident, hours=(12, 13, 11))

    code, out, err = typed("verify-log")

    assert (code, out) == (0, "The action log verifies.\n")
    assert err.startswith("Note: incident:")
    assert err.endswith("row 3: is dated 7200 s before the row that it follows\n")


def test_the_sandbox_runs_alone_until_it_is_stopped(typed):
    port = free_port()
    watching = signal_when(lambda: httpx.get(f"http://127.0.0.1:{port}/").is_success)

    code, out, _ = typed("sandbox", "--port", str(port))

    watching.join()
    assert code == 0
    assert [line.split("  ")[0] for line in out.splitlines()] == [
        "Page",
        "Web API",
        "Bot token",
        "App token",
        "Signing secret",
        "Stopped.",
    ]
    assert f"http://127.0.0.1:{port}/api/" in out


def test_a_demo_that_is_stopped_takes_its_copilot_with_it(typed):
    port, pids = free_port(), []

    def has_a_copilot():
        pid = httpx.get(f"http://127.0.0.1:{port}/control/bot").json()["pid"]
        pids.append(pid)
        return pid

    watching = signal_when(has_a_copilot, signal.SIGINT)
    code, out, _ = typed("demo", "--no-open", "--port", str(port))

    watching.join()
    assert (code, out.splitlines()[-1]) == (0, "Stopped.")
    with pytest.raises(ProcessLookupError):
        os.kill(pids[-1], 0)


def test_a_demo_with_a_model_wants_its_address_and_its_name(typed):
    code, _, err = typed("demo", "--model", "small")

    assert (code, err) == (1, "name both: --base-url http://127.0.0.1:8080/v1 --model NAME\n")


def test_a_headless_demo_that_is_stopped_did_not_happen(typed, tmp_path):
    watching = signal_when(lambda: list(tmp_path.glob("var/demo/*-headless/copilot.log")))

    code, out, _ = typed("demo", "--headless", "--out", str(tmp_path / "out"))

    watching.join()
    assert (code, out) == (1, "Stopped.\n")


def test_the_sandbox_says_when_its_port_is_taken(typed):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        code, _, err = typed("sandbox", "--port", str(port))

    assert (code, err) == (1, f"cannot listen on 127.0.0.1:{port}: Address already in use; take another --port\n")


@pytest.mark.parametrize("command", ["sandbox", "demo"])
def test_a_port_that_cannot_be_is_refused_with_those_that_can(typed, command):
    code, _, err = typed(command, "--port", "65536")

    assert (code, "less than or equal to 65535" in err) == (2, True)


def test_the_log_has_a_line_for_each_piece_of_news_and_no_words_of_libraries(capsys):
    logging.getLogger().handlers.clear()
    cli._log_to_stderr("info")
    log = logging.getLogger("incident_copilot.test")
    log.info("incident %s opened", "INC-1")
    log.debug("not asked for")
    logging.getLogger("library").info("a request with a secret")
    try:
        raise asyncio.CancelledError
    except asyncio.CancelledError:
        log.exception("cut off at the end")
    try:
        raise ConnectionError("Slack is away")
    except ConnectionError:
        logging.getLogger("incident_copilot.slack.bolt").exception("Failed to connect")
        log.exception("no line of its own:\n%s", "2026-11-21 forged")

    said = [line.partition("Z ")[2] or line for line in capsys.readouterr().err.splitlines()]

    assert said[:4] == [
        "INFO incident_copilot.test: incident INC-1 opened",
        "ERROR incident_copilot.slack.bolt: Failed to connect",
        "ERROR incident_copilot.test: no line of its own:\\n2026-11-21 forged",
        "Traceback (most recent call last):",
    ]


def test_commands_explain_themselves():
    for command in ("demo", "serve", "sandbox", "manifest", "migrate", "verify-log", "log", "dead", "source"):
        result = CliRunner().invoke(cli.commands, [command, "--help"])
        assert (result.exit_code, "Usage:" in result.output) == (0, True)
