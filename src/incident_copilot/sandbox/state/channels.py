"""A channel or direct message: members, messages, pins, bookmarks and what each person has read."""

from dataclasses import dataclass, field

from incident_copilot.sandbox.state.messages import Message
from incident_copilot.sandbox.state.users import BOT_USER_ID, TEAM_ID
from incident_copilot.sandbox.wire import Json, Refused, new_id


@dataclass(slots=True)
class Pin:
    ts: str
    user: str
    at: int


@dataclass(slots=True)
class Channel:
    """A conversation; `im_user` is the other person of the bot's direct message."""

    id: str
    name: str
    creator: str
    created: int
    is_private: bool = False
    im_user: str | None = None
    is_archived: bool = False
    is_general: bool = False
    is_ext_shared: bool = False
    topic: str = ""
    purpose: str = ""
    members: list[str] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    ephemerals: list[Message] = field(default_factory=list)
    pins: list[Pin] = field(default_factory=list)
    bookmarks: list[Json] = field(default_factory=list)
    canvas: Json | None = None
    previous_names: list[str] = field(default_factory=list)
    last_read: dict[str, str] = field(default_factory=dict)

    @property
    def is_im(self) -> bool:
        return self.im_user is not None

    @property
    def kind(self) -> str:
        """The `channel_type` of events."""
        if self.is_im:
            return "im"
        return "group" if self.is_private else "channel"

    def has(self, user: str) -> bool:
        return user in self.members

    def message(self, ts: str) -> Message:
        """Raises: Refused message_not_found."""
        found = self.messages.get(ts)
        if found is None or found.deleted:
            raise Refused("message_not_found", f"no message {ts} in {self.name or self.id}")
        return found

    def visible_ephemerals(self, user: str) -> list[Message]:
        return [message for message in self.ephemerals if message.ephemeral_to == user]

    def unread(self, user: str) -> list[Message]:
        """What others wrote in the channel itself since `user` last read it."""
        last = self.last_read.get(user, "")
        spoken = [m for m in self.messages.values() if m.in_channel and m.subtype in (None, "thread_broadcast")]
        return [message for message in spoken if message.ts > last and message.user != user]

    def mentions(self, user: str) -> int:
        """How many unread messages call for this person, which in a direct message is every one."""
        names = (f"<@{user}>", f"<@{user}|", "<!channel", "<!here", "<!everyone")
        return sum(1 for m in self.unread(user) if self.is_im or any(name in _said(m) for name in names))

    def wire(self, *, num_members: bool = False) -> Json:
        """The object of `conversations.info` as the bot sees it."""
        if self.im_user is not None:
            return self._im_wire()
        wire: Json = {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.is_private,
            "is_group": self.is_private,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.is_private,
            "created": self.created,
            "is_archived": self.is_archived,
            "is_general": self.is_general,
            "unlinked": 0,
            "is_shared": False,
            "is_org_shared": False,
            "is_ext_shared": self.is_ext_shared,
            "is_pending_ext_shared": False,
            "pending_shared": [],
            "shared_team_ids": [TEAM_ID],
            "context_team_id": TEAM_ID,
            "updated": self.created * 1000,
            "creator": self.creator,
            "is_member": self.has(BOT_USER_ID),
            "topic": {"value": self.topic, "creator": self.creator, "last_set": self.created},
            "purpose": {"value": self.purpose, "creator": self.creator, "last_set": self.created},
            "previous_names": self.previous_names,
        }
        return wire | ({"num_members": len(self.members)} if num_members else {})

    def _im_wire(self) -> Json:
        return {
            "id": self.id,
            "created": self.created,
            "is_archived": False,
            "is_im": True,
            "is_org_shared": False,
            "context_team_id": TEAM_ID,
            "updated": self.created * 1000,
            "user": self.im_user,
            "is_user_deleted": False,
            "priority": 0,
        }


def bookmark(channel: Channel, title: str, link: str, emoji: str, at: int) -> Json:
    return {
        "id": new_id("Bk"),
        "channel_id": channel.id,
        "title": title,
        "link": link,
        "emoji": emoji,
        "icon_url": "",
        "type": "link",
        "entity_id": None,
        "date_created": at,
        "date_updated": 0,
        "rank": f"{len(channel.bookmarks):04d}",
        "last_updated_by_user_id": BOT_USER_ID,
        "last_updated_by_team_id": TEAM_ID,
        "shortcut_id": None,
        "app_id": None,
    }


def _said(message: Message) -> str:
    return f"{message.text}{message.blocks}"
