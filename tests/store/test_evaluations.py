"""Runs of evaluation sets are kept, and found by system, set and time."""

from datetime import UTC, datetime, timedelta

from incident_copilot.domain.evaluation import CaseResult, EvaluationRun
from incident_copilot.store import evaluations

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def run(number, system="bot", suite="s"):
    return EvaluationRun(
        id=f"{number:032x}",
        system=system,
        suite=suite,
        at=NOW + timedelta(hours=number),
        results={"a": CaseResult(passed=True, score=1.0, faults=("x",))},
    )


async def test_newest_run_of_a_set_and_runs_since_a_time(db):
    first, second, others = run(1), run(2), run(3, system="shop")
    async with db.transaction() as tx:
        for one in (first, second, others):
            await evaluations.add(tx, "w", one)
    async with db.read() as view:
        assert await evaluations.last(view, "w", "bot", "s") == second
        assert await evaluations.last(view, "w", "bot", "other") is None
        assert await evaluations.since(view, "w", NOW) == [others, second, first]
        assert await evaluations.since(view, "w", first.at, "bot") == [second]
