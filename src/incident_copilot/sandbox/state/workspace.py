"""The workspace itself: everything it holds, and where its changes and events go."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from incident_copilot.sandbox.state.agent import Agent
from incident_copilot.sandbox.state.changes import Changes
from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.files import File
from incident_copilot.sandbox.state.response_urls import ResponseUrls
from incident_copilot.sandbox.state.users import BOT_USER_ID, TEAM_ID, User, bot_user, default_people
from incident_copilot.sandbox.state.views import Views
from incident_copilot.sandbox.timing import Timing
from incident_copilot.sandbox.wire import Json, Refused, Timestamps, new_id

TEAM_NAME = "Sandbox"
TEAM_DOMAIN = "sandbox"


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """A channel that exists from the start; without `members` every person but guests is in it."""

    name: str
    is_private: bool = False
    members: Sequence[str] | None = None
    has_bot: bool = False
    purpose: str = ""


DEFAULT_CHANNELS = (
    ChannelSpec("general", purpose="For everyone."),
    ChannelSpec("random", purpose="Everything else."),
    ChannelSpec("incidents", purpose="Incidents are announced here."),
    ChannelSpec("status-internal", purpose="Status updates for colleagues."),
    ChannelSpec("status-customers", purpose="Status updates for customers, once approved."),
)


@dataclass(frozen=True, slots=True)
class Notice:
    """What Slack tells one person about an interaction that failed."""

    id: str
    text: str
    kind: str
    at: float


@dataclass(slots=True)
class Usergroup:
    id: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)


class Workspace:
    """All state in one place; `emit` is called with each event an installed app may subscribe to."""

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.time,
        timing: Timing | None = None,
        people: Sequence[User] | None = None,
        channels: Sequence[ChannelSpec] = DEFAULT_CHANNELS,
        bot_name: str = "incident-copilot",
    ) -> None:
        self.now = now
        self.timing = timing or Timing()
        self.timestamps = Timestamps(now)
        self.changes = Changes()
        self.emit: Callable[[str, Json], None] = _nobody_listens
        self.base_url = "http://127.0.0.1"
        self.people = list(people if people is not None else default_people())
        self.bot = bot_user(bot_name)
        self.users: dict[str, User] = {user.id: user for user in [*self.people, self.bot]}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, File] = {}
        self.usergroups: dict[str, Usergroup] = {}
        self.notices: dict[str, list[Notice]] = {}
        self.views = Views(now, self.timing.trigger_s)
        self.agent = Agent()
        self.unfurl_domains: tuple[str, ...] = ()
        self.response_urls = ResponseUrls(now, self.timing.response_url_s)
        for spec in channels:
            self._add(spec)

    def user(self, name_or_id: str) -> User:
        """Raises: Refused user_not_found."""
        for user in self.users.values():
            if name_or_id.removeprefix("@") in (user.id, user.name):
                return user
        raise Refused("user_not_found", f"nobody is called {name_or_id}")

    def find_channel(self, name_or_id: str) -> Channel | None:
        """By id, or by name with or without `#`."""
        if name_or_id in self.channels:
            return self.channels[name_or_id]
        name = name_or_id.removeprefix("#")
        return next((one for one in self.channels.values() if one.name == name and not one.is_im), None)

    def channel(self, name_or_id: str) -> Channel:
        """Raises: Refused channel_not_found."""
        found = self.find_channel(name_or_id)
        if found is None:
            raise Refused("channel_not_found", f"no channel {name_or_id}")
        return found

    def direct(self, user: str) -> Channel:
        """The direct message between the bot and this person, made when first needed."""
        for channel in self.channels.values():
            if channel.im_user == user:
                return channel
        channel = Channel(new_id("D"), "", BOT_USER_ID, int(self.now()), im_user=user, members=[user, BOT_USER_ID])
        self.channels[channel.id] = channel
        self.changes.announce()
        return channel

    def notify(self, user: str, text: str, kind: str = "error") -> None:
        """Tells one person what went wrong; only the last ones are kept."""
        notices = self.notices.setdefault(user, [])
        notices.append(Notice(new_id("N"), text, kind, self.now()))
        del notices[:-20]
        self.changes.announce()

    def may_see(self, user: User, channel: Channel) -> bool:
        """Guests see only channels they are in; private ones are for members only."""
        return channel.has(user.id) or not (channel.is_private or channel.is_im or user.is_guest)

    def permalink(self, channel: Channel, ts: str, thread_ts: str | None) -> str:
        link = f"https://{TEAM_DOMAIN}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
        return f"{link}?thread_ts={thread_ts}&cid={channel.id}" if thread_ts and thread_ts != ts else link

    def team_wire(self) -> Json:
        return {
            "id": TEAM_ID,
            "name": TEAM_NAME,
            "domain": TEAM_DOMAIN,
            "email_domain": "",
            "url": f"https://{TEAM_DOMAIN}.slack.com/",
            "icon": {},
            "is_verified": False,
        }

    def _add(self, spec: ChannelSpec) -> None:
        everyone = [user.id for user in self.people if not user.is_guest]
        members = [self.user(name).id for name in spec.members] if spec.members is not None else everyone
        members += [BOT_USER_ID] if spec.has_bot else []
        prefix = "G" if spec.is_private else "C"
        channel = Channel(new_id(prefix), spec.name, members[0] if members else BOT_USER_ID, int(self.now()))
        channel.is_private = spec.is_private
        channel.is_general = spec.name == "general"
        channel.members = list(dict.fromkeys(members))
        channel.purpose = spec.purpose
        self.channels[channel.id] = channel


def _nobody_listens(subscription: str, event: Json) -> None:
    """Before an app is attached, events go nowhere."""
