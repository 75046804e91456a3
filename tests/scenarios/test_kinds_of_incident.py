"""A P2 lives in a thread; in shadow mode nobody outside of one channel notices anything."""

import json

from incident_copilot.demo.story import shown
from whole import copilot, quick

SLOW = {"alertname": "SearchSlow", "service": "search", "severity": "warning", "team": "search"}
DOES = {"chat.postMessage", "chat.update", "files.getUploadURLExternal", "files.completeUploadExternal"}
LOOKS = {"evidence", "alternatives", "score"}


def slow_search():
    """An alert that concerns few people."""
    return quick(
        labels=SLOW,
        annotations={"summary": "Search is slow"},
        expr='container_cpu_usage:ratio{service="search"} > 0.9',
    )


async def test_a_p2_is_announced_and_lives_in_a_thread(tmp_path):
    async with copilot(tmp_path, slow_search()) as whole:
        await whole.fire()

        announced = await whole.sees("#incidents", "Search is slow")
        brief = await whole.sees("#incidents", "Search is slow, since", announced.ts)
        await whole.still()

        assert "P2" in shown(announced)
        assert brief.thread_ts == announced.ts
        assert whole.channels() == []
        assert whole.sandbox.messages("#incidents") == [announced]


async def test_raising_a_p2_opens_a_channel_and_links_its_thread(tmp_path):
    async with copilot(tmp_path, slow_search()) as whole:
        await whole.fire()
        announced = await whole.sees("#incidents", "Search is slow")
        await whole.sees("#incidents", "Search is slow, since", announced.ts)
        await whole.still()
        ben = whole.sandbox.person("ben")
        await ben.join("#incidents")

        ack = await ben.command("/incident", "severity P1 customers complain", channel="#incidents")

        place = await whole.channel()
        linked = whole.sandbox.channel(place).id
        await whole.sandbox.until(lambda: linked in json.dumps(whole.sandbox.messages("#incidents")[0].blocks))
        assert ack.ok
        (told,) = await whole.sandbox.until(lambda: ben.ephemerals("#incidents"))
        assert "INC-1 is now P1" in shown(told)
        await whole.sees("#incidents", "goes on in a channel of its own", announced.ts)
        assert "P1" in shown(whole.sandbox.messages(place)[0])


async def test_shadow_mode_posts_to_one_private_channel_and_does_nothing_else(tmp_path):
    async with copilot(tmp_path, mode="shadow") as whole:
        ana = whole.sandbox.person("ana")
        await ana.create_channel("copilot-shadow", is_private=True)
        await ana.invite("#copilot-shadow", whole.sandbox.bot_user_id)

        await whole.fire()
        await whole.sees("#copilot-shadow", "Not the cause: checkout v5.8.1")
        await whole.still()

        shadow = whole.sandbox.channel("#copilot-shadow")
        said = whole.sandbox.messages("#copilot-shadow")
        everywhere = [one for channel in whole.sandbox.workspace.channels.values() for one in channel.messages.values()]
        assert {one.channel for one in everywhere if one.bot_id} == {shadow.id}
        assert [shown(one)[:20] for one in said] == ["[shadow] would post i"[:20]] * len(said)
        assert "U0ANA" not in [name for one in said for name in mentions(one.blocks)]
        assert whole.channels() == []
        assert {effect.method for effect in whole.sandbox.ledger} <= DOES
        assert {name.partition(":")[0] for one in said for name in buttons(one)} <= LOOKS
        assert whole.world.dispatches == []


def mentions(node):
    """Whom a message mentions."""
    if isinstance(node, list):
        return [name for item in node for name in mentions(item)]
    if not isinstance(node, dict):
        return []
    return [node["user_id"]] if node.get("type") == "user" else [n for value in node.values() for n in mentions(value)]


def buttons(message):
    """The buttons of a message."""
    return [one["action_id"] for block in message.blocks if block["type"] == "actions" for one in block["elements"]]
