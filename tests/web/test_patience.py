"""Connections that do not come to the end of their headers are closed; the others are served as ever."""

import asyncio
import contextlib

import pytest
import uvicorn

from incident_copilot.web.patience import PatientProtocol


class Quick(PatientProtocol):
    headers_s = 0.1


class Small(PatientProtocol):
    most_header_bytes = 1000


async def answer(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@contextlib.asynccontextmanager
async def connected(protocol=Quick):
    """A connection to a server with this protocol."""
    config = uvicorn.Config(answer, http=protocol, ws="none", lifespan="off", log_config=None, access_log=False)
    config.load()
    server = uvicorn.Server(config)
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: protocol(config, server.server_state, {}), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname()[:2])
    try:
        yield reader, writer
    finally:
        writer.close()
        listening.close()
        await listening.wait_closed()


async def all_of(reader):
    """What is sent until the server closes."""
    async with asyncio.timeout(3):
        with contextlib.suppress(ConnectionError):
            return await reader.read()
        return b""


@pytest.mark.parametrize("sent", [b"", b"POST / HTTP/1.1\r\nHost: a\r\nX-", b"\r\n"])
async def test_who_never_finishes_the_headers_is_disconnected(sent):
    async with connected() as (reader, writer):
        writer.write(sent)

        assert await all_of(reader) == b""


async def test_headers_without_end_are_cut_off_long_before_their_time():
    async with connected(Small) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nX: " + b"a" * 2000)

        assert await all_of(reader) == b""


async def test_requests_on_one_connection_are_answered():
    async with connected(PatientProtocol) as (reader, writer):
        for _ in range(2):
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert (await reader.readuntil(b"\r\n\r\nok")).startswith(b"HTTP/1.1 200")


async def test_body_that_goes_on_after_the_answer_does_not_hold_the_connection():
    async with connected() as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
        await reader.readuntil(b"\r\n\r\nok")
        writer.write(b"1\r\na\r\n")

        assert await all_of(reader) == b""
