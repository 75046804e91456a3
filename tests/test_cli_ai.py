"""`ai`, as typed: gates of AI systems, with exit codes that a pipeline can go by."""

import asyncio
import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from environment import own_environment
from incident_copilot.domain.observation import Interaction, SignalKind
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.store import alerts, interactions, verdicts
from incident_copilot.store.db import Db
from pipeline.life import big
from test_cli_sources import typed

__all__ = ["own_environment", "typed"]
pytestmark = pytest.mark.usefixtures("own_environment")


def say(sqlite_url, *told):
    """Have monitors said this of the system bot just now, as metric and outcome."""
    about = {"system": "bot", "monitor": "m", "kind": SignalKind.QUALITY_DROP, "incident_type": AiIncident.QUALITY}
    now = datetime.now(UTC)
    rows = [Verdict.model_validate({**about, "metric": m, "outcome": o, "summary": "so", "at": now}) for m, o in told]

    async def kept():
        db = Db.open(sqlite_url)
        async with db.transaction() as tx:
            await verdicts.save(tx, "default", rows)
        await db.close()

    asyncio.run(kept())


@pytest.fixture
def bot(sqlite_url):
    say(sqlite_url, ("quality.f1", Outcome.FIRING), ("performance.latency_p95_s", Outcome.FINE))


@pytest.mark.usefixtures("bot")
def test_gates_say_what_they_found_and_end_with_their_code(typed):
    code, text, _ = typed("ai", "status")
    of_performance = typed("ai", "performance", "--system", "bot")
    validated = typed("ai", "validate", "--json")

    assert (code, text.splitlines()) == (
        1,
        [
            "status: FAILS; 2 of 2 metrics of 1 systems could be judged, 1 fire",
            "  firing   bot quality.f1: so (warning)",
            "  fine     bot performance.latency_p95_s: so",
        ],
    )
    assert (of_performance[0], of_performance[1].splitlines()[0]) == (
        0,
        "performance: passes; 1 of 1 metrics of 1 systems could be judged",
    )
    assert (validated[0], json.loads(validated[1])["passes"], json.loads(validated[1])["problems"]) == (1, False, [])


@pytest.mark.usefixtures("bot")
def test_monitor_looks_again_and_says_only_what_changed(typed):
    code, text, _ = typed("ai", "monitor", "--duration", "0.005", "--every", "0.1")
    quiet = typed("ai", "monitor", "--duration", "0", "--security", "--json")

    assert (code, text.count("status: FAILS")) == (1, 1)
    assert (quiet[0], json.loads(quiet[1])["stage"]) == (0, "security")


def test_wrong_use_has_a_code_of_its_own(typed):
    code, _, error = typed("ai", "status", "--system", "nobody")

    assert (code, error) == (2, "nothing is known of nobody; there are no AI systems yet\n")


class Bot(BaseHTTPRequestHandler):
    """An AI system that knows one capital."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        body = json.dumps({"response": "Paris" if "France" in asked["request"] else "I do not know"}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def endpoint():
    server = HTTPServer(("127.0.0.1", 0), Bot)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/ask"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def capitals(tmp_path):
    path = tmp_path / "Capitals.jsonl"
    cases = [
        {"id": "f", "request": "France?", "expected": "Paris"},
        {"id": "i", "request": "Italy?", "expected": "Rome"},
    ]
    path.write_text("\n".join(map(json.dumps, cases)))
    return str(path)


def test_set_is_asked_and_gates_a_release(typed, sqlite_url, capitals, endpoint):
    say(sqlite_url, ("performance.latency_p95_s", Outcome.FINE))
    at = ("--system", "bot", "--endpoint", endpoint)
    code, text, _ = typed("ai", "offline", capitals, *at, "--version", "7")
    as_json = typed("ai", "offline", capitals, *at, "--least", "0.5", "--json")
    released = typed("ai", "pipeline", "--set", capitals, *at, "--least", "0.5")
    without = typed("ai", "pipeline", "--system", "bot")

    interval = "(50.0%, 95 % interval 9.5% to 90.5%; at least 95% wanted)"
    assert (code, text.splitlines()) == (
        1,
        [
            f"offline: FAILS; bot 7 passed 1 of 2 cases of capitals {interval}",
            "  failed  i: match.wrong",
        ],
    )
    assert (as_json[0], json.loads(as_json[1])["passes"], json.loads(as_json[1])["before"]["both"]) == (0, True, 1)
    assert (released[0], [line.partition(";")[0] for line in released[1].splitlines() if line[0] != " "]) == (
        0,
        ["validate: passes", "performance: passes", "security: passes", "offline: passes"],
    )
    assert without[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("export-set", "INC-1"), "there is no INC-1"),
        (("pipeline", "--system", "bot", "--endpoint", "http://x.example"), "name --set and --endpoint together"),
        (("offline", "SET", "--system", "bot", "--endpoint", "http://x.example", "--token-env", "NO"), "NO is not set"),
    ],
)
def test_what_cannot_be_asked_is_wrong_use(typed, capitals, words, said):
    code, _, error = typed("ai", *[capitals if word == "SET" else word for word in words])

    assert code == 2
    assert said in error


def test_failing_interactions_become_a_set(typed, sqlite_url, tmp_path, open_incident):
    at = datetime.now(UTC)
    alert = big(labels={"system": "bot"})

    async def kept():
        db = Db.open(sqlite_url)
        opened = await open_incident(db, workspace_id="default", started_at=at - timedelta(hours=1))
        async with db.transaction() as tx:
            await alerts.record(tx, "default", alert, at)
            await alerts.place(tx, "default", [alert.fingerprint], incident_id=opened.id)
            bad = Interaction(system="bot", id="1", at=at, request="Hi", response="", score=0.0)
            await interactions.add_all(tx, "default", [bad])
        await db.close()

    asyncio.run(kept())
    printed = typed("ai", "export-set", "INC-1")
    written = typed("ai", "export-set", "INC-1", "--output", str(tmp_path / "set.jsonl"))

    assert json.loads(printed[1])["request"] == "Hi"
    assert written == (0, f"1 cases are in {tmp_path / 'set.jsonl'}\n", "")
    assert (tmp_path / "set.jsonl").read_text() == printed[1]


def test_report_is_printed_or_written(typed, tmp_path):
    _, printed, _ = typed("ai", "report", "--type", "daily")
    typed("ai", "report", "--output", str(tmp_path / "r.html"))
    typed("ai", "report", "--json", "--output", str(tmp_path / "r.json"))

    assert printed.splitlines()[1] == "No AI system has told anything yet."
    assert json.loads((tmp_path / "r.json").read_text())["period"] == "weekly"
    assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")
