"""Verdicts of one look stand together: chance is taken back, weak signals join, what fires lasts as its effect does."""

from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.analysis.monitoring.judging import judged
from incident_copilot.domain.observation import SignalKind
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def verdict(metric="quality.accuracy", outcome="firing", **fields):
    told = {
        "system": "bot",
        "monitor": "quality",
        "metric": metric,
        "outcome": outcome,
        "kind": SignalKind.QUALITY_DROP,
        "incident_type": AiIncident.QUALITY,
        "at": NOON,
    }
    return Verdict.model_validate({**told, **fields})


def outcomes(said, before=()):
    return [one.outcome.value for one in judged(said, {one.key: one for one in before}, 0.01)]


def test_one_of_many_tests_is_chance():
    one = verdict("quality.1", p=0.009)
    others = [verdict(f"quality.{number}", "fine", p=0.5) for number in range(2, 21)]

    assert outcomes([one]) == ["firing"]
    assert outcomes([one, *others])[0] == "fine"


def test_what_was_not_tested_stands():
    assert outcomes([verdict(p=None), verdict("quality.b", "unknown", p=None)]) == ["firing", "unknown"]


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        (verdict(p=0.5), "firing"),
        (verdict(outcome="unknown"), "firing"),
        (verdict(outcome="weak"), "firing"),
        (verdict(outcome="weak", severity="info"), "weak"),
        (verdict(outcome="fine", p=0.5), "fine"),
    ],
)
def test_what_fires_goes_on_while_its_effect_is_there(now, wanted):
    began = NOON - timedelta(hours=4)
    earlier = verdict(since=NOON - timedelta(hours=3), began=began, at=NOON - timedelta(minutes=1))

    found = judged([now], {earlier.key: earlier}, 0.01)

    assert [one.outcome for one in found] == [wanted]
    assert (found[0].since, found[0].began) == ((earlier.since, began) if wanted == "firing" else (NOON, None))


def test_two_weak_signals_of_different_kinds_alert_together():
    quality = verdict("quality.score", "weak", severity="info", summary="score fell")
    cost = verdict("cost.usd", "weak", kind=SignalKind.COST, summary="cost rose")

    found = judged([quality, cost], {}, 0.01)

    assert [one.outcome for one in found] == ["weak", "weak", "firing"]
    assert (found[2].metric, found[2].summary, found[2].n) == ("signals.together", "cost rose; score fell", 2)
    assert found[2].since == NOON


def test_what_concerns_fairness_keeps_its_audience_where_it_is_joined():
    quality = verdict("quality.score", "weak", severity="warning")
    gap = verdict("fairness.gap", "weak", severity="info", kind=SignalKind.UNFAIRNESS, incident_type=AiIncident.BIAS)

    assert judged([quality, gap], {}, 0.01)[2].incident_type == "bias_and_fairness"


@pytest.mark.parametrize(
    "others",
    [
        [],
        [verdict("quality.other", "weak")],
        [verdict("cost.usd", "weak", kind=SignalKind.COST), verdict("data.age_s", kind=SignalKind.BAD_DATA)],
    ],
)
def test_a_weak_signal_alone_is_kept(others):
    found = judged([verdict("quality.score", "weak"), *others], {}, 0.01)

    assert len(found) == 1 + len(others)
    assert found[0].outcome is Outcome.WEAK
