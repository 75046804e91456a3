"""One Socket Mode connection at the moments a real network makes rare."""

import asyncio
import json

from starlette.websockets import WebSocket, WebSocketDisconnect

from incident_copilot.sandbox.delivery.sockets import Connection


def connection_with(receive, send):
    """A connection over a WebSocket whose other end the test plays, at the level of ASGI."""
    websocket = WebSocket({"type": "websocket"}, receive, send)
    return websocket, Connection(websocket)


async def test_a_send_into_a_broken_connection_is_no_delivery():
    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        if message["type"] == "websocket.send":
            raise WebSocketDisconnect(1006)

    websocket, connection = connection_with(receive, send)
    await websocket.accept()
    ack = await connection.deliver({"type": "events_api"}, 1)

    assert (ack.ok, ack.error) == (False, "dispatch_failed")


async def test_an_ack_just_before_the_end_counts():
    sent = []

    async def receive():
        if not sent:
            return {"type": "websocket.connect"}
        if sent[-1] == "acknowledged":
            return {"type": "websocket.disconnect", "code": 1006}
        frame = json.loads(sent[-1])
        sent.append("acknowledged")
        return {"type": "websocket.receive", "text": json.dumps({"envelope_id": frame["envelope_id"]})}

    async def send(message):
        if message["type"] == "websocket.send":
            sent.append(message["text"])

    websocket, connection = connection_with(receive, send)
    await websocket.accept()
    delivering = asyncio.ensure_future(connection.deliver({"type": "events_api"}, 1))
    await asyncio.sleep(0)
    await connection.listen()

    assert (await delivering).ok
