"""What becomes of channels, as Slack's events tell it."""

from collections.abc import Mapping
from typing import Any

from incident_copilot.pipeline import channel_life
from incident_copilot.pipeline.channel_life import Closed
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.identity import Identity

CLOSES = {
    "channel_archive": Closed.ARCHIVED,
    "group_archive": Closed.ARCHIVED,
    "channel_deleted": Closed.DELETED,
    "group_deleted": Closed.DELETED,
    "channel_left": Closed.REMOVED,
    "group_left": Closed.REMOVED,
    "channel_shared": Closed.SHARED,
}
OPENS = {
    "channel_unarchive": Closed.ARCHIVED,
    "group_unarchive": Closed.ARCHIVED,
    "channel_unshared": Closed.SHARED,
}
RENAMES = ("channel_rename", "group_rename")
MEMBERS = ("member_joined_channel", "member_left_channel")


async def follow(deps: Deps, identity: Identity, event: Mapping[str, Any]) -> None:
    """Follow an event of a channel's life; any other is nobody's business here.

    Raises:
        StoreUnavailable: not recorded; Slack delivers the event again.
    """
    kind = str(event.get("type"))
    if kind in CLOSES:
        await channel_life.closed(deps, str(event["channel"]), CLOSES[kind])
    elif kind in OPENS and not event.get("is_ext_shared"):
        await channel_life.opened_again(deps, str(event["channel"]), OPENS[kind])
    elif kind in RENAMES:
        await channel_life.renamed(deps, str(event["channel"]["id"]), str(event["channel"]["name"]))
    elif kind in MEMBERS and event.get("user") == (await identity.me()).user_id:
        act = channel_life.opened_again if kind == "member_joined_channel" else channel_life.closed
        await act(deps, str(event["channel"]), Closed.REMOVED)
