"""One message of a channel and its shape on the wire."""

from dataclasses import dataclass, field

from incident_copilot.sandbox.state.rich_text import rich_text
from incident_copilot.sandbox.state.users import APP_ID, BOT_ID, TEAM_ID, User
from incident_copilot.sandbox.wire import Json


@dataclass(slots=True)
class Message:
    """A message; `blocks` is what an app sent, empty for what people type. `bot` is the user of another app."""

    ts: str
    channel: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    bot_name: str | None = None
    bot: User | None = None
    thread_ts: str | None = None
    is_broadcast: bool = False
    subtype: str | None = None
    metadata: Json | None = None
    files: list[Json] = field(default_factory=list)
    edited: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    replies: list["Message"] = field(default_factory=list)
    ephemeral_to: str | None = None
    deleted: bool = False
    warnings: dict[str, str] = field(default_factory=dict)
    extra: Json = field(default_factory=dict)

    @property
    def bot_id(self) -> str | None:
        return self.bot.bot_id if self.bot else BOT_ID if self.bot_name else None

    @property
    def in_channel(self) -> bool:
        """Shown in the channel itself, not only in a thread."""
        return self.thread_ts in (None, self.ts) or self.is_broadcast

    @property
    def reply_users(self) -> list[str]:
        return list(dict.fromkeys(reply.user for reply in self.replies))

    def wire(self, *, with_metadata: bool = False) -> Json:
        """The message as history and events carry it."""
        wire: Json = {"type": "message", "user": self.user, "ts": self.ts, "text": self.text, "team": TEAM_ID}
        if self.subtype == "bot_message":
            # Incoming webhooks of before apps have no user.
            del wire["user"], wire["team"]
        if self.subtype:
            wire["subtype"] = self.subtype
        wire |= self._author()
        if self.attachments:
            wire["attachments"] = self.attachments
        if self.files:
            wire |= {"files": self.files, "upload": False, "display_as_bot": False}
        if self.edited:
            wire["edited"] = self.edited
        if self.reactions:
            wire["reactions"] = self.reaction_list(counted=True)
        if with_metadata and self.metadata:
            wire["metadata"] = self.metadata
        return wire | self._thread() | self.extra

    def reaction_list(self, *, counted: bool = False) -> list[Json]:
        return [
            {"name": name, "users": list(users)} | ({"count": len(users)} if counted else {})
            for name, users in self.reactions.items()
        ]

    def _author(self) -> Json:
        blocks = {"blocks": self.blocks} if self.blocks else {}
        if self.subtype == "bot_message":
            return {"bot_id": self.bot_id, "username": self.bot_name} | blocks
        if self.bot_name:
            ids: Json = {"app_id": self.bot.app_id if self.bot else APP_ID, "team_id": TEAM_ID}
            profile = {"id": self.bot_id, "deleted": False, "name": self.bot_name} | ids
            return {"bot_id": self.bot_id, "app_id": ids["app_id"], "bot_profile": profile} | blocks
        if self.subtype or not self.text:
            return {}
        # Slack's clients send what people type as one rich_text block.
        return {"client_msg_id": f"sandbox-{self.channel}-{self.ts}", "blocks": [rich_text(self.text, self.ts)]}

    def _thread(self) -> Json:
        if self.thread_ts and self.thread_ts != self.ts:
            return {"thread_ts": self.thread_ts}
        if not self.replies:
            return {}
        return {
            "thread_ts": self.ts,
            "reply_count": len(self.replies),
            "reply_users_count": len(self.reply_users),
            "latest_reply": self.replies[-1].ts,
            "reply_users": self.reply_users,
            "is_locked": False,
            "subscribed": False,
        }
