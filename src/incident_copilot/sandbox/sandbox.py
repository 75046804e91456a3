"""The sandbox in one object: starts the server, gives people to act as, and tells what the app did."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Self, TypeVar

from incident_copilot.sandbox.control.routes import Control
from incident_copilot.sandbox.delivery.delivery import Delivery
from incident_copilot.sandbox.delivery.signed_http import SignedHttp
from incident_copilot.sandbox.faults import EventFaults, Faults
from incident_copilot.sandbox.hooks import Mount, SandboxHooks
from incident_copilot.sandbox.installing import CLIENT_ID, CLIENT_SECRET
from incident_copilot.sandbox.ledger import Effect, Ledger, Refusal
from incident_copilot.sandbox.manifest import Manifest
from incident_copilot.sandbox.people.desk import Desk
from incident_copilot.sandbox.people.other_app import OtherApp
from incident_copilot.sandbox.people.person import Person
from incident_copilot.sandbox.server import Server
from incident_copilot.sandbox.serving import listening, serving
from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.messages import Message
from incident_copilot.sandbox.state.users import BOT_USER_ID, TEAM_ID, User
from incident_copilot.sandbox.state.workspace import DEFAULT_CHANNELS, ChannelSpec, Usergroup, Workspace
from incident_copilot.sandbox.timing import Timing
from incident_copilot.sandbox.transcript import transcript
from incident_copilot.sandbox.web_api import Tokens, WebApi
from incident_copilot.sandbox.wire import Json, new_id

_Found = TypeVar("_Found")
BOT_SUBTYPES = (None, "bot_message", "thread_broadcast", "tombstone")


class Sandbox:
    """A running workspace; made by `Sandbox.running()`."""

    def __init__(self, workspace: Workspace, manifest: Manifest, tokens: Tokens) -> None:
        self.workspace = workspace
        self.faults = Faults()
        self._ledger = Ledger()
        self._tokens = tokens
        self._delivery = Delivery(manifest, workspace.timing, workspace.now)
        workspace.emit = self._delivery.emit
        workspace.unfurl_domains = manifest.unfurl_domains
        self._desk = Desk(workspace, self._delivery, manifest, WebApi(workspace, tokens, manifest, self._ledger))

    @classmethod
    @asynccontextmanager
    async def running(
        cls,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        speed: float = 1.0,
        timing: Timing | None = None,
        now: Callable[[], float] = time.time,
        people: Sequence[User] | None = None,
        channels: Sequence[ChannelSpec] = DEFAULT_CHANNELS,
        manifest: Json | None = None,
        tokens: Tokens | None = None,
        hooks: SandboxHooks | None = None,
        mounts: Sequence[Mount] = (),
    ) -> AsyncIterator[Self]:
        """Serves a new workspace while entered; `speed` shortens rate limits and retries, never deadlines."""
        timing = (timing or Timing()).faster(speed)
        bot_name = (manifest or {}).get("features", {}).get("bot_user", {}).get("display_name", "incident-copilot")
        workspace = Workspace(now=now, timing=timing, people=people, channels=channels, bot_name=bot_name)
        sandbox = cls(workspace, Manifest.read(manifest), tokens or Tokens())
        stopping = asyncio.Event()
        server = Server(sandbox._desk, sandbox.faults, sandbox._ledger, stopping)
        control = Control(sandbox._desk, hooks or SandboxHooks(), sandbox.faults, sandbox._ledger, stopping)
        async with listening(host, port) as sock:
            workspace.base_url = f"http://{host}:{sock.getsockname()[1]}"
            async with serving(server.app(control, mounts), sock):
                try:
                    yield sandbox
                finally:
                    stopping.set()
                    workspace.changes.announce()
                    await sandbox._delivery.close()

    @property
    def base_url(self) -> str:
        """For `AsyncWebClient(base_url=...)`."""
        return f"{self.workspace.base_url}/api/"

    @property
    def page_url(self) -> str:
        return f"{self.workspace.base_url}/"

    @property
    def bot_token(self) -> str:
        return self._tokens.bot

    @property
    def app_token(self) -> str:
        return self._tokens.app

    @property
    def signing_secret(self) -> str:
        return self._tokens.signing_secret

    @property
    def team_id(self) -> str:
        return TEAM_ID

    @property
    def bot_user_id(self) -> str:
        return BOT_USER_ID

    @property
    def ledger(self) -> list[Effect]:
        """Calls that changed something, in order; `response_url` stands for uses of one."""
        return self._ledger.effects

    @property
    def refused(self) -> list[Refusal]:
        return self._ledger.refused

    @property
    def events(self) -> EventFaults:
        """Faults of events on their way to the app."""
        return self._delivery.faults

    def deliver_by_http(self, url: str) -> None:
        """From now on everything goes to `url` as signed HTTP instead of Socket Mode."""
        self._delivery.http = SignedHttp(url, self.signing_secret)

    def uninstall(self) -> None:
        """Somebody removes the app: its token is refused from now on, and it is told so."""
        self._desk.web_api.installing.is_installed = False
        self._delivery.emit("tokens_revoked", {"type": "tokens_revoked", "tokens": {"bot": [BOT_USER_ID]}})
        self._delivery.emit("app_uninstalled", {"type": "app_uninstalled"})

    @property
    def client_id(self) -> str:
        """What the app is known by when it is installed."""
        return CLIENT_ID

    @property
    def client_secret(self) -> str:
        """With this it exchanges a code for a token."""
        return CLIENT_SECRET

    async def verify_url(self) -> bool:
        """Slack's url_verification handshake with the URL given to deliver_by_http."""
        return await self._delivery.verify_url()

    async def drop_sockets(self) -> None:
        """Breaks all Socket Mode connections without a word."""
        await self._delivery.sockets.drop()

    async def refresh_sockets(self, reason: str = "refresh_requested") -> None:
        """Sends disconnect frames: `warning`, or `refresh_requested` and then closes."""
        await self._delivery.sockets.refresh(reason)

    @property
    def sockets(self) -> int:
        """How many Socket Mode connections are open."""
        return len(self._delivery.sockets)

    def person(self, name_or_id: str) -> Person:
        return Person(self.workspace.user(name_or_id), self._desk)

    def channel(self, name_or_id: str) -> Channel | None:
        return self.workspace.find_channel(name_or_id)

    def messages(self, channel: str, thread_ts: str | None = None) -> list[Message]:
        """What people and the app wrote, without Slack's own lines: in the channel, or the replies of a thread."""
        found = self.workspace.channel(channel)
        everything = found.messages.values() if thread_ts is None else found.messages[thread_ts].replies
        return [m for m in everything if m.subtype in BOT_SUBTYPES and (thread_ts is not None or m.in_channel)]

    def dm(self, name_or_id: str) -> Channel:
        """The direct message between the app and this person."""
        return self.workspace.direct(self.workspace.user(name_or_id).id)

    def other_app(self, name: str, *, is_legacy: bool = False) -> OtherApp:
        """Another app of the workspace; a legacy one is an incoming webhook of before apps."""
        return OtherApp(self.workspace, name, is_legacy=is_legacy)

    def add_usergroup(self, handle: str, members: Sequence[str]) -> Usergroup:
        """A group such as @payments-oncall; members by name or id."""
        ids = [self.workspace.user(name).id for name in members]
        group = Usergroup(new_id("S"), handle, handle, ids)
        self.workspace.usergroups[group.id] = group
        return group

    async def until(self, condition: Callable[[], _Found], timeout_s: float = 5.0) -> _Found:
        """The first truthy value of `condition`, tried again at each change.

        Raises: AssertionError with a transcript when the time is up.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            revision = self.workspace.changes.revision
            found = condition()
            if found:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(f"not within {timeout_s} s; this is what people saw:\n\n{self.transcript()}")
            try:
                # The condition may also depend on what the app did elsewhere, so look again now and then.
                await asyncio.wait_for(self.workspace.changes.beyond(revision), min(left, 0.05))
            except TimeoutError:
                continue

    def expect_refusal(self, error: str, method: str | None = None, times: int = 1) -> None:
        """Marks a refusal as wanted by the test, before or after it happens."""
        self._ledger.expect(error, method, times)

    def assert_conformant(self) -> None:
        """Raises: AssertionError listing the refusals that nobody expected."""
        surprises = self._ledger.unexpected()
        if surprises:
            raise AssertionError("Slack would have refused:\n" + "\n".join(f"- {one}" for one in surprises))

    def transcript(self, channel: str | None = None) -> str:
        """Markdown of everything people saw, in order."""
        return transcript(self.workspace, channel)
