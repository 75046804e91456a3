"""The transcript, and waiting for what people see."""

import re

import pytest

from incident_copilot.sandbox import Sandbox


def plain(text):
    return {"type": "plain_text", "text": text}


BLOCKS = [
    {"type": "header", "text": plain("INC-1")},
    {"type": "section", "text": {"type": "mrkdwn", "text": "*20 %*\nof requests"}, "fields": [plain("P1")]},
    {"type": "context", "elements": [{"type": "image", "image_url": "https://x", "alt_text": "chart"}, plain("now")]},
    {"type": "divider"},
    {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
        {"type": "text", "text": "so "}, {"type": "text", "text": "it goes"}]}]},
    {"type": "actions", "elements": [
        {"type": "button", "action_id": "a", "text": plain("Approve"), "confirm": {
            "title": plain("Sure?"), "text": plain("Really?"), "confirm": plain("Yes"), "deny": plain("No")}},
        {"type": "button", "action_id": "r", "text": plain("Reject")},
        {"type": "users_select", "action_id": "w"}]},
]  # fmt: skip


async def test_a_transcript_reads_as_people_saw_it(sandbox, client):
    room = (await client.conversations_create(name="inc-1"))["channel"]["id"]
    await client.conversations_setTopic(channel=room, topic="checkout")
    await client.conversations_invite(channel=room, users="U0ANA")
    await client.chat_postMessage(channel=room, text="INC-1", blocks=BLOCKS)
    card = sandbox.messages(room)[-1]
    ana = sandbox.person("ana")
    ts = await ana.say(room, "on it", thread_ts=card.ts)
    await ana.edit(room, ts, "on it!\nreally")
    await ana.react(room, card.ts, "eyes")
    await client.chat_postEphemeral(channel=room, user="U0ANA", text="psst")
    await client.files_upload_v2(channel=room, content=b"x", filename="a.txt", title="Log")
    await client.chat_postMessage(channel="U0ANA", text="hello")

    assert re.sub(r"\d\d:\d\d:\d\d", "10:41:00", sandbox.transcript()) == (
        "# #inc-1\n"
        "\n"
        "_Topic: checkout_\n"
        "\n"
        "- 10:41:00 **incident-copilot**: set the channel topic: checkout\n"
        "\n"
        "- 10:41:00 **Ana Alvarez**: <@U0ANA> has joined the channel\n"
        "\n"
        "- 10:41:00 **incident-copilot**: INC-1\n"
        "  *20 %*\n"
        "  of requests\n"
        "  P1\n"
        "  [image: chart]\n"
        "  now\n"
        "  so it goes\n"
        "  [Approve] [Reject]\n"
        "  :eyes: 1\n"
        "  - 10:41:00 **Ana Alvarez** (edited): on it!\n"
        "    really\n"
        "\n"
        "- 10:41:00 **incident-copilot** (only to Ana Alvarez): psst\n"
        "\n"
        "- 10:41:00 **incident-copilot**: \n"
        "  [file: Log]\n"
        "\n"
        "# Direct message with Ana Alvarez\n"
        "\n"
        "- 10:41:00 **incident-copilot**: hello\n"
    )
    assert sandbox.transcript(sandbox.dm("ana").id).count("\n") == 3


async def test_waiting_in_vain_shows_the_transcript(sandbox):
    await sandbox.person("ana").say("#general", "anybody?")

    with pytest.raises(AssertionError, match=r"not within 0\.1 s(.|\n)*anybody\?"):
        await sandbox.until(lambda: None, timeout_s=0.1)


async def test_what_a_test_asks_a_sandbox(sandbox):
    assert sandbox.base_url == f"{sandbox.page_url}api/"
    assert (sandbox.team_id, sandbox.bot_user_id) == ("T0SANDBOX", "U0COPILOT")
    assert sandbox.channel("#nowhere") is None


async def test_a_port_can_be_chosen_and_is_free_again(sandbox):
    port = int(sandbox.page_url.rstrip("/").rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        async with Sandbox.running(port=port):
            pass
