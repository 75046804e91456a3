"""The copilot itself on the page: declared by a form, taken by a click, worked on by command, seen in App Home."""

import re

import pytest
from chromium import launched, needs_chromium, visit
from playwright.async_api import expect

from environment import own_environment
from whole import copilot

__all__ = ["own_environment"]
pytestmark = [needs_chromium, pytest.mark.story, pytest.mark.usefixtures("own_environment")]
PATIENCE_MS = 20_000


async def type_in(page, channel, text):
    """Send a command or a message from the channel that is open."""
    box = page.get_by_role("textbox", name=f"Message {channel}")
    await box.fill(text)
    await box.press("Enter")


async def test_an_incident_is_declared_taken_and_worked_on_in_the_browser(tmp_path):
    troubles = []
    async with copilot(tmp_path) as whole, launched() as browser:
        page = await visit(browser, troubles, f"{whole.sandbox.page_url}#as=U0BEN")
        page.set_default_timeout(PATIENCE_MS)

        await type_in(page, "#general", "/incident declare Payments are slow")
        form = page.get_by_role("dialog", name="Declare an incident")
        await expect(form.get_by_label("What is broken?")).to_have_value("Payments are slow")
        await form.get_by_label("Severity").select_option(label="P1 high: many users are affected")
        await form.get_by_role("button", name="Declare", exact=True).click()
        told = page.get_by_role("dialog", name="Declared")
        await expect(told).to_contain_text("INC-1 is open.")
        await told.get_by_role("button", name="Close").last.click()

        place = await whole.channel()
        await page.goto(f"{whole.sandbox.page_url}#as=U0BEN&channel={whole.sandbox.channel(place).id}")
        await page.get_by_role("button", name="Acknowledge").first.click()
        await expect(page.locator(".message.pinned")).to_contain_text("Acknowledged")

        await type_in(page, place, "/incident task restart the pods")
        await expect(page.locator(".message.ephemeral").last).to_contain_text("Task 1 of INC-1: restart the pods")
        await type_in(page, place, "/incident settings")
        form = page.get_by_role("dialog").last
        await expect(form).to_contain_text("Settings")
        await page.keyboard.press("Escape")

        await page.get_by_role("navigation").get_by_role("button", name=re.compile("incident-copilot")).click()
        await expect(page.locator(".home")).to_contain_text("For you")
        await expect(page.locator(".home")).to_contain_text("Payments are slow")
    assert troubles == []
