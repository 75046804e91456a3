"""Templates of log lines, and how two windows of them differ."""

import pytest

from incident_copilot.analysis.logs import LogLine, TemplateChange, compare_templates, without_standing
from incident_copilot.analysis.masks import Masks, message_of
from incident_copilot.analysis.miner import Miner, mine

from .story import ONSET, calm_lines, pool_limit_lines


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2026-11-21T10:00:00.123Z started", "<TIME> started"),
        ("2026-11-21 10:00:00,123 started", "<TIME> <TIME> started"),
        ("id 0f8fad5b-d9cb-469f-a165-70867728950e gone", "id <UUID> gone"),
        ("peer 10.0.0.7:5432 refused", "peer <IP> refused"),
        ("from 00:11:43:e3:ba:c3 via fe80::1%eth0 or 2001:db8:0:0:0:0:0:1", "from <MAC> via <IP> or <IP>"),
        ("at 21:05, for 1:21:05", "at <TIME>, for <TIME>"),
        ("in C:\\Windows\\cbs.log now, **** hidden", "in <PATH> now, <STR> hidden"),
        ("GET /var/lib/x.db https://a.example/b?c=1", "GET <PATH> <PATH>"),
        ("key 'user-1' and \"cart\"", "key <STR> and <STR>"),
        ("at 0xdeadBEEF commit 9f86d08", "at <HEX> commit <HEX>"),
        ("took 30ms, waited 1.5s", "took <DUR>, waited <DUR>"),
        ("size 4 of 1,024 at 97.5% blk_77", "size <NUM> of <NUM> at <NUM> blk_<NUM>"),
        ("utf8 stays v2.31 stays", "utf8 stays v2.31 stays"),
    ],
)
def test_varying_parts_become_typed_variables(line, expected):
    assert " ".join(Masks().of(line)) == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"level":"error","msg":"pool full","error":"pool full","n":3}', "pool full"),
        ('{"n":3}', '{"n":3}'),
        ("{not json", "{not json"),
        ("{}", "{}"),
        ('level=error msg="pool \\"main\\" full" n=3', 'pool "main" full'),
        ('path="/a" done', 'path="/a" done'),
        ("  plain text\n", "plain text"),
    ],
)
def test_structured_lines_give_their_message(line, message):
    assert message_of(line) == message


def test_lines_that_differ_in_values_share_a_template_and_the_constant_values_stay_readable():
    miner = mine(line.text for line in pool_limit_lines(500))

    (template,) = miner.templates()
    assert template.count == 500
    assert template.text == (
        "<TIME> ERROR QueuePool limit of size <NUM> overflow <NUM> reached, connection timed out, timeout <NUM>"
        " request=<NUM>"
    )
    assert template.headline == (
        "QueuePool limit of size 4 overflow 0 reached, connection timed out, timeout 30.00 request=<NUM>"
    )


def test_words_that_differ_beside_many_equal_ones_become_a_variable():
    miner = mine([f"rejected login of user {name}, address=<x> since key expired" for name in ("ann-1", "bob-2")])

    assert [template.text for template in miner.templates()] == [
        "rejected login of user <*> address=<x> since key expired"
    ]


def test_plain_words_that_differ_keep_messages_apart():
    miner = mine(["VM started now", "VM paused now", "VM paused now"])

    assert [(template.text, template.count) for template in miner.templates()] == [
        ("VM started now", 1),
        ("VM paused now", 2),
    ]


def test_the_more_similar_of_the_templates_takes_the_line():
    miner = mine(
        [
            "job run alpha beta gamma x",
            "job run delta epsilon zeta-1 x",
            "job run 1 2 3 4",
            "job run delta epsilon eta-b x",
            "job run a.b c.d e.f g.h",
        ]
    )

    assert [(template.text, template.count) for template in miner.templates()] == [
        ("job run alpha beta gamma x", 1),
        ("job run delta epsilon <*> x", 2),
        ("job run <NUM>", 1),
        ("job run a.b c.d e.f g.h", 1),
    ]


def test_many_different_words_in_one_place_are_names_and_few_are_what_is_said():
    rejected = [f"Failed password for {name} from 10.0.0.7" for name in ("root", "git", "ftp", "admin", "backup")]
    moved = [f"task 7 moved from NEW to {state}" for state in ("RUNNING", "FAILED_HARD", "KILLED", "LOST", "DONE")]

    assert [(template.text, template.count) for template in mine([*rejected, *moved]).templates()] == [
        ("Failed password for <*> from <IP>", 5),
        *((line.replace("7", "<NUM>"), 1) for line in moved),
    ]


def test_word_that_follows_a_naming_word_is_a_name():
    lines = ["session of user ann closed", "session of user bob closed"]

    assert [(template.text, template.count) for template in mine(lines).templates()] == [
        ("session of user <*> closed", 2)
    ]


