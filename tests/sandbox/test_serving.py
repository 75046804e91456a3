"""Serving an app within the test's own event loop."""

import asyncio

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from incident_copilot.sandbox.serving import listening, serving


async def test_a_request_that_never_ends_is_cut_off_after_the_grace():
    async def endless(request):
        began.set()
        await asyncio.Event().wait()

    began = asyncio.Event()
    async with listening("127.0.0.1", 0) as sock, aiohttp.ClientSession() as session:
        async with serving(Starlette(routes=[Route("/", endless)]), sock, grace_s=0.05):
            asking = asyncio.ensure_future(session.get(f"http://127.0.0.1:{sock.getsockname()[1]}/"))
            await began.wait()
        with pytest.raises(aiohttp.ClientError):
            (await asking).raise_for_status()
