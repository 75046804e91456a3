"""A value of a snapshot is used, or named with what to send instead."""

import math

import pytest

from incident_copilot.domain.observation import Figure
from incident_copilot.vendors import told_figures
from incident_copilot.vendors.told_figures import MOST_BUCKETS, MOST_FIGURES, MOST_GROUPS, MOST_HISTORY


def read(**sections):
    """Return figures and what was flagged."""
    found = told_figures.read(sections)
    return found.figures, found.flagged


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "is null; leave it out, or send a number"),
        ("0.9", "is a text; send a number without quotation marks"),
        (True, "is true or false; send a number without quotation marks"),
        ([0.9], "is a list; send a number without quotation marks"),
        (math.nan, "is NaN or infinite; leave it out where nothing was measured"),
        (math.inf, "is NaN or infinite; leave it out where nothing was measured"),
        (-0.1, "is -0.1, below 0; send what was measured, not a difference"),
        (93, "is 93, over 1; send a share, such as 0.93 for 93 %"),
    ],
)
def test_value_that_is_no_share_is_flagged_by_name(value, problem):
    assert read(quality_metrics={"accuracy": value}) == ([], [f"quality_metrics.accuracy {problem}"])


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        ({"cost_metrics": {"usd": 1e16}}, "cost_metrics.usd is 1e+16, more than anything measured; look at its unit"),
        ({"quality_metrics": "good"}, "quality_metrics is a text; send an object of metrics"),
        ({"quality_metrics": 1}, "quality_metrics is a number; send an object of metrics"),
        (
            {"quality_metrics": {"<script>\x1b": 1}},
            "quality_metrics.<script>? is no name of a metric; use small letters, digits and _, at most 60",
        ),
        (
            {"quality_metrics": {"f1": {"current_accuracy": 1}}},
            "quality_metrics.f1.current_accuracy " + told_figures.UNKNOWN,
        ),
        (
            {"quality_metrics": {"f1": {}}},
            "quality_metrics.f1 has no value; send `value`, or `successes` and `total`, or `counts`",
        ),
        (
            {"security_metrics": {"pii": {"flagged": 3}}},
            "security_metrics.pii has no `total`; send how many cases there were in all",
        ),
        (
            {"security_metrics": {"pii": {"flagged": 3, "total": 2}}},
            "security_metrics.pii has 3 of a total of 2; send how many cases there were in all",
        ),
        (
            {"security_metrics": {"pii": {"flagged": 0.5, "total": 2}}},
            "security_metrics.pii.flagged is 0.5, not whole; send a number of cases",
        ),
        (
            {"bias_metrics": {"demographic_parity": {"groups": []}}},
            "bias_metrics.demographic_parity.groups is no object of groups, or `attribute` no name such as gender",
        ),
        (
            {"bias_metrics": {"demographic_parity": {"groups": {"a=b": 0.1}}}},
            "bias_metrics.demographic_parity.groups has a group whose name is empty, too long, or has = or , in it",
        ),
        (
            {"bias_metrics": {"demographic_parity": {"groups": {str(one): 0.1 for one in range(MOST_GROUPS + 1)}}}},
            "bias_metrics.demographic_parity.groups has 51 groups, over 50; join the small ones",
        ),
        (
            {"feature_distributions": {"age": {"counts": {str(one): 1 for one in range(MOST_BUCKETS + 1)}}}},
            "feature_distributions.age.counts is no object of 1 to 100 counts by bucket",
        ),
        (
            {"quality_metrics": {"f1": {"history": [1] * (MOST_HISTORY + 1)}}},
            "quality_metrics.f1.history is no list of at most 1000 numbers",
        ),
    ],
)
def test_what_cannot_be_used_is_named_with_its_fix(sections, problem):
    assert read(**sections) == ([], [problem])


def test_what_is_right_beside_what_is_wrong_is_used():
    figures, flagged = read(
        quality_metrics={"f1": {"value": 0.9, "history": [0.8, "x", 0.7]}},
        feature_distributions={"age": {"counts": {"0-9": 4, "10-": -1, "": 3}}},
    )

    assert figures == [
        Figure(metric="quality.f1", value=0.9, history=(0.8, 0.7)),
        Figure(metric="feature.age", counts={"0-9": 4}),
    ]
    assert [one.partition(" is ")[0] for one in flagged] == [
        "quality_metrics.f1.history[1]",
        "feature_distributions.age.counts.10-",
    ]


def test_groups_and_a_figure_of_all_stand_in_one_metric():
    figures, flagged = read(
        quality_metrics={"f1": {"value": 0.9, "groups": {"de": {"value": 0.8}, "en": 0.95, "x": 2}}}
    )

    assert [(one.group, one.value) for one in figures] == [("group=de", 0.8), ("group=en", 0.95), ("", 0.9)]
    assert flagged == ["quality_metrics.f1.groups.x is 2, over 1; send a share, such as 0.93 for 93 %"]


def test_odds_may_have_no_attribute_and_one_rate():
    figures, _ = read(bias_metrics={"equalized_odds": {"true_positive_rate": 0.5, "attribute": "age"}})

    assert figures == [Figure(metric="fairness.true_positive_rate", value=0.5)]


def test_too_many_metrics_are_bounded_and_counted():
    found = told_figures.read({"quality_metrics": {f"m{number}": 0.5 for number in range(MOST_FIGURES + 30)}})

    assert (len(found.figures), len(found.flagged), found.left_out) == (MOST_FIGURES, 20, 30)
