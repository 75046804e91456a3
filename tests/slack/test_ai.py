"""/incident ai: what the monitors say, and the rollback of a system."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from incident_copilot.domain.action import Actions
from incident_copilot.domain.evaluation import CaseResult, EvaluationRun
from incident_copilot.domain.observation import SignalKind
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.pipeline.catalogued import with_entries
from incident_copilot.slack.listeners import ai
from incident_copilot.slack.listeners.asked import Asked
from incident_copilot.slack.listeners.wording import understand
from incident_copilot.store import evaluations, incidents, verdicts
from pipeline.flags import Flags, entries

ABOUT = {"system": "bot", "monitor": "m", "kind": SignalKind.QUALITY_DROP, "incident_type": AiIncident.QUALITY}

RUN = EvaluationRun(
    id="f" * 32,
    system="bot",
    suite="capitals",
    version="7",
    at=datetime.now(UTC),
    results={"paris": CaseResult(passed=True, score=1.0)},
)

FAILS = "status: FAILS; 1 of 1 metrics of 1 systems could be judged, 1 fire"


@pytest.fixture
def more():
    catalogue = entries(
        flag_off={"name": "model-rollback", "undo": None},
        flag_on={"name": "prompt-rollback", "services": ["search"]},
    )
    return {"entries": catalogue, "actions": with_entries(Flags().adapters(lambda: datetime.now(UTC)), catalogue)}


async def test_gates_and_rollbacks_are_told(copilot):
    ben = copilot.sandbox.person("ben")
    for words in ("ai", "ai nonsense", "ai status nobody", "ai rollback"):
        await ben.command("/incident", words, channel="#general")
    nothing = await copilot.hears("ben")
    await ben.command("/incident", "ai report daily", channel="#general")
    reported = (await copilot.hears("ben"))[-1]
    fires = Verdict.model_validate(
        {**ABOUT, "metric": "quality.f1", "outcome": Outcome.FIRING, "summary": "fell", "at": datetime.now(UTC)}
    )
    async with copilot.deps.db.transaction() as tx:
        await verdicts.save(tx, copilot.deps.workspace_id, [fires])
    await ben.command("/incident", "ai", channel="#general")
    for words in ("ai monitor bot", "ai offline", "ai offline bot"):
        await ben.command("/incident", words, channel="#general")
    watched = (await copilot.hears("ben"))[-3:]
    async with copilot.deps.db.transaction() as tx:
        await evaluations.add(tx, copilot.deps.workspace_id, RUN)
    await ben.command("/incident", "ai offline bot", channel="#general")
    asked = (await copilot.hears("ben"))[-1]
    await ben.command("/incident", "ai pipeline bot", channel="#general")
    released = (await copilot.hears("ben"))[-1].splitlines()
    await ben.command("/incident", "ai", channel="#general")
    cara = copilot.sandbox.person("cara")
    await cara.command("/incident", "ai security", channel="#general")
    await cara.command("/incident", "ai", channel="#general")

    assert nothing[0].startswith("status: passes; 0 of 0 metrics of 0 systems could be judged. `/incident ai status`")
    assert nothing[1].startswith("`/incident ai status`, `validate`")
    assert released == [
        "Not all gates pass.",
        "validate: FAILS; 1 of 1 metrics of 1 systems could be judged, 1 fire",
        "  firing   bot quality.f1: fell (warning)",
        "performance: passes; 0 of 0 metrics of 0 systems could be judged",
        "security: passes; 0 of 0 metrics of 0 systems could be judged",
    ]
    assert watched == [
        f"{FAILS}\n  firing   bot quality.f1: fell (warning)\n{ai.LOOK_ON}",
        "Name the system, as in /incident ai offline support-bot.",
        "No evaluation set was asked of bot in 90 days; `incident-copilot ai offline SET` asks one.",
    ]
    assert asked == "offline: bot 7 passed 1 of 1 cases of capitals (100.0%, 95 % interval 20.7% to 100.0%)"
    assert nothing[2] == "nothing is known of nobody; there are no AI systems yet"
    assert reported.endswith("No AI system has told anything yet.")
    assert nothing[3].startswith("Say it in the incident's channel")
    assert (await copilot.hears("cara"))[0].startswith(
        "To read what concerns the security of AI systems you need the role"
    )
    assert (await copilot.hears("cara"))[-1] == "1 of 1 need a hand. bot quality.f1: fell (warning)"
    assert (await copilot.hears("ben"))[-1] == "1 of 1 need a hand. bot quality.f1: fell (warning)"


async def test_rollback_is_proposed_by_its_entry(copilot):
    ben = copilot.sandbox.person("ben")
    opened = await copilot.open()
    for words in ("ai rollback", "ai rollback model-rollback flag=none", "ai rollback INC-1"):
        await ben.command("/incident", words, channel="#general")
    searching = opened.model_copy(update={"service": "search"})
    async with copilot.deps.db.transaction() as tx:
        await incidents.save(tx, searching)
    await ben.command("/incident", "ai rollback", channel="#general")

    assert await copilot.hears("ben") == [
        "It is put to people in INC-1.",
        "model-rollback is not proposed: flag: is none of new-cart, old-cart.",
        "It is put to people in INC-1.",
        "Which one? ai rollback model-rollback, ai rollback prompt-rollback",
    ]


async def test_without_an_entry_there_is_no_rollback(copilot):
    bare = replace(copilot.deps, entries=Actions())
    await copilot.open()
    asked = Asked(
        bare,
        None,
        {"user_id": "U0BEN", "channel_id": copilot.sandbox.channel("#general").id},
        understand("ai rollback"),
    )

    assert await ai.ai(asked) == {"text": ai.NO_ROLLBACK}
