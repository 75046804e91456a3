"""The copilot itself on the page, from its alert to its postmortem, by nothing but a browser: one app, one story."""

import re

import pytest
from chromium import launched, needs_chromium, visit
from playwright.async_api import expect

from environment import own_environment
from whole import copilot

__all__ = ["own_environment"]
pytestmark = [needs_chromium, pytest.mark.story, pytest.mark.usefixtures("own_environment")]
PATIENCE_MS = 20_000
TOLD = "Some orders fail at checkout. We have found the cause."


async def type_in(page, channel, text):
    """Send a command or a message from the channel that is open."""
    box = page.get_by_role("textbox", name=f"Message {channel}")
    await box.fill(text)
    await box.press("Enter")


async def test_an_incident_is_handled_from_declaring_to_resolving_in_the_browser(tmp_path):
    troubles = []
    async with copilot(tmp_path) as whole, launched() as browser:
        page = await visit(browser, troubles, f"{whole.sandbox.page_url}#as=U0BEN")
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)

        whole.sandbox.expect_refusal("already_in_channel", "conversations.invite")  # a role invites whoever has it
        await whole.fire()
        place = await whole.channel()
        await _declared(page)
        await page.goto(f"{whole.sandbox.page_url}#as=U0BEN&channel={whole.sandbox.channel(place).id}")
        await _taken(page, place)
        await _told(page, whole)
        await _decided(page)
        await whole.fire_resolved()
        await _caught_up(page, place)
        await _resolved(page, place)
        await _at_home(page)
        await _settings(page, place, whole)
    assert troubles == []


async def _declared(page):
    await type_in(page, "#general", "/incident declare Payments are slow")
    form = page.get_by_role("dialog", name="Declare an incident")
    await expect(form.get_by_label("What is broken?")).to_have_value("Payments are slow")
    await form.get_by_label("Severity").select_option(label="P2 medium: some users, or a way around")
    await form.get_by_role("button", name="Declare", exact=True).click()
    await expect(form).to_contain_text("INC-1 High 5xx ratio on checkout looks like this")
    await form.get_by_role("button", name="Declare anyway").click()
    told = page.get_by_role("dialog", name="Declared")
    await expect(told).to_contain_text("INC-2 is open.")
    await told.get_by_role("button", name="Close").last.click()


async def _taken(page, place):
    await page.get_by_role("button", name="Acknowledge").first.click()
    await expect(page.locator(".message.pinned").first).to_contain_text("Acknowledged")
    await page.get_by_role("button", name="Join", exact=True).click()
    await type_in(page, place, "/incident")
    await expect(page.locator(".message.ephemeral").last).to_contain_text("This is the channel of INC-1")
    await type_in(page, place, "/incident help")
    await expect(page.locator(".message.ephemeral").last).to_contain_text("Declare and find")
    await type_in(page, place, "/incident role me scribe")
    await expect(page.locator(".message.ephemeral").last).to_contain_text("is now the scribe of INC-1.")
    await type_in(page, place, "/incident roles")
    listed = page.locator(".message.ephemeral").last
    await expect(listed).to_contain_text("Scribe: @ben")
    await listed.get_by_role("button", name="Make the role Scribe free").click()
    await expect(listed).to_contain_text("Nobody is the scribe of INC-1 now.")


async def _told(page, whole):
    update = page.locator(".message:not(.ephemeral)", has_text="Status update for customers").last
    await update.scroll_into_view_if_needed()
    await update.get_by_role("button", name="Edit").click()
    form = page.get_by_role("dialog", name="Edit the update")
    await form.get_by_role("textbox").fill(TOLD)
    await form.get_by_label("Approve and publish my text now").check()
    await form.get_by_role("button", name="Save").click()
    await whole.sees("#customer-updates", TOLD)


async def _decided(page):
    rollback = page.locator(".message:not(.ephemeral)", has_text="Roll back payments from v2.31.0").last
    await rollback.scroll_into_view_if_needed()
    await rollback.get_by_role("button", name=re.compile("^Approve")).click()
    sure = page.get_by_role("dialog")
    await sure.get_by_role("button").last.click()
    await expect(page.locator(".message", has_text="It worked").first).to_be_visible()


async def _caught_up(page, place):
    await type_in(page, place, "/incident note The pool is 20 again")
    await type_in(page, place, "/incident catchup")
    await expect(page.locator(".message.ephemeral").last).to_contain_text("INC-1")
    await type_in(page, place, "/incident timeline")
    form = page.get_by_role("dialog", name="Timeline of INC-1")
    await expect(form).to_contain_text("The pool is 20 again")
    await page.keyboard.press("Escape")


async def _resolved(page, place):
    await type_in(page, place, "/incident resolve")
    form = page.get_by_role("dialog", name="Resolve INC-1")
    await expect(form).to_contain_text("Restoration check")
    await form.get_by_label("Note").fill("Rolled back.")
    await form.get_by_role("button", name="Resolve", exact=True).click()
    await expect(page.locator(".message.pinned").first).to_contain_text("Resolved")
    await expect(page.locator(".message", has_text="Postmortem").first).to_be_visible()


async def _at_home(page):
    await page.get_by_role("navigation").get_by_role("button", name=re.compile("incident-copilot")).click()
    await expect(page.locator(".home")).to_contain_text("Reviews due")


async def _settings(page, place, whole):
    await page.goto(f"{whole.sandbox.page_url}#as=U0BEN&channel={whole.sandbox.channel(place).id}")
    await type_in(page, place, "/incident settings")
    form = page.get_by_role("dialog").last
    await expect(form).to_contain_text("Settings")
    await page.keyboard.press("Escape")
