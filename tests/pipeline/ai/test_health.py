"""How AI systems did: plots beside the period before, what fires, and what is for its own audience only counted."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from incident_copilot.domain.evaluation import CaseResult, EvaluationRun
from incident_copilot.domain.observation import Figure, SignalKind, Snapshot
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.pipeline.ai import health, health_html
from incident_copilot.pipeline.ai.health import Period
from incident_copilot.store import evaluations, observations, verdicts

NOW = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)


@pytest.fixture
def deps(db):
    return SimpleNamespace(db=db, now=lambda: NOW, workspace_id="w")


def told(days_ago, *figures):
    """Return a snapshot of so many days ago."""
    at = NOW - timedelta(days=days_ago)
    return Snapshot(system="bot", id=str(days_ago), at=at, figures=tuple(Figure.model_validate(one) for one in figures))


def verdict(metric, incident_type, outcome=Outcome.FIRING):
    return Verdict(
        system="bot",
        monitor="m",
        metric=metric,
        outcome=outcome,
        kind=SignalKind.QUALITY_DROP,
        incident_type=incident_type,
        summary="fell <b>",
        at=NOW,
    )


@pytest.fixture
async def busy(deps, open_incident):
    """A system with two weeks of figures, an evaluation, verdicts and incidents."""
    accuracy = {"metric": "quality.accuracy", "successes": 90, "n": 100}
    snapshots = [
        told(9, accuracy | {"successes": 94}, {"metric": "cost.usd", "value": 3.0}),
        told(3, accuracy, {"metric": "cost.usd", "value": 2.0}, {"metric": "performance.requests"}),
        told(1, accuracy | {"successes": 80}, {"metric": "cost.usd", "value": 2.5}, accuracy | {"group": "a=b"}),
    ]
    run = EvaluationRun(id="1", system="bot", suite="s", version="7", at=NOW, results={"a": CaseResult(passed=True)})
    said = [
        verdict("quality.accuracy", AiIncident.QUALITY),
        verdict("fairness.positive_rate", AiIncident.BIAS),
        verdict("quality.f1", AiIncident.QUALITY, Outcome.UNKNOWN),
    ]
    async with deps.db.transaction() as tx:
        await observations.add_all(tx, "w", snapshots)
        await verdicts.save(tx, "w", said)
        await evaluations.add(tx, "w", run)
    at = {"opened_at": NOW - timedelta(hours=1), "title": "accuracy fell"}
    for kind, private in (("quality_degradation", False), ("quality_degradation", True), ("bias_and_fairness", False)):
        await open_incident(deps.db, incident_type=kind, private=private, **at)


@pytest.mark.usefixtures("busy")
async def test_week_is_told_beside_the_week_before(deps):
    found = await health.report(deps, Period.WEEKLY)

    plots = "Accuracy 85 % (before 94 %); Cost 4.5 USD (before 3 USD)"
    assert health.lines(found) == [
        "AI health, weekly: 2026-11-21 to 2026-11-28",
        f"bot: 1 of 2 metrics fire; 1 told to their own audience. {plots}",
        "  fires: quality.accuracy: fell <b>",
        "  evaluation of bot: 11-28 08:00 s 7: 100.0% (20.7% to 100.0%)",
        "  incident: INC-1 accuracy fell (P1, open)",
    ]
    accuracy, cost = found.systems[0].plots
    assert ([value for _, value in accuracy.points], [value for _, value in cost.points]) == ([0.9, 0.8], [2.0, 2.5])
    assert found.is_well is False


@pytest.mark.usefixtures("busy")
async def test_page_has_a_plot_a_metric_and_no_markup_of_others(deps):
    page = health_html.render(await health.report(deps, Period.WEEKLY, "bot"))

    assert (page.count("<figure>"), page.count("<svg")) == (2, 2)
    assert "<h2>bot</h2><p>1 of 2 metrics fire. 1 more of fairness or security are told" in page
    assert "fell &lt;b&gt;" in page
    assert "fell <b>" not in page


async def test_without_systems_it_says_so_and_a_system_without_trouble_is_fine(deps):
    nothing = await health.report(deps, Period.DAILY)
    async with deps.db.transaction() as tx:
        await observations.add_all(tx, "w", [told(0.5, {"metric": "quality.f1", "value": 0.9})])
    fine = await health.report(deps, Period.DAILY)

    assert health.lines(nothing)[1] == "No AI system has told anything yet."
    assert "<p>No AI system has told anything yet.</p>" in health_html.render(nothing)
    assert (health.lines(fine)[1], fine.is_well) == ("bot: all 0 metrics fine", True)
    assert "All 0 metrics are fine." in health_html.render(fine)
