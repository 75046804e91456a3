"""Untrusted text: nothing in it pings, links, hides or breaks out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_samples import NASTY, NOON

from incident_copilot.slack import text

PINGS = re.compile(r"<[!@#]|@(here|channel|everyone)\b", re.IGNORECASE)


@pytest.mark.parametrize("nasty", NASTY)
def test_escaped_text_neither_pings_nor_links_nor_hides(nasty):
    shown = text.escape(nasty, 3_000)

    assert PINGS.search(shown) is None
    assert re.search(r"<|>|https?://|\x1b|\x00|[\u202a-\u202e\u2066-\u2069\u200b\ufeff\ud800-\udfff]", shown) is None
    assert len(shown) <= 3_000
    shown.encode()


@given(st.text(st.characters()), st.integers(min_value=20, max_value=200))
def test_escaped_text_keeps_its_limit_and_whole_entities(raw, limit):
    shown = text.escape(raw, limit)

    assert len(shown) <= limit
    assert re.sub(r"&(amp|lt|gt);", "", shown).count("&") == 0
    assert PINGS.search(shown) is None


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("<@U0CEO> @here", "&lt;@U0CEO&gt; \uff20here"),
        ("<https://evil.example|grafana>", "&lt;hxxps://evil.example|grafana&gt;"),
        ("[Grafana](https://evil.example)", "[Grafana](hxxps://evil.example)"),
        ("javascript:alert(1)", "javascript[:]alert(1)"),
        ("slack://open", "slack[:]//open"),
        ("mail ana@hereford.example", "mail ana@hereford.example"),
        ("payments: pool 4:1", "payments: pool 4:1"),
    ],
)
def test_escape_is_readable(raw, shown):
    assert text.escape(raw, 200) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://evil\x07link\x1b]8;;\x07", "link"),
        ("\x1b]0;title\x1b\\x", "x"),
        ("a\x1bMb\x1bc", "abc"),
        ("a\u202eb\u2066c\u200bd\u00ade\U000e0041f\ufeff", "abcdef"),
        ("a\r\nb\rc\u2028d\te", "a\nb\nc\nd    e"),
        ("\ud800x", "\ufffdx"),
        ("e\u0301\u0301\u0301\u0301\u0301", "e\u0301\u0301\u0301"),
        ("nul\x00 c1\x9b del\x7f", "nul c1 del"),
    ],
)
def test_clean_removes_what_is_not_seen(raw, shown):
    assert text.clean(raw) == shown


def test_clean_looks_at_no_more_than_anybody_reads():
    assert text.clean("x" * 1_000_000) == "x" * 20_000 + text.CUT_NOTE


@pytest.mark.parametrize(
    ("raw", "limit", "shown"),
    [
        ("short", 10, "short"),
        ("a" * 30, 27, "a" * 13 + " … (shortened)"),
        ("a" * 30, 10, "a" * 9 + "…"),
        ("a" * 30, 0, "…"),
    ],
)
def test_a_cut_is_visible(raw, limit, shown):
    assert text.cut(raw, limit) == shown


def test_one_line_has_no_line_ends():
    assert text.one_line(" a\n\n b\tc ", 100) == "a b c"


def test_lines_says_how_many_are_left_out():
    assert text.lines("\na \nb\nc\nd\n", 100, most_lines=2) == "a\nb\n… (2 more lines)"
    assert text.lines("a\nb", 100, most_lines=2) == "a\nb"


@pytest.mark.parametrize(
    "url", ["https://grafana.example/d/1?a=b&c=d#e", "http://127.0.0.1:8420/world/x", "HTTPS://wiki.example/"]
)
def test_web_addresses_may_be_links(url):
    assert text.link(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "slack://open",
        "file:///etc/passwd",
        "https://user@evil.example",
        "https://",
        "https://a b",
        "https://evil|x",
        "https://evil>",
        "https://e\u202evil",
        "https://[broken",
        "https://host:99999",
        "https://host:0",
        "https://x/" + "a" * 3_000,
        "grafana.example",
    ],
)
def test_anything_else_is_no_link(url):
    assert text.link(url) is None


def test_host_shows_where_a_link_leads():
    assert text.host("https://Grafana.example:3000/x") == "grafana.example"
    assert text.host("nothing") == ""


def test_web_links_finds_plain_addresses():
    assert text.web_links("see https://a.example/x. or http://u@b.example now") == [
        ("see ", False),
        ("https://a.example/x", True),
        (". or http://u@b.example now", False),
    ]
    assert text.web_links("") == []


def test_people_named_knows_whom_it_may_name():
    assert text.people_named("<@U0ANA> and <@U0BEN|ben>", frozenset({"U0ANA"})) == [
        ("U0ANA", True),
        (" and <@U0BEN|ben>", False),
    ]
    assert text.people_named("hi <@U0BEN|ben>") == [("hi ", False), ("U0BEN", True)]


def test_to_one_person_keeps_mentions_and_nothing_else():
    assert text.to_one_person("<@U0ANA> said <!channel>") == "<@U0ANA> said &lt;!channel&gt;"


def test_chat_id_is_an_id_or_nothing():
    assert text.chat_id("U0ANA") == "U0ANA"
    assert text.chat_id("W0ANA") == "W0ANA"
    assert text.chat_id("policy:on-call") is None


def test_when_is_local_for_the_reader_and_utc_as_fallback():
    assert text.when(NOON) == "<!date^1795262400^{date_short_pretty} {time}|2026-11-21 12:00 UTC>"


def test_lines_for_one_person_say_how_many_were_left_out():
    assert text.in_lines(["a", "b", "<!here>"], 10, 2) == "a\nb\nand 1 more"
    assert text.in_lines(["<!here>"], 20, 2) == "&lt;!here&gt;"


def test_times_in_a_text_are_found_as_they_are_written():
    at = text.utc(NOON)

    assert text.times_in(f"by {at}, in 72 h") == [("by ", None), (at, NOON), (", in 72 h", None)]
    assert text.times_in("by 2026-13-40 12:00 UTC") == [("by 2026-13-40 12:00 UTC", None)]
    assert text.times_in("") == []
