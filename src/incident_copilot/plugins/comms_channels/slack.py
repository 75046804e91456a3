"""Tells an audience in a channel of the Slack workspace that the copilot is in.

1. Invite the copilot to the channel, or let it be public. 2. Name it in `channel`, by name or id. No secret is needed:
the copilot posts as itself, and a correction edits the message.

API: https://docs.slack.dev/reference/methods/chat.postMessage
"""

from pydantic import Field

from incident_copilot.domain.proposal import Audience
from incident_copilot.ports import ChatChannel, PluginEnv
from incident_copilot.vendors.telling import ChannelOptions


class Options(ChannelOptions):
    """Which channel."""

    channel: str = Field(pattern=r"^#?[^\s#]{1,80}$")


def create(env: PluginEnv, options: Options) -> ChatChannel:
    """Return the channel."""
    del env
    return SlackChannel(options)


class SlackChannel:
    """A channel of the workspace; the chat itself posts there."""

    def __init__(self, options: Options) -> None:
        self.chat_channel = options.channel.removeprefix("#")
        self.name = f"#{self.chat_channel}"
        self.audiences: frozenset[Audience] = frozenset(options.audience)
