"""Slices: the one that carries a loss is named with its interval; a mix, chance and another slice's loss are not."""

import numpy as np
import pytest

from incident_copilot.analysis.monitoring.shares import Share
from incident_copilot.analysis.slices import Case, compared, slices


def cases(n, bad, *, since, **labels):
    return [Case(labels, place < bad, since) for place in range(n)]


def test_slice_that_carries_the_loss_comes_first_with_its_interval():
    before = [*cases(200, 10, since=False, language="de"), *cases(800, 40, since=False, language="en")]
    after = [*cases(200, 90, since=True, language="de"), *cases(800, 40, since=True, language="en")]

    (found,) = slices([*before, *after])

    assert (found.name, found.before, found.after, found.others) == (
        "language=de",
        Share(10, 200),
        Share(90, 200),
        Share(40, 800),
    )
    assert round(found.carries, 6) == 1.0
    assert found.text == (
        "language=de carries 100% of the loss: of its answers are bad 5.0% before, now 45.0% of 200"
        " (32 to 47 points more, 95 %); of the others 5.0%"
    )


def test_mix_that_shifts_towards_what_was_always_worse_carries_nothing():
    before = [*cases(100, 40, since=False, segment="new"), *cases(900, 45, since=False, segment="old")]
    after = [*cases(500, 200, since=True, segment="new"), *cases(500, 25, since=True, segment="old")]

    assert slices([*before, *after]) == []


def test_version_that_was_not_there_before_is_held_against_all():
    before = cases(500, 25, since=False, version="v1")
    after = [*cases(250, 12, since=True, version="v1"), *cases(250, 100, since=True, version="v2")]

    (found,) = slices([*before, *after])

    assert (found.name, found.before) == ("version=v2", None)
    assert found.text.startswith("version=v2 carries 100% of")
    assert "of its answers are bad 40.0% of 250" in found.text


def test_slice_whose_rise_is_gone_within_another_label_is_explained_by_it():
    def both(since, bad_v2):
        # Most of what is German is answered by v2: it looks bad for v2's sake alone.
        return [
            *cases(180, int(180 * bad_v2), since=since, language="de", version="v2"),
            *cases(20, 1, since=since, language="de", version="v1"),
            *cases(60, int(60 * bad_v2), since=since, language="en", version="v2"),
            *cases(740, 37, since=since, language="en", version="v1"),
        ]

    found = slices([*both(False, 0.05), *both(True, 0.5)])

    assert [(one.name, one.explained_by) for one in found] == [("version=v2", ""), ("language=de", "version=v2")]


def test_labels_that_always_go_together_are_both_named():
    before = cases(300, 15, since=False, version="v1", prompt="p1")
    after = [
        *cases(150, 8, since=True, version="v1", prompt="p1"),
        *cases(150, 75, since=True, version="v2", prompt="p2"),
    ]

    assert [(one.name, one.explained_by) for one in slices([*before, *after])] == [
        ("prompt=p2", ""),
        ("version=v2", ""),
    ]


@pytest.mark.parametrize("told", [[], cases(50, 5, since=True, a="b"), cases(50, 5, since=False, a="b")])
def test_nothing_is_said_without_both_sides(told):
    assert slices(told) == []


def test_nothing_is_said_of_few_cases_of_what_all_share_or_of_a_label_with_a_value_for_each():
    before = [
        Case({"all": "x", "user": f"u{place}", "rare": "y" if place < 5 else "z"}, False, False) for place in range(300)
    ]
    after = [Case({"all": "x", "user": f"u{place}"}, place < 90, True) for place in range(300)]

    assert slices([*before, *after]) == []


def test_of_many_slices_that_are_alike_hardly_one_is_named_by_chance():
    random = np.random.default_rng(1)

    def drawn(since):
        bad, values = random.random(600) < 0.1, random.integers(0, 4, (600, 5))
        return [
            Case({f"l{at}": str(v) for at, v in enumerate(row)}, bool(b), since)
            for row, b in zip(values, bad, strict=True)
        ]

    named = [bool(slices([*drawn(False), *drawn(True)])) for _ in range(25)]

    assert sum(named) <= 3


def test_every_slice_that_is_known_well_enough_is_compared_whether_or_not_it_stands_out():
    before = [*cases(100, 5, since=False, version="v1"), *cases(50, 2, since=False, version="v0")]
    after = [*cases(60, 3, since=True, version="v1"), *cases(40, 20, since=True, version="v2")]

    found = compared([*before, *after])

    assert [(one.name, round(one.part, 2)) for one in found] == [("version=v2", 0.99), ("version=v1", 0.0)]
    assert found[1].rates == "5.0% before, now 5.0% of 60 (-7 to 9 points more, 95 %)"
    assert compared(before) == []
    assert compared([*cases(30, 3, since=False), *cases(30, 3, since=True)]) == []


def test_where_all_became_worse_alike_no_slice_carries_it():
    before = [*cases(60, 3, since=False, language="de"), *cases(60, 3, since=False, language="en")]
    after = [*cases(60, 26, since=True, language="de"), *cases(60, 24, since=True, language="en")]

    assert slices([*before, *after]) == []
