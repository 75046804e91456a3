"""Shadow mode: everything is a record in one channel, and nobody is notified."""

from datetime import UTC, datetime

import pytest
import slack_samples as given_a
from slack_samples import buttons, said

from incident_copilot.domain.content import Digest, DigestEntry, Notice
from incident_copilot.domain.effect import Invite, OpenChannel, Pin, Place, Show, Target, Upload
from incident_copilot.errors import ChatRefused
from incident_copilot.slack.shadow import ShadowWorkspace, shadowed
from incident_copilot.slack.views import render

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
async def shadow(sandbox, workspace):
    """The shadow of the workspace, in a private channel that a person made and invited the bot to."""
    ana = sandbox.person("ana")
    await ana.create_channel("copilot-shadow", is_private=True)
    await ana.invite("#copilot-shadow", sandbox.bot_user_id)
    return ShadowWorkspace(workspace, "copilot-shadow")


async def test_messages_go_to_the_shadow_channel_and_say_where_they_would_have_gone(sandbox, shadow, effect):
    notice = effect(Show(place=Place.ANNOUNCE, slot="notice:x", content=Notice(text="P1 waits", mentions=("U0ANA",))))

    result = await shadow.deliver(notice, Target(channel="incidents"))

    [message] = sandbox.messages("#copilot-shadow")
    assert message.text == "[shadow] would post in the announcement channel: P1 waits"
    assert said(message.blocks) == "[shadow] would post in the announcement channelU0ANA P1 waits"
    assert sandbox.messages("#incidents") == []
    assert await shadow.look_up(notice, Target(channel="incidents"), LONG_AGO) == result


async def test_nothing_is_opened_and_nobody_is_invited(sandbox, shadow, effect):
    opened = await shadow.deliver(effect(OpenChannel(name="inc-1", topic="t", purpose="p")), Target())
    invited = await shadow.deliver(effect(Invite(people=("U0ANA",))), Target(channel=opened["channel"]))

    assert opened == {"channel": sandbox.channel("#copilot-shadow").id}
    assert invited == {"channel": "copilot-shadow"}
    assert sandbox.channel("#inc-1") is None
    assert await shadow.look_up(effect(Pin(slot="card")), Target(), LONG_AGO) is None


async def test_files_are_kept_in_the_shadow_channel(sandbox, shadow, effect):
    deed = Upload(place=Place.INCIDENT, slot="chart:1", name="c.png", title="t", alt="a", content="aGk=")

    await shadow.deliver(effect(deed), Target(channel="general"))

    assert [len(message.files) for message in sandbox.messages("#copilot-shadow")] == [1]


async def test_people_are_known_as_ever(shadow):
    assert (await shadow.person("U0GUS")).is_guest


async def test_message_that_was_marked_is_found(sandbox, shadow):
    ana = sandbox.person("ana")
    await ana.invite("#general", sandbox.bot_user_id)
    ts = await ana.say("#general", "It is the pool")

    assert (await shadow.message(sandbox.channel("#general").id, ts)).text == "It is the pool"


async def test_answer_that_was_cut_off_is_ended_in_shadow_mode_too(sandbox, shadow):
    sandbox.expect_refusal("not_in_channel", "chat.stopStream")

    with pytest.raises(ChatRefused, match="not_in_channel"):
        await shadow.end_stream(sandbox.channel("#general").id, "1.1", "1.2", "over")


def test_only_buttons_that_decide_nothing_stay():
    proposal = shadowed(render(given_a.proposal_view()), Place.INCIDENT)
    card = shadowed(render(given_a.card()), Place.INCIDENT)
    notice = shadowed(
        render(Notice(text="x", buttons=({"press": "acknowledge", "label": "a", "value": "1"},))), Place.INCIDENT
    )
    entry = DigestEntry(fingerprint="f", name="Disk", service="db", summary="", count=1, since=given_a.NOON)
    digest = shadowed(render(Digest(entries=(entry,), hour=given_a.NOON)), Place.ANNOUNCE)

    assert list(buttons(proposal.blocks)) == ["evidence:1", "evidence:2"]
    assert list(buttons(card.blocks)) == ["score"]
    assert buttons(notice.blocks) == {}
    assert buttons(digest.blocks) == {}
