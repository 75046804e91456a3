"""A story fails on whatever nobody wanted, and on what came late, too often or not at all; its table says which."""

import pytest

from .verdict import Seen, judge
from .vocabulary import alert, at, between, edit, incident, message, play, push, shows, up_to, want

CARD = Seen(1.2, "posts in", "#inc-1", "INC-1 checkout: P1 high")
EDITED = Seen(3.0, "edits in", "#inc-1", "INC-1 checkout: P1 high, acknowledged")
WANTED = want(between(0, 5), message("#inc-1", "INC-1"))


def test_what_was_wanted_and_seen_in_its_window_is_good():
    verdict = judge([*WANTED, *want(between(2, 5), edit("#inc-1", "P1", "acknowledged$"))], [CARD, EDITED])

    assert (verdict.is_good, list(verdict.met.values()), verdict.unexpected) == (True, [[1.2], [3.0]], [])


@pytest.mark.parametrize(
    "seen",
    [
        [],
        [CARD, CARD],
        [CARD, EDITED],
        [Seen(5.1, "posts in", "#inc-1", "INC-1")],
        [Seen(1.2, "posts in", "#inc-2", "INC-1")],
        [Seen(1.2, "posts in", "#inc-1", "INC-2")],
    ],
    ids=["missing", "twice", "something else too", "late", "elsewhere", "in other words"],
)
def test_anything_else_is_not(seen):
    assert not judge(WANTED, seen).is_good


def test_what_may_happen_may_be_left_out_but_not_done_more_often():
    wants = want(between(0, 5), edit("#inc-1"), times=up_to(2))

    assert [judge(wants, [EDITED] * times).is_good for times in range(4)] == [True, True, True, False]


def test_table_says_what_was_expected_and_what_it_got():
    wants = [*WANTED, *want(between(2, 5), message("#incidents", "INC-1", "P1"), times=(1, 2))]

    table = str(judge(wants, [CARD, EDITED]))

    assert table.splitlines() == [
        "            expected                                                 when      times   got",
        '            posts in #inc-1 "INC-1"                                  0 to 5 s  1       1.2 s',
        'MISSING     posts in #incidents "INC-1" and "P1"                     2 to 5 s  1 to 2  nothing',
        'UNEXPECTED  edits in #inc-1 "INC-1 checkout: P1 high, acknowledged"                    3.0 s',
    ]


async def test_a_story_of_the_whole_copilot_fails_with_the_table(tmp_path):
    with pytest.raises(AssertionError) as failed:
        await play(
            tmp_path,
            at(0, push(alert("DiskFilling", service="search", severity="warning"))),
            want(between(0, 1), *incident(1, "DiskFilling on search")),
            shows("#inc-1", "DiskFilling"),
        )

    lines = [line.split("  ")[0] for line in str(failed.value).splitlines()]
    assert {"MISSING", "UNEXPECTED"} <= set(lines)
    assert 'MISSING  in the end one message of #inc-1 shows "DiskFilling"' in str(failed.value)
