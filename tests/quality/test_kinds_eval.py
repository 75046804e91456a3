"""The eval of written incidents: what counts as right, what the floors answer, and that the cases are whole."""

from collections import Counter

import pytest
from evals import kinds
from evals.kinds import Answer, Case

CULPRIT, FULL = {"change": 0}, {"kind": ["saturation"], "about": "db|api", "says": "disk"}
TOLD = {
    "name": "toy",
    "service": "api",
    "alert": "api: writes fail",
    "needs": {"api": ["db"]},
    "metrics": [["Disk usage of db", "db", "ratio", 0.5, 1.0]],
    "logs": {"api": [["ERROR no space left on device", 20]]},
    "events": {"db": [[1, "disk is full"]]},
    "changes": [[5, "api", "deploy", "New colours", ""], [-1, "api", "deploy", "Later", ""]],
    "gaps": {"loki": "no answer"},
    "answer": FULL,
}


def case(**other):
    decoys = [["deploy", "Decoy", ""]] * 3
    return Case("toys", "toy", is_held_out=False, told={**TOLD, **other}, decoys=decoys)


@pytest.mark.parametrize(
    ("right", "answer", "is_right"),
    [
        (FULL, Answer("saturation", "db", text="the Disk of db is full"), True),
        (FULL, Answer("saturation", "db", text="no CPU is left"), False),
        (FULL, Answer("saturation", "db"), True),
        (FULL, Answer("saturation", "dbx", text="disk"), False),
        (FULL, Answer("dependency", "db", text="disk"), False),
        (FULL, Answer("change", "", "change-0"), False),
        (CULPRIT, Answer("change", "", "change-0"), True),
        (CULPRIT, Answer("change", "", "change-1"), False),
        (CULPRIT, Answer("saturation", "db", text="disk"), False),
    ],
)
def test_answer_is_right_by_change_or_by_kind_object_and_words(right, answer, is_right):
    assert kinds.is_right(case(answer=right), ["change-0", "change-1"], answer) is is_right


def test_floors_answer_the_last_change_before_the_alert_a_limit_and_the_oddest_metric():
    toy = case()
    one = kinds.given(toy)

    answers = [floor(toy, one) for floor in kinds.FLOORS.values()]

    assert answers == [
        Answer("change", "", "change-1"),
        Answer("saturation", "api"),
        Answer("saturation", "db"),
    ]


def test_floors_without_metrics_and_changes_are_no_answer():
    bare = case(metrics=[], changes=[])
    one = kinds.given(bare)

    assert kinds.most_anomalous_metric(bare, one).kind == "not enough data"
    assert kinds.most_recent_change(bare, one) == Answer("change", "", None)


def test_case_is_answered_by_the_investigation():
    outcome = kinds.outcome(case(decoys=3))

    assert (outcome.first, outcome.floors["most anomalous metric"]) == (True, True)


def test_every_kind_has_six_cases_half_of_them_held_out():
    counted = Counter(one.kind for one in kinds.read())
    held_out = Counter(one.kind for one in kinds.read() if one.is_held_out)

    assert len(counted) == 12
    assert min(counted.values()) >= 6
    assert all(held_out[kind] == count // 2 for kind, count in counted.items())


def test_each_written_answer_names_a_change_that_is_there_or_a_kind():
    for one in kinds.read():
        right = one.told["answer"]
        wanted = right.get("change", right.get("or_change", 0))
        assert "kind" in right or wanted < len(one.told["changes"]), one.name
