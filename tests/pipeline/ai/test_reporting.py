"""Reports are posted at their hour: what fires each morning, the week on Mondays, the month on the first."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.domain.observation import Figure, SignalKind, Snapshot
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.jobs.clock import Ticker
from incident_copilot.store import effects, observations, verdicts
from pipeline.life import Life

MEASURED = ("quality.score", "quality.accuracy", "cost.usd")
SATURDAY = datetime(2026, 11, 28, 8, 10, tzinfo=UTC)


async def posted(life, at):
    """Let an hour begin, and return what is posted about AI systems."""
    life.clock.time = at
    ticker = Ticker(life.deps.db, life.deps.workspace_id, [], life.clock)
    await ticker.tick("report_ai_health", 3600)
    await life.work()
    async with life.deps.db.read() as view:
        found = await effects.latest(view, life.deps.workspace_id, None, f"ai-report:{at:%Y-%m-%d}")
    return (found.deed.to, found.deed.content) if found else None


@pytest.fixture
async def life(db, clock):
    made = Life(db, clock, ai_report_channel="#ai-team", public_url="https://copilot.example/")
    async with db.transaction() as tx:
        told = Snapshot(
            system="bot", id="1", at=SATURDAY - timedelta(hours=2), figures=(Figure(metric="quality.f1", value=0.9),)
        )
        await observations.add_all(tx, made.deps.workspace_id, [told])
    return made


async def test_day_is_told_only_where_something_fires(life, db):
    fires = Verdict(
        system="bot",
        monitor="m",
        metric="quality.f1",
        outcome=Outcome.FIRING,
        kind=SignalKind.QUALITY_DROP,
        incident_type=AiIncident.QUALITY,
        summary="fell",
        at=SATURDAY,
    )
    quiet = await posted(life, SATURDAY)
    async with db.transaction() as tx:
        await verdicts.save(tx, life.deps.workspace_id, [fires])
    too_late = await posted(life, SATURDAY + timedelta(hours=1))
    to, content = await posted(life, SATURDAY + timedelta(days=1))

    assert (quiet, too_late, to) == (None, None, "ai-team")
    assert content.text == (
        "AI health, daily: 2026-11-28 to 2026-11-29. https://copilot.example/ai/report?period=daily"
    )
    assert content.detail == "bot: 1 of 1 metrics fire\n  fires: quality.f1: fell"


@pytest.mark.parametrize(
    ("at", "period"),
    [(SATURDAY + timedelta(days=2), "weekly"), (SATURDAY + timedelta(days=3), "monthly")],
)
async def test_monday_tells_the_week_and_the_first_the_month(life, at, period):
    _, content = await posted(life, at)

    assert content.text.startswith(f"AI health, {period}: ")


async def test_first_plots_of_a_system_stand_in_the_thread_of_the_report(life, db):
    told = [
        Snapshot(system="bot", id=f"p{ago}", at=SATURDAY - timedelta(days=ago), figures=figures)
        for ago in (1, 2, 3)
        for figures in [tuple(Figure(metric=name, value=0.5 + ago / 10) for name in MEASURED)]
    ]
    async with db.transaction() as tx:
        await observations.add_all(tx, life.deps.workspace_id, told)

    await posted(life, SATURDAY + timedelta(days=2))

    async with db.read() as view:
        found = [
            (await effects.latest(view, life.deps.workspace_id, None, f"ai-report:2026-11-30:{place}"))
            for place in (1, 2, 3)
        ]
    shared = [(one.deed.to, one.deed.under, one.deed.title, one.deed.alt) for one in found if one]
    thread = ("ai-team", "ai-report:2026-11-30")
    assert shared == [
        (*thread, "Quality score of bot", "bot: Quality score 0.7"),
        (*thread, "Accuracy of bot", "bot: Accuracy 70 %"),
    ]
    assert base64.b64decode(found[0].deed.content).startswith(b"\x89PNG")
