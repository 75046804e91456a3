"""A browser for each module, and for each test a hand-made workspace and pages onto it."""

import pytest_asyncio
from chromium import launched, visit
from fixture_workspace import running_workspace


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser():
    async with launched() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def workspace():
    async with running_workspace() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def open_page(browser, workspace):
    """Opens the page for one person and channel; any error in its console fails the test."""
    troubles, pages = [], []

    async def opened(address="as=U0ANA&channel=C0INC", **options):
        pages.append(await visit(browser, troubles, f"{workspace.url}#{address}", **options))
        return pages[-1]

    yield opened
    for page in pages:
        await page.close()
    assert troubles == []
