"""The same request that comes again is held against its answer before, and like ones of two groups against another."""

from datetime import UTC, datetime

import pytest

from incident_copilot.domain.sampled import Retrieved, Sampled
from incident_copilot.pipeline.ai import again
from incident_copilot.pipeline.ai.again import Recent

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ASKED = "How long does a refund take?"


def asked(name, response="It takes 14 days.", request=ASKED, **fields):
    return Sampled(id=name, at=NOW, request=request, response=response, **fields)


def found(recent, *sampled):
    return {(one.metric, one.group): (one.successes, one.n) for one in again.figures(recent, sampled)}


PASSAGE = (Retrieved(id="refunds"),)
SAME, OTHER = {("quality.consistency", ""): (1, 1)}, {("quality.consistency", ""): (0, 1)}


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ({}, {"request": f"  {ASKED.upper()} "}, SAME),
        ({}, {"response": "That depends on where you live."}, OTHER),
        ({"outcome": True}, {"outcome": False}, OTHER),
        ({"outcome": True}, {"outcome": True, "response": "Approved, of course."}, SAME),
        ({"retrieved": PASSAGE}, {"retrieved": PASSAGE}, SAME),
        ({"retrieved": PASSAGE}, {}, {}),
        ({"request": "and then"}, {"request": "and then"}, {}),
    ],
)
def test_the_same_request_is_held_against_its_answer_before(first, second, said):
    recent = Recent()

    assert found(recent, asked("1", **first)) == {}
    assert found(recent, asked("2", **second)) == said


def test_each_answer_is_in_one_pair_and_a_retry_is_no_pair():
    recent = Recent()

    assert found(recent, *[asked(f"{number}") for number in range(5)]) == {("quality.consistency", ""): (2, 2)}
    assert found(recent, asked("4")) == {}


def test_of_many_requests_the_last_are_remembered():
    recent = Recent()

    found(recent, *[asked(f"{number}", request=f"What is {number} times two?") for number in range(2100)])

    assert len(recent.answers) == 2000
    assert found(recent, asked("x", request="What is 0 times two?")) == {}


def test_like_requests_of_two_groups_are_paired_over_deliveries():
    recent = Recent()
    loan = {"request": "a loan of 5000 over four years"}

    first = found(recent, asked("1", **loan, outcome=True, groups={"gender": "m"}), asked("2", groups={"gender": "m"}))
    second = found(recent, asked("3", **loan, outcome=False, groups={"gender": "f"}))

    assert (first, second) == (
        {},
        {("quality.consistency", ""): (0, 1), ("fairness.individual", "gender"): (1, 1)},
    )
    third = [
        asked(f"{number}", request="a house for a family of five", outcome=True, groups={"gender": "f"})
        for number in (4, 5)
    ]
    assert found(recent, *third)["fairness.individual_within", "gender"] == (0, 1)
