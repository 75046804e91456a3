"""Runs an ASGI app on loopback within the running event loop, quietly and without signal handlers."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request


def abort_connection(request: Request) -> None:
    """Breaks the connection of this request without an answer, as a failing network would."""
    for connection in list(request.app.state.connections):
        if connection.client == request.scope["client"]:
            connection.transport.abort()


@asynccontextmanager
async def listening(host: str, port: int) -> AsyncIterator[socket.socket]:
    """A socket bound before anything is served, so that the app can know its own address; port 0 picks one."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        yield sock
    finally:
        sock.close()


@asynccontextmanager
async def serving(app: Starlette, sock: socket.socket, grace_s: float = 2.0) -> AsyncIterator[None]:
    """Serves `app` on `sock` while entered; requests still open at the end have `grace_s` to finish."""
    config = uvicorn.Config(
        app, http="httptools", ws="websockets-sansio", lifespan="off", log_config=None, access_log=False
    )
    config.load()
    server = uvicorn.Server(config)
    # uvicorn's own serve() would take over the process's signals, and its shutdown() sleeps at least 0.1 s.
    server.lifespan = config.lifespan_class(config)
    app.state.connections = server.server_state.connections
    await server.startup(sockets=[sock])
    try:
        yield
    finally:
        await _stop(server, grace_s)


async def _stop(server: uvicorn.Server, grace_s: float) -> None:
    for listener in server.servers:
        listener.close()
    state = server.server_state
    for connection in list(state.connections):
        connection.shutdown()
    deadline = time.monotonic() + grace_s
    # uvicorn tells nobody when a connection ends.
    while (state.connections or state.tasks) and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    for task in list(state.tasks):
        task.cancel()
