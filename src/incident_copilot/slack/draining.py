"""Stopping without cutting anybody off: what was begun is finished; what arrives later Slack delivers again."""

import asyncio
import logging

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.listener.async_listener_completion_handler import AsyncListenerCompletionHandler
from slack_bolt.listener.async_listener_start_handler import AsyncListenerStartHandler
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

log = logging.getLogger(__name__)


class UnderWay:
    """Counts requests and listeners that have begun and not ended."""

    def __init__(self) -> None:
        self.is_closing = False
        self._count = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def begin(self) -> None:
        """One more."""
        self._count += 1
        self._idle.clear()

    def end(self) -> None:
        """One less."""
        self._count -= 1
        if self._count == 0:
            self._idle.set()

    async def drain(self, deadline_s: float) -> None:
        """Take nothing more in, and wait until all has ended or the deadline is over."""
        self.is_closing = True
        try:
            await asyncio.wait_for(self._idle.wait(), deadline_s)
        except TimeoutError:
            log.warning("%d requests of Slack were still under way after %g s", self._count, deadline_s)


class DrainingHandler(AsyncSocketModeHandler):
    """Socket Mode that knows what is under way, listeners that go on after their ack included."""

    def __init__(self, app: AsyncApp, app_token: str, ping_interval: float) -> None:
        super().__init__(app, app_token, ping_interval=ping_interval)
        self.under_way = UnderWay()
        app.listener_runner.listener_start_handler = _Begun(self.under_way)
        app.listener_runner.listener_completion_handler = _Ended(self.under_way)

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # as Bolt does
        """Hand one envelope to the app; while closing none is taken, so that Slack delivers it again."""
        if self.under_way.is_closing:
            return
        self.under_way.begin()
        try:
            await super().handle(client, req)
        finally:
            self.under_way.end()


class _Begun(AsyncListenerStartHandler):
    def __init__(self, under_way: UnderWay) -> None:
        self._under_way = under_way

    async def handle(self, request: AsyncBoltRequest, response: BoltResponse | None) -> None:  # noqa: ARG002 -- Bolt's
        self._under_way.begin()


class _Ended(AsyncListenerCompletionHandler):
    def __init__(self, under_way: UnderWay) -> None:
        self._under_way = under_way

    async def handle(self, request: AsyncBoltRequest, response: BoltResponse | None) -> None:  # noqa: ARG002 -- Bolt's
        self._under_way.end()
