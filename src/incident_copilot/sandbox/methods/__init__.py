"""Slack's Web API methods as the sandbox answers them, one module a family."""

from incident_copilot.sandbox.methods import (
    auth,
    bookmarks,
    canvases,
    channel_life,
    channel_reads,
    chat,
    entities,
    files,
    pins,
    reactions,
    streams,
    usergroups,
    users,
    views,
)
from incident_copilot.sandbox.methods.call import Call, Method

METHODS: dict[str, Method] = {
    one.name: one
    for family in (
        auth.METHODS,
        bookmarks.METHODS,
        canvases.METHODS,
        channel_life.METHODS,
        channel_reads.METHODS,
        chat.METHODS,
        entities.METHODS,
        files.METHODS,
        pins.METHODS,
        reactions.METHODS,
        streams.METHODS,
        usergroups.METHODS,
        users.METHODS,
        views.METHODS,
    )
    for one in family
}

__all__ = ["METHODS", "Call", "Method"]
