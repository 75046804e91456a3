"""Some interactions are summed up under the names that monitors know."""

from datetime import UTC, datetime, timedelta

from incident_copilot.domain.observation import Figure
from incident_copilot.domain.sampled import Evaluation, Sampled
from incident_copilot.pipeline.ai import scored, summing_up
from incident_copilot.pipeline.ai.again import Recent

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class Says:
    """An evaluator that says what the request asks for."""

    name = "says"

    def look(self, one, usual):
        del usual
        if one.request == "fail":
            raise ValueError("I cannot read")
        return Evaluation(
            score=float(one.request), facts={"quality.x": one.request == "1"}, measures={"quality.m": 2.0}
        )


def judged(*told, **shared):
    """Return scored interactions, a minute apart."""
    return [
        scored.judged(
            {"says": Says()},
            "bot",
            Sampled.model_validate({"id": str(number), "at": NOW + timedelta(minutes=number), **shared, **one}),
            {},
        )
        for number, one in enumerate(told)
    ]


def by_name(found):
    """Return figures by metric and group."""
    return {(one.metric, one.group): one for one in found}


def test_figures_of_two_interactions():
    told = judged(
        {"request": "1", "response": "a b c", "cost_usd": 0.5, "input_tokens": 10, "feedback": 1.0, "confidence": 1.0},
        {"request": "0", "cost_usd": 1.5, "latency_ms": 900.0, "feedback": -0.5, "confidence": 0.31},
    )

    found = by_name(summing_up.figures(told))

    assert found["performance.requests", ""].value == 2
    assert found["interactions.signals", ""] == Figure(metric="interactions.signals", successes=1, n=2)
    assert found["quality.score", ""] == Figure(metric="quality.score", value=0.5, n=2, squares=1.0)
    assert found["quality.satisfaction", ""] == Figure(metric="quality.satisfaction", value=3.5, n=2, squares=29.0)
    assert found["quality.x", ""] == Figure(metric="quality.x", successes=1, n=2)
    assert found["quality.m", ""] == Figure(metric="quality.m", value=2.0, n=2, squares=8.0)
    assert found["cost.usd", ""].value == 2.0
    assert found["cost.tokens_input", ""].value == 10
    assert found["performance.latency_p95_s", ""] == Figure(metric="performance.latency_p95_s", value=0.9, n=1)
    assert found["quality.confidence", ""].counts == {"0.3-0.4": 1, "0.9-1.0": 1}
    assert found["output.response_length", ""].counts == {"up to 0 words": 1, "up to 10 words": 1}
    assert not [metric for metric, _ in found if metric.startswith("fairness.")]


def test_rates_of_groups():
    told = judged(
        {"request": "1", "outcome": True, "truth": True},
        {"request": "0", "outcome": True, "truth": False},
        {"request": "0", "outcome": False, "truth": True},
        groups={"language": "de"},
    )

    found = {one.metric: (one.successes, one.n) for one in summing_up.figures(told) if one.group == "language=de"}

    assert found == {
        "fairness.positive_rate": (2, 3),
        "fairness.true_positive_rate": (1, 2),
        "fairness.false_positive_rate": (1, 1),
    }


def test_like_requests_of_other_groups_that_are_decided_otherwise_are_counted():
    told = judged(
        {"request": "1", "outcome": True, "groups": {"gender": "m"}},
        {"request": "1", "outcome": False, "groups": {"gender": "f"}},
        {"request": "0", "outcome": False, "groups": {"gender": "f", "region": "north"}},
        {"request": "1", "outcome": False},
    )

    found = by_name(summing_up.snapshot("bot", "k", told, Recent()).figures)

    individual = Figure(metric="fairness.individual", group="gender", successes=1, n=1)
    assert found["fairness.individual", "gender"] == individual
    assert ("fairness.individual", "region") not in found


def test_where_nothing_is_decided_a_good_answer_counts():
    told = judged({"request": "1"}, {"request": "0.4"}, groups={"language": "de"})

    found = {one.metric: (one.successes, one.n) for one in summing_up.figures(told) if one.group}

    assert found == {"fairness.positive_rate": (1, 2)}


def test_snapshot_has_the_labels_that_all_share():
    two = summing_up.snapshot(
        "bot",
        "k",
        judged({"request": "1", "labels": {"a": "x", "v": "7"}}, {"request": "1", "labels": {"v": "7"}}),
        Recent(),
    )
    one = summing_up.snapshot("bot", "k", judged({"request": "1", "labels": {"a": "x"}}), Recent())

    assert (two.at, two.labels, one.labels) == (NOW + timedelta(minutes=1), {"v": "7"}, {"a": "x"})


def test_evaluator_that_fails_says_nothing_and_is_logged(caplog):
    [one] = judged({"request": "fail"})

    assert (one.interaction.score, one.interaction.scores) == (None, {})
    assert [record.getMessage() for record in caplog.records] == ["evaluator says failed on an interaction"]
