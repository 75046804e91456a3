"""Verdicts of one look stand together: chance is taken back, weak signals join, what fires lasts as its effect does."""

from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.analysis.monitoring.judging import judged
from incident_copilot.domain.observation import SignalKind
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


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
    return [one.outcome.value for one in judged(said, {one.key: one for one in before}, 0.01, DAY)]


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

    found = judged([now], {earlier.key: earlier}, 0.01, DAY)

    assert [one.outcome for one in found] == [wanted]
    assert (found[0].since, found[0].began) == ((earlier.since, began) if wanted == "firing" else (NOON, None))


def test_two_weak_signals_of_different_kinds_alert_together():
    quality = verdict("quality.score", "weak", severity="info", summary="score fell")
    cost = verdict("cost.usd", "weak", kind=SignalKind.COST, summary="cost rose")

    found = judged([quality, cost], {}, 0.01, DAY)

    assert [one.outcome for one in found] == ["weak", "weak", "firing"]
    assert (found[2].metric, found[2].summary, found[2].n) == ("signals.together", "cost rose; score fell", 2)
    assert found[2].since == NOON


def test_what_concerns_fairness_keeps_its_audience_where_it_is_joined():
    quality = verdict("quality.score", "weak", severity="warning")
    gap = verdict("fairness.gap", "weak", severity="info", kind=SignalKind.UNFAIRNESS, incident_type=AiIncident.BIAS)

    assert judged([quality, gap], {}, 0.01, DAY)[2].incident_type == "bias_and_fairness"


@pytest.mark.parametrize(
    "others",
    [
        [],
        [verdict("quality.other", "weak")],
        [verdict("cost.usd", "weak", kind=SignalKind.COST), verdict("data.age_s", kind=SignalKind.BAD_DATA)],
    ],
)
def test_a_weak_signal_alone_is_kept(others):
    found = judged([verdict("quality.score", "weak"), *others], {}, 0.01, DAY)

    assert len(found) == 1 + len(others)
    assert found[0].outcome is Outcome.WEAK


def weak(metric, at=NOON, kind=SignalKind.COST, **fields):
    return verdict(metric, "weak", kind=kind, severity="info", at=at, **fields)


class Looks:
    """Looks one after the other, each knowing what the one before came to."""

    def __init__(self):
        self.before = {}

    def __call__(self, *said):
        found = judged(said, self.before, 0.01, DAY)
        self.before |= {one.key: one for one in found}
        return {one.metric: one.outcome.value for one in found}


def told(at, *, fires=(), weak_are=("cost.usd", "quality.score")):
    """What monitors say then of two weak signals of different kinds, and of what fires beside them."""
    kinds = {"quality.score": SignalKind.QUALITY_DROP, "data.age": SignalKind.BAD_DATA}
    signals = [weak(metric, at, kinds.get(metric, SignalKind.COST)) for metric in weak_are]
    return [*signals, verdict("quality.accuracy", "firing" if fires else "fine", at=at)]


def test_what_is_left_over_of_trouble_that_has_ended_alerts_for_a_window_only_beside_news():
    look = Looks()
    look(*told(NOON, fires=True))

    ended = look(*told(NOON + MINUTE))
    later = look(*told(NOON + DAY))
    news = look(*told(NOON + DAY, weak_are=("cost.usd", "quality.score", "data.age")))
    a_window_on = Looks()
    a_window_on.before = {key: one for key, one in look.before.items() if one.outcome == "weak"}

    assert "signals.together" not in ended | later
    assert news["signals.together"] == "firing"
    assert a_window_on(*told(NOON + DAY + MINUTE))["signals.together"] == "firing"


def test_a_signal_that_went_and_came_again_is_news():
    look = Looks()
    look(*told(NOON, fires=True))
    look(*told(NOON + MINUTE))
    look(*told(NOON + 2 * MINUTE, weak_are=("quality.score",)), verdict("cost.usd", "fine", at=NOON + 2 * MINUTE))

    assert look(*told(NOON + 3 * MINUTE))["signals.together"] == "firing"


def test_signals_that_alerted_together_end_with_the_last_pair_of_them_and_a_gap_in_the_figures_ends_nothing():
    look = Looks()
    look(*told(NOON))
    gap = look(*told(NOON + MINUTE, weak_are=("cost.usd",)))
    fine = verdict("quality.score", "fine", kind=SignalKind.QUALITY_DROP, at=NOON + 2 * MINUTE)

    over = look(*told(NOON + 2 * MINUTE, weak_are=("cost.usd",)), fine)
    left = {one.metric for one in look.before.values() if one.explained_until}

    assert "signals.together" not in gap
    assert (over["signals.together"], left) == ("fine", {"cost.usd"})
    assert look() == {}


def test_what_those_who_were_told_may_not_read_was_not_told_and_is_news():
    look = Looks()
    unfair = weak("fairness.gap", kind=SignalKind.UNFAIRNESS, incident_type=AiIncident.BIAS)
    look(*told(NOON, fires=True, weak_are=("cost.usd",)), unfair)

    ended = look(*told(NOON + MINUTE, weak_are=("cost.usd",)), unfair.model_copy(update={"at": NOON + MINUTE}))

    assert ended["signals.together"] == "firing"
