"""Socket Mode: any number of connections of the app, each payload to any one of them."""

import asyncio
import itertools
import json
import time

from starlette.websockets import WebSocket, WebSocketDisconnect

from incident_copilot.sandbox.delivery.ack import Ack
from incident_copilot.sandbox.state.users import APP_ID
from incident_copilot.sandbox.wire import Json, new_id

MAX_SOCKETS = 10


class Connection:
    """One WebSocket of the app, with the envelopes it has not acknowledged yet."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._waiting: dict[str, asyncio.Future[Json | None]] = {}

    async def send(self, frame: Json) -> bool:
        """False when the connection is gone."""
        try:
            await self._websocket.send_text(json.dumps(frame))
        except (WebSocketDisconnect, RuntimeError):
            return False
        return True

    async def deliver(self, envelope: Json, timeout_s: float) -> Ack:
        """Waits for the acknowledgement of this envelope; a broken connection counts as none."""
        began = time.perf_counter()
        envelope_id = new_id("").lower()
        waiting = self._waiting[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            if not await self.send({"envelope_id": envelope_id} | envelope):
                return Ack(False, error="dispatch_failed")
            answer = await asyncio.wait_for(waiting, timeout_s)
        except TimeoutError:
            return Ack(False, seconds=time.perf_counter() - began, error="operation_timeout")
        finally:
            del self._waiting[envelope_id]
        seconds = time.perf_counter() - began
        if answer is None:
            return Ack(False, seconds=seconds, error="dispatch_failed")
        return Ack(True, 200, answer.get("payload") or {}, seconds)

    async def listen(self) -> None:
        """Reads acknowledgements until the app hangs up."""
        try:
            while True:
                self._acknowledge(json.loads(await self._websocket.receive_text()))
        except WebSocketDisconnect:
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_result(None)

    async def close(self) -> None:
        await self._websocket.close()

    def _acknowledge(self, frame: Json) -> None:
        waiting = self._waiting.get(str(frame.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(frame)


class Sockets:
    def __init__(self) -> None:
        self._open: list[Connection] = []
        self._turn = itertools.count()
        self._somebody = asyncio.Event()

    def __len__(self) -> int:
        return len(self._open)

    async def serve(self, websocket: WebSocket) -> None:
        """One connection from hello to its end."""
        await websocket.accept()
        connection = Connection(websocket)
        if len(self._open) >= MAX_SOCKETS:
            await connection.send(_disconnect("too_many_websockets"))
            await connection.close()
            return
        self._open.append(connection)
        hello = {"type": "hello", "num_connections": len(self._open), "connection_info": {"app_id": APP_ID}}
        await connection.send(hello | {"debug_info": {"host": "sandbox", "approximate_connection_time": 18060}})
        self._somebody.set()
        try:
            await connection.listen()
        finally:
            self._forget(connection)

    async def connected(self) -> None:
        """Returns when at least one connection is open."""
        await self._somebody.wait()

    async def deliver(self, envelope: Json, timeout_s: float) -> Ack:
        """Sends to the next connection in turn; fails at once when there is none."""
        if not self._open:
            return Ack(False, error="dispatch_failed")
        return await self._open[next(self._turn) % len(self._open)].deliver(envelope, timeout_s)

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Asks the app to reconnect, as Slack does when it recycles a connection; `warning` only announces it."""
        for connection in list(self._open):
            await connection.send(_disconnect(reason))
            if reason != "warning":
                self._forget(connection)
                await connection.close()

    async def drop(self) -> None:
        """Breaks all connections without a word."""
        for connection in list(self._open):
            self._forget(connection)
            await connection.close()

    def _forget(self, connection: Connection) -> None:
        self._open = [one for one in self._open if one is not connection]
        if not self._open:
            self._somebody.clear()


def _disconnect(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}
