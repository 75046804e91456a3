"""A channel of the workspace is named, and the chat posts there."""

from incident_copilot.domain.proposal import Audience
from incident_copilot.plugins.comms_channels.slack import Options, create
from incident_copilot.ports import ChatChannel


def test_channel_is_named_for_its_audiences(env, fixture):
    channel = create(env, Options.model_validate(fixture("slack")))

    assert isinstance(channel, ChatChannel)
    assert (channel.name, channel.chat_channel) == ("#status-de", "status-de")
    assert channel.audiences == {Audience.CUSTOMERS, Audience.MANAGEMENT}
