"""`ai`, as typed: gates of AI systems, with exit codes that a pipeline can go by."""

import asyncio
import json
from datetime import UTC, datetime

import pytest

from environment import own_environment
from incident_copilot.domain.observation import SignalKind
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.store import verdicts
from incident_copilot.store.db import Db
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
    code, text, _ = typed("ai", "monitor", "--duration", "0.03", "--every", "1")
    quiet = typed("ai", "monitor", "--duration", "0", "--security", "--json")

    assert (code, text.count("status: FAILS")) == (1, 1)
    assert (quiet[0], json.loads(quiet[1])["stage"]) == (0, "security")


def test_wrong_use_has_a_code_of_its_own(typed):
    code, _, error = typed("ai", "status", "--system", "nobody")

    assert (code, error) == (2, "nothing is known of nobody; there are no AI systems yet\n")
