"""Delivers to the app as Slack does: events again and again until acknowledged, everything else once."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from incident_copilot.sandbox.delivery.ack import Ack
from incident_copilot.sandbox.delivery.envelopes import event_callback, event_envelope, interaction_envelope
from incident_copilot.sandbox.delivery.signed_http import SignedHttp
from incident_copilot.sandbox.delivery.sockets import Sockets
from incident_copilot.sandbox.faults import EventFaults
from incident_copilot.sandbox.manifest import Manifest
from incident_copilot.sandbox.timing import Timing
from incident_copilot.sandbox.wire import Json

log = logging.getLogger(__name__)


class Delivery:
    """`http` set means signed HTTP instead of Socket Mode."""

    def __init__(self, manifest: Manifest, timing: Timing, now: Callable[[], float]) -> None:
        self._manifest = manifest
        self._timing = timing
        self._now = now
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: Json | None = None
        self.sockets = Sockets()
        self.http: SignedHttp | None = None
        self.faults = EventFaults()

    def emit(self, subscription: str, event: Json) -> None:
        """Starts to deliver an event, if the app subscribed to it."""
        if not self._manifest.subscribes(subscription):
            return
        body = event_callback(event, self._now())
        if self.faults.reorder and self._held is None:
            self._held = body
            self._start(self._release_late(body))
            return
        held, self._held = self._held, None
        for one in (body, held):
            if one is not None:
                self._start_copies(one)

    async def interact(self, payload: Json) -> Ack:
        """A click, shortcut or submission, delivered once."""
        if self.http is not None:
            return await self.http.interaction(payload, self._timing.ack_s)
        return await self.sockets.deliver(interaction_envelope("interactive", payload), self._timing.ack_s)

    async def command(self, fields: Json) -> Ack:
        """A slash command, delivered once."""
        if self.http is not None:
            return await self.http.command(fields, self._timing.ack_s)
        return await self.sockets.deliver(interaction_envelope("slash_commands", fields), self._timing.ack_s)

    async def verify_url(self) -> bool:
        """The handshake Slack makes before it accepts a request URL."""
        assert self.http is not None, "deliver_by_http comes first"  # noqa: S101 - a wrong test, not a wrong app
        body = {"type": "url_verification", "token": "", "challenge": "sandbox-challenge"}
        ack = await self.http.event(body, self._timing.ack_s, 0, "")
        return ack.ok and ack.body.get("challenge", ack.body.get("text")) == "sandbox-challenge"

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.http is not None:
            await self.http.close()

    def _start_copies(self, body: Json) -> None:
        for _ in range(1 + self.faults.duplicate):
            self._start(self._deliver(body))

    async def _release_late(self, body: Json) -> None:
        # Nothing followed within a moment, so there is nothing to swap with.
        await asyncio.sleep(0.2)
        if self._held is body:
            self._held = None
            self._start_copies(body)

    async def _deliver(self, body: Json) -> None:
        """Tries, then retries at once, after a minute and after five, as long as nobody acknowledges."""
        await asyncio.sleep(self.faults.delay_s)
        reason, missed = "timeout", False
        for attempt, wait_s in enumerate((0.0, *self._timing.retry_after_s)):
            await asyncio.sleep(wait_s)
            if self.http is None and not len(self.sockets):
                missed = True
                await self.sockets.connected()
            ack = await self._send(body, max(attempt, int(missed)), reason)
            if ack.ok or ack.no_retry:
                return
            reason = "error" if ack.status else "timeout"
        log.warning("event %s was never acknowledged", body["event_id"])

    async def _send(self, body: Json, attempt: int, reason: str) -> Ack:
        if self.http is not None:
            return await self.http.event(body, self._timing.ack_s, attempt, reason)
        return await self.sockets.deliver(event_envelope(body, attempt, reason), self._timing.ack_s)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
