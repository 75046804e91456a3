"""The name of somebody who is erased is taken out of a message where it stands."""

from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import Place, Rewrite, Show, Target


async def test_message_is_edited_where_it_stands_and_no_other_is_posted(sandbox, workspace, effect):
    shown = Show(place=Place.OPERATOR, slot="pause", content=Notice(text="Zoë paused all that goes out."))
    posted = await workspace.deliver(effect(shown), Target(channel="general"))
    without = Notice(text="(erased) paused all that goes out.")
    there = {"place": Place.CHANNEL, "to": posted["channel"], "ts": posted["ts"]}
    target = Target(channel=posted["channel"], message_ts=posted["ts"])

    await workspace.deliver(effect(Rewrite(slot="erased:1", content=without, **there)), target)

    assert [message.text for message in sandbox.messages("#general")] == [without.text]
