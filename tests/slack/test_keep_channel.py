"""Old channels: archived once by the workspace, kept by a click."""

import pytest

from incident_copilot.domain.content import Button, Notice, Press
from incident_copilot.domain.effect import ArchiveChannel, Target
from incident_copilot.errors import ChatRefused


async def test_a_channel_is_archived_and_again_is_as_good(sandbox, workspace, effect):
    gone = sandbox.channel("#random") or sandbox.channel("#incidents")
    await workspace.channel_id(gone.name)
    for _ in range(2):
        await workspace.deliver(effect(ArchiveChannel()), Target(channel=gone.id))
    await workspace.deliver(effect(ArchiveChannel()), Target(channel="C0NOWHERE"))
    sandbox.expect_refusal("already_archived")
    sandbox.expect_refusal("channel_not_found")
    sandbox.expect_refusal("cant_archive_general")
    await workspace.channel_id("general")

    with pytest.raises(ChatRefused, match="cant_archive_general"):
        await workspace.deliver(effect(ArchiveChannel()), Target(channel=sandbox.channel("#general").id))
    assert gone.is_archived


async def test_a_click_keeps_the_channel(copilot):
    opened = await copilot.open()
    button = Button(press=Press.KEEP_CHANNEL, label="Keep it", value=opened.id)
    shown = await copilot.show(Notice(text="This channel will be archived tomorrow.", buttons=(button,)))

    await copilot.sandbox.person("ana").click(shown, "keep_channel")

    assert await copilot.hears("ana") == ["The channel of INC-1 stays."]
    assert (await copilot.now_is()).channel_kept
