"""An app that somebody else made, such as a monitoring system's: it posts and edits messages of its own."""

from typing import Any

from incident_copilot.sandbox.conformance import check_message
from incident_copilot.sandbox.state import posting
from incident_copilot.sandbox.state.users import other_bot
from incident_copilot.sandbox.state.workspace import Workspace
from incident_copilot.sandbox.wire import Json

_COLOURS = {"good": "2eb886", "warning": "daa038", "danger": "a30200"}


class OtherApp:
    """Channels are named by id or `#name`, messages by ts. Raises: Refused, as Slack would."""

    def __init__(self, workspace: Workspace, name: str, *, is_legacy: bool) -> None:
        self._workspace = workspace
        self._is_legacy = is_legacy
        self.user = other_bot(name)
        workspace.users.setdefault(self.user.id, self.user)

    async def post(self, channel: str, text: str = "", **content: Any) -> str:
        """Posts a message, with `blocks`, `attachments` or `thread_ts`; returns its ts."""
        who = {"bot": self.user, "bot_name": self.user.name}
        legacy = {"subtype": "bot_message"} if self._is_legacy else {}
        place = self._workspace.channel(channel)
        return posting.post(self._workspace, place, self.user.id, text, **who, **legacy, **_stored(text, content)).ts

    async def edit(self, channel: str, ts: str, text: str = "", **content: Any) -> None:
        """Changes what a message of its own says."""
        place = self._workspace.channel(channel)
        posting.edit(self._workspace, place, place.message(ts), self.user.id, text=text, **_stored(text, content))


def _stored(text: str, content: Json) -> Json:
    """The content as Slack keeps it: attachments numbered, their colours in hex, and with a fallback."""
    attachments = content.get("attachments") or []
    check_message(text=text, blocks=content.get("blocks"), attachments=attachments, markdown_text="")
    kept = [
        {"id": number, "fallback": "[no preview available]", **one} | _colour(one)
        for number, one in enumerate(attachments, 1)
    ]
    return content | ({"attachments": kept} if kept else {})


def _colour(attachment: Json) -> Json:
    given = attachment.get("color")
    return {"color": _COLOURS.get(given, given.removeprefix("#"))} if given else {}
