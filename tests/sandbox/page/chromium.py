"""Headless Chromium for the page's tests: where it is, how it is started, what counts as trouble in its console."""

import shutil
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import async_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: install chromium to test the page"
)


@asynccontextmanager
async def launched():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        await browser.close()


async def visit(browser, troubles, url, width=1280, height=800, **options):
    """A new page at `url`; what goes wrong in it is added to `troubles`. Pages without options share a context."""
    if options or not browser.contexts:
        context = await browser.new_context(locale="en-GB", timezone_id="UTC", **options)
    else:
        context = browser.contexts[0]
    page = await context.new_page()
    await page.set_viewport_size({"width": width, "height": height})
    page.set_default_timeout(5000)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if _is_trouble(line) else None)
    await page.goto(url)
    await page.wait_for_selector(".head")
    return page


def _is_trouble(line):
    # An address that names somebody unknown is answered by 404, which the browser reports.
    return line.type == "error" and "/control/state?" not in line.location["url"]
