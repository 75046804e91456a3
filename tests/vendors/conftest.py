"""A client as the program has one."""

import httpx
import pytest

from quick import TLS


@pytest.fixture
async def http():
    async with httpx.AsyncClient(verify=TLS) as client:
        yield client
