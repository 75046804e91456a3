"""A client as the program has one."""

import httpx
import pytest


@pytest.fixture
async def http():
    async with httpx.AsyncClient() as client:
        yield client