def test_other_keys_and_their_few_plain_values_tell_messages_apart():
    lines = [
        "opened for all by (uid=0)",
        "opened for all by LOGIN(uid=0)",
        "node left state=DOWN at 5",
        "node left state=UP at 5",
        "node left state=7 at 5",
    ]

    assert [template.text for template in mine(lines[:4]).templates()] == [
        "opened for all by (uid=<NUM>)",
        "opened for all by LOGIN(uid=<NUM>)",
        "node left state=DOWN at <NUM>",
        "node left state=UP at <NUM>",
    ]
    assert [template.text for template in mine(lines[2:]).templates()] == ["node left state=<*> at <NUM>"]


def test_what_is_one_value_is_one_variable_however_many_words_it_takes():
    miner = mine(
        [
            "[Sun Dec 04 04:47:44 2005] [error] took 1.5 seconds for (93.0 KB), ok: true",
            "[Mon Dec 05 04:47:44 2005] [error] took 12 seconds for (9 bytes), ok: false",
            "asked to delete blk_-1 blk_2 blk_3",
            "asked to delete blk_4 blk_5",
            'lock tag="View Lock", flags=1',
        ]
    )

    assert [(template.text, template.headline) for template in miner.templates()] == [
        ("[<TIME>] [error] took <DUR> for (<SIZE>), ok: <BOOL>", "took <DUR> for (<SIZE>), ok: <BOOL>"),
        ("asked to delete blk_<NUM>", "asked to delete blk_<NUM>"),
        ("lock tag=<STR>, flags=<NUM>", 'lock tag="View Lock", flags=1'),
    ]


def test_lists_of_any_length_are_one_template():
    miner = mine(["speeds ( 3552 **** 3515 ) now", "speeds ( 3552 3534 ) now", "speeds ( 1 2 3 **** ) now"])

    assert [(template.text, template.count) for template in miner.templates()] == [("speeds ( <NUM> ) now", 3)]
    assert miner.templates()[0].headline == "speeds ( <NUM> ) now"


def test_forms_beyond_what_is_remembered_are_counted_together():
    miner = Miner(remembered=2)

    forms = [miner.add(line) for line in ("a said", "b said", "c said", "d said", "a said")]

    assert [(template.text, template.count) for template in miner.templates()] == [
        ("a said", 2),
        ("b said", 1),
        ("<*>", 2),
    ]
    assert forms[2] is forms[3]


def test_forgetting_lines_and_words_does_not_change_the_grouping():
    miner = Miner(remembered=3)

    for i in range(10):
        miner.add(f"took {i}ms of {i}")

    assert [(template.text, template.count) for template in miner.templates()] == [("took <DUR> of <NUM>", 10)]


def test_new_error_is_found_with_its_rates_and_samples():
    during = pool_limit_lines(3720) + calm_lines(100, start=ONSET, length_s=180)

    changes = compare_templates(calm_lines(1000), during, before_s=1800, during_s=180)

    (change,) = changes
    assert change == TemplateChange(
        kind="new",
        template=(
            "<TIME> ERROR QueuePool limit of size <NUM> overflow <NUM> reached, connection timed out, timeout <NUM>"
            " request=<NUM>"
        ),
        headline="QueuePool limit of size 4 overflow 0 reached, connection timed out, timeout 30.00 request=<NUM>",
        service="payments",
        per_minute_before=0.0,
        per_minute_during=1240.0,
        count=3720,
        first_seen=ONSET,
        severe=True,
        score=change.score,
        samples=tuple(pool_limit_lines()[:5]),
    )
    assert change.score > 50


def test_surging_and_vanished_messages_are_told_from_steady_ones():
    retry = [LogLine(ONSET - i, f"retry {i} of call") for i in range(1, 31)]
    retries = [LogLine(ONSET + i / 10, f"retry {i} of call") for i in range(300)]
    beats = [LogLine(ONSET - i, f"heartbeat {i} sent on") for i in range(1, 301)]

    changes = compare_templates(
        retry + beats + calm_lines(100),
        retries + calm_lines(10, start=ONSET, length_s=180),
        before_s=1800,
        during_s=180,
    )

    assert [(change.kind, change.headline) for change in changes] == [
        ("surging", "retry <NUM> of call"),
        ("vanished", "heartbeat <NUM> sent on"),
    ]
    assert changes[1].per_minute_during == 0.0


def test_single_new_line_counts_only_when_it_is_an_error():
    during = [LogLine(ONSET, "cache warmed"), LogLine(ONSET, "cache corrupt"), LogLine(ONSET, "")]

    changes = compare_templates([LogLine(ONSET - 5, "idle")], during, before_s=60, during_s=60)

    assert [(change.kind, change.headline) for change in changes] == [("new", "cache corrupt")]


def test_without_both_windows_nothing_is_compared():
    assert compare_templates([], pool_limit_lines(3), before_s=0, during_s=180) == []
    assert compare_templates([], pool_limit_lines(3), before_s=180, during_s=0) == []


def test_event_that_was_told_again_and_again_before_is_standing_noise():
    standing = [LogLine(ONSET - 900 + 300 * place, f"probe of pod-{place} failed") for place in range(6)]
    fresh = [LogLine(ONSET - 5000, "node drained"), LogLine(ONSET + 5, "pod evicted")]

    assert without_standing([*standing, *fresh], onset=ONSET) == fresh
