"""C: nothing that comes from outside pings, links, disguises itself or breaks out of its place in Slack."""

import json

import pytest

from incident_copilot.demo.story import shown
from incident_copilot.domain.content import Notice
from incident_copilot.pipeline import people, roles, run
from incident_copilot.slack import text as inert
from incident_copilot.slack.views import render

from .abused import run as run_whole
from .bench import alert

PINGS = "<!channel> <!here> <!everyone> <!subteam^S123>"
PEOPLE = "<@U0CEO> @here @channel @everyone"
MASKED_LINK = "<https://evil.example/c|grafana.corp/d/1>"
MARKDOWN = "[Grafana](https://evil.example/m)"
BREAK_OUT = "``` *APPROVED by @ceo* ``` `x` _y_"
HIDDEN = "\u202echeckout\u202c ser\u200bvice\u2066 \U000e0041\U000e0042"
TERMINAL = "\x1b]8;;http://evil.example/t\x07link\x1b]8;;\x07 \x1b[31mred"
BLOCKS = '{"type":"actions","elements":[{"type":"button","action_id":"approve","value":"x"}]}'
STRANGE = "\U0001f525" * 50 + "z\u0300\u0301\u0302\u0303\u0304\u0305 \x00 \ud800"
PIXEL = "https://evil.example/pixel.png"
SCHEMES = "javascript:alert(1) slack://open file:///etc/passwd"
DATE = "<!date^0^{date}|x>"
ALL = (PINGS, DATE, PEOPLE, MASKED_LINK, MARKDOWN, BREAK_OUT, HIDDEN, TERMINAL, BLOCKS, STRANGE, PIXEL, SCHEMES)


def abused(body):
    """The webhook with all of it in its labels, annotations and links."""
    body = json.loads(json.dumps(body))
    said = " ".join(ALL)
    for one in body["alerts"]:
        one["labels"] |= {f"nasty{n}": text for n, text in enumerate(ALL)} | {PINGS: PEOPLE}
        one["annotations"] |= {
            "summary": f"High 5xx ratio on checkout {said}",
            "description": f"{said} {'x' * 4_000}",
            "image_url": PIXEL,
            "runbook_url": "javascript:alert(1)",
            "dashboard_url": "slack://open",
        }
        one["generatorURL"] = "file:///etc/passwd"
    body["externalURL"] = "https://user@evil.example/"
    body["commonLabels"] = body["commonAnnotations"] = {}
    return body


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """A whole run with all of it, and a second incident of a service with an impossible name."""
    labels = {"alertname": "Down", "service": "../../ #general " + "X" * 100, "severity": "critical"}
    other = alert(labels=labels, annotations={"summary": "a\n" * 10_000}, fingerprint="0000000000000002")
    return run_whole(tmp_path_factory.mktemp("c"), change=abused, bodies=[other])


@pytest.fixture
async def said(live):
    """Shows a notice with a text in #general and returns the message."""

    async def show(text):
        return await live.show(Notice(text=text, detail=text), "notice:x", await live.open())

    return show


def test_c01_mass_pings_are_shown_literally(seen):
    assert seen.pings == []
    assert "<!channel> <!here> <!everyone> <!subteam^S123>" in seen.words
    assert any("\u2039!channel\u203a" in text for text in seen.parsed_texts)  # a channel's purpose


def test_c02_mentions_and_plain_pings_notify_nobody(seen):
    assert seen.pings == []
    assert "<@U0CEO>" in seen.words
    assert [text for text in seen.parsed_texts if "@here" in text or "@channel" in text] == []
    assert {call.args.get("link_names", False) for call in seen.calls} == {False}


def test_c03_link_that_is_named_like_another_is_no_link(seen):
    assert seen.foreign_links == []


async def test_c04_link_in_markdown_is_no_link(seen, said):
    message = await said(f"{MARKDOWN} https://evil.example/plain")

    assert seen.foreign_links == []
    assert "https://evil.example" not in message.text
    assert [node for node in message.blocks if "markdown" in node["type"]] == []


@pytest.mark.parametrize("text", ["x" * 4_096, "x" * 1_000_000, "a\n" * 10_000])
async def test_c05_endless_names_are_cut_with_a_note(said, text):
    message = await said(text)

    assert len(json.dumps(message.blocks)) < 13_000
    assert "shortened" in shown(message) or "…" in shown(message)


def test_c06_code_block_cannot_be_left(seen):
    code = [node for node in seen.elements if node.get("type") == "rich_text_preformatted"]
    sections = [text for text in seen.parsed_texts if "*APPROVED" in text]

    assert all(part["type"] == "text" for node in code for part in node["elements"])
    # In the text for notifications it stands as it was written, which no reader takes for a button or a style of ours.
    assert all(message.startswith(("INC-", "[", "P")) or "APPROVED by" in message for message in sections)
    assert [node for node in seen.elements if node.get("style") == "primary" and "APPROVED" in str(node)] == []


def test_c07_marks_that_turn_or_hide_text_are_gone(seen):
    assert [mark for mark in "\u202e\u202c\u200b\u2066\U000e0041\U000e0042" if mark in seen.words] == []
    assert inert.one_line("p\u0430yments", 20) == "p\u0430yments"


def test_c08_terminal_sequences_are_gone(seen):
    assert "\x1b" not in seen.words
    assert seen.foreign_links == []


def test_c09_text_that_looks_like_blocks_is_text(seen):
    buttons = [node for node in seen.elements if node.get("type") == "button" and node.get("value") == "x"]

    assert buttons == []
    assert '{"type":"actions"' in seen.words


def test_c10_strange_characters_are_posted(seen):
    """The run would have failed on whatever the sandbox refuses."""
    assert len(seen.incidents) == 2
    assert "\x00" not in seen.words
    assert "\ud800" not in seen.words


def test_c11_name_of_a_channel_is_a_slug(seen):
    assert len(seen.channels) == 2
    assert all(set(name[1:]) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_") for name in seen.channels)
    assert all(len(name) <= 81 for name in seen.channels)
    assert "#general" not in seen.channels


def test_c12_picture_from_elsewhere_is_neither_shown_nor_unfurled(seen):
    posts = [call for call in seen.calls if call.method == "chat.postMessage"]

    assert [node for node in seen.elements if node.get("type") == "image"] == []
    assert [(call.args["unfurl_links"], call.args["unfurl_media"]) for call in posts] == [(False, False)] * len(posts)


async def test_c13_name_of_a_person_cannot_ping_or_pretend(live):
    incident = await live.open()
    nasty = await people.known(live.deps, "U0NASTY")
    await run.acknowledge(live.deps, incident.id, nasty)
    card = await live.card((await roles.assign(live.deps, incident.id, nasty, "U0NASTY")).incident)

    users = [node["user_id"] for node in _walk(card.blocks) if node.get("type") == "user"]

    assert set(users) == {"U0NASTY"}
    assert "<!here>" not in json.dumps(card.blocks) + card.text
    assert render(Notice(text=f"{nasty.name} is on it.")).text == "&lt;!here&gt; is on it."


def test_c14_address_that_is_none_of_the_web_is_no_link(seen):
    links = [node["url"] for node in seen.elements if isinstance(node.get("url"), str)]

    assert [url for url in links if not url.startswith(("http://127.0.0.1", "https://"))] == []
    assert seen.foreign_links == []


def test_c15_date_token_is_shown_literally(seen):
    assert [text for text in seen.parsed_texts if "<!date^0^{date}" in text] == []
    assert "<!date^0^{date}|x>" in seen.words


def _walk(value):
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _walk(inner)
