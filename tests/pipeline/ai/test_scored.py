"""Interactions are scored beside what is usual, and signals count by kind."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from incident_copilot.domain.observation import Figure, Signal, SignalKind, Snapshot
from incident_copilot.domain.sampled import Evaluation, Sampled, Typical
from incident_copilot.pipeline.ai import scored
from incident_copilot.store import observations

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LOW, UNSAFE, ODD = SignalKind.LOW_QUALITY, SignalKind.SAFETY_VIOLATION, SignalKind.ANOMALY


class Says:
    """An evaluator that always says the same."""

    def __init__(self, *kinds):
        self._signals = tuple(Signal(kind=kind, name=str(number)) for number, kind in enumerate(kinds))

    def look(self, one, usual):
        del one, usual
        return Evaluation(score=0.5, signals=self._signals)


def signals(*evaluators, feedback=None):
    """Return kinds and whether they alert."""
    one = Sampled(id="1", at=NOW, request="Hi", feedback=feedback)
    found = scored.judged({str(number): each for number, each in enumerate(evaluators)}, "bot", one, {}).interaction
    return [signal.kind for signal in found.signals], found.alerts, found.score


def test_one_kind_counts_once_but_each_safety_violation_is_kept():
    assert signals(Says(LOW), Says(LOW)) == ([LOW], False, 0.5)
    assert signals(Says(LOW), Says(ODD)) == ([LOW, ODD], True, 0.5)
    assert signals(Says(UNSAFE, UNSAFE)) == ([UNSAFE, UNSAFE], True, 0.0)
    assert signals(Says(LOW), feedback=-1.0) == ([LOW, SignalKind.NEGATIVE_FEEDBACK], True, 0.5)


async def test_what_is_usual_is_read_from_the_last_day(db):
    told = [
        Snapshot(system="bot", id=str(number), at=NOW - timedelta(hours=hours), figures=(figure,))
        for number, (hours, figure) in enumerate(
            [
                (1, Figure(metric="interactions.latency_ms", value=100.0, n=10, squares=100_090.0)),
                (2, Figure(metric="interactions.cost_usd", value=1.0)),
                (30, Figure(metric="interactions.latency_ms", value=900.0, n=10, squares=8_200_000.0)),
            ]
        )
    ]
    async with db.transaction() as tx:
        await observations.add_all(tx, "w", told)

    found = await scored.usual_of(SimpleNamespace(db=db, now=lambda: NOW, workspace_id="w"), "bot")

    assert found == {"latency_ms": Typical(100.0, 10.0**0.5, 10)}
