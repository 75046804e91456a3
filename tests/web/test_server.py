"""The server listens where it is told, says when it cannot, and lets requests under way end when it stops."""

import asyncio
import socket

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from incident_copilot.errors import ConfigError
from incident_copilot.web.server import listening
from quick import TLS


async def test_a_request_under_way_is_answered_while_the_server_stops():
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_):
        begun.set()
        await go_on.wait()
        return PlainTextResponse("done")

    async with httpx.AsyncClient(verify=TLS) as client:
        async with listening(Starlette(routes=[Route("/", slow)]), "127.0.0.1", 0) as port:
            asking = asyncio.create_task(client.get(f"http://127.0.0.1:{port}/"))
            await begun.wait()
            go_on.set()

        assert (await asking).text == "done"
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://127.0.0.1:{port}/")


async def test_it_listens_on_ipv6_too():
    async with listening(Starlette(), "::1", 0) as port, httpx.AsyncClient(verify=TLS) as client:
        assert (await client.get(f"http://[::1]:{port}/")).status_code == 404


async def test_an_address_that_is_taken_is_told_with_the_fix():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError) as error:
            async with listening(Starlette(), "127.0.0.1", port):
                pass

    assert str(error.value) == (
        f"cannot listen on 127.0.0.1:{port}: Address already in use; stop what is there or set COPILOT_PORT"
    )
