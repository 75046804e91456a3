"""What people do on the page: click, fill in forms, move by keyboard, act as others, direct the demo."""

import re

import pytest
from chromium import needs_chromium
from fixture_blocks import NOW, edit_view, plain
from fixture_state import ts
from playwright.async_api import expect

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]


def of(page, text):
    return page.locator(".message", has_text=text).first


async def test_a_click_on_approve_arrives(open_page, workspace):
    page = await open_page()
    await of(page, "Roll back payments").get_by_role("button", name="Approve", exact=True).click()
    assert await workspace.act_of("click") == {
        "as": "U0ANA", "kind": "click", "channel": "C0INC", "ts": ts(590), "block_id": "rollback-1",
        "action_id": "approve", "value": "rollback",
    }  # fmt: skip


async def test_a_risky_button_asks_first(open_page, workspace):
    page = await open_page()
    risky = page.get_by_role("button", name="Approve with check")
    await risky.click()
    question = page.get_by_role("dialog", name="Roll back payments?")
    await expect(question).to_contain_text("To v2.30.4 in production.")
    await page.keyboard.press("Escape")
    await expect(question).to_have_count(0)
    await expect(risky).to_be_focused()
    assert workspace.acts_of("click") == []
    await risky.click()
    await question.get_by_role("button", name="Roll back").click()
    assert (await workspace.act_of("click"))["action_id"] == "approve_risky"


async def test_the_edit_modal_shows_errors_and_then_succeeds(open_page, workspace):
    page = await open_page()
    await of(page, "Draft for customers").get_by_role("button", name="Edit").click()
    modal = page.get_by_role("dialog", name="Edit the update")
    await modal.get_by_role("button", name="Approve edit").click()
    title = modal.get_by_label("Title")
    await expect(title).to_be_focused()
    await expect(modal).to_contain_text("Please complete this required field.")
    assert workspace.acts_of("submit") == []

    workspace.submit_answers.append({"ok": True, "response_action": "errors", "errors": {"text": "Names a cause."}})
    await title.fill("Checkout is slow")
    await modal.get_by_text("Affected customers").click()
    await modal.get_by_label("Severity").select_option("P1")
    await modal.get_by_text("Status page").click()
    await modal.get_by_role("button", name="Approve edit").click()
    text = modal.get_by_label("Text for customers")
    await expect(text).to_have_attribute("aria-invalid", "true")
    await expect(modal.locator(".field-error")).to_have_text("Names a cause.")
    await expect(title).to_have_value("Checkout is slow")

    workspace.submit_answers.append({"ok": True, "acked": False, "error": "dispatch_failed"})
    await text.fill("Some checkouts fail.")
    await modal.get_by_role("button", name="Approve edit").click()
    await expect(modal.get_by_role("alert")).to_have_text("The app did not respond to that.")
    await modal.get_by_role("button", name="Approve edit").click()
    await expect(modal).to_have_count(0)
    values = (await workspace.act_of("submit", count=3))["values"]
    some = {"type": "plain_text", "text": "Affected customers", "emoji": True}
    assert values["text"] == {"value": {"type": "plain_text_input", "value": "Some checkouts fail."}}
    assert values["title"] == {"value": {"type": "plain_text_input", "value": "Checkout is slow"}}
    assert values["severity"]["value"]["selected_option"]["value"] == "P1"
    assert values["audience"]["value"]["selected_option"]["text"] == some
    assert [one["value"] for one in values["places"]["value"]["selected_options"]] == ["status"]
    assert values["review"] == {"value": {"type": "checkboxes", "selected_options": []}}


async def test_the_keyboard_stays_in_a_modal_until_escape(open_page, workspace):
    page = await open_page()
    edit = of(page, "Draft for customers").get_by_role("button", name="Edit")
    await edit.press("Enter")
    modal = page.get_by_role("dialog")
    await expect(modal.get_by_label("Text for customers")).to_be_focused()
    for _ in range(14):
        await page.keyboard.press("Tab")
        assert await page.evaluate("Boolean(document.activeElement.closest('.dialog'))") is True
    await modal.get_by_label("Text for customers").fill("Half a")
    await workspace.change()
    await expect(modal.get_by_label("Text for customers")).to_have_value("Half a")
    await page.keyboard.press("Escape")
    await expect(modal).to_have_count(0)
    await expect(edit).to_be_focused()
    assert (await workspace.act_of("close"))["view_id"] == "V0EDIT"


async def test_everything_by_keyboard(open_page, workspace):
    page = await open_page()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("incidents")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("incidents")
    current = page.get_by_role("navigation").get_by_role("button", name="incidents")
    await current.focus()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("general")
    await page.keyboard.press("Control+k")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    box = page.get_by_role("textbox", name="Message #general")
    await expect(box).to_be_focused()
    await page.keyboard.type("/inc")
    await expect(page.get_by_role("listbox", name="Suggestions")).to_contain_text("Declare or manage an incident")
    await page.keyboard.press("Tab")
    await page.keyboard.type("li")
    await page.keyboard.press("Tab")
    await expect(box).to_have_value("/incident list ")
    await page.keyboard.press("Enter")
    command = await workspace.act_of("command")
    assert (command["command"], command["text"], command["channel"]) == ("/incident", "list", "C0GEN")
    await expect(box).to_have_value("")


async def test_a_refused_command_is_explained_and_kept(open_page):
    page = await open_page()
    box = page.get_by_role("textbox", name="Message #inc-42-checkout-errors")
    await box.fill("/nope")
    await box.press("Enter")
    await expect(page.get_by_role("alert").filter(has_text="/nope is not a valid command.")).to_be_visible()
    await expect(box).to_have_value("/nope")


async def test_a_modal_on_a_modal_closes_back_to_the_first(open_page, workspace):
    workspace.views = [edit_view(), edit_view() | {"id": "V0TOP", "title": plain("Are you sure?"), "submit": None}]
    page = await open_page()
    top = page.get_by_role("dialog", name="Are you sure?")
    await expect(top).to_contain_text("Step 2")
    await top.get_by_role("button", name="Close").click()
    assert (await workspace.act_of("close"))["view_id"] == "V0TOP"
    await expect(page.get_by_role("dialog", name="Edit the update")).to_be_visible()


async def test_a_channel_is_created(open_page, workspace):
    page = await open_page()
    await page.get_by_role("button", name="Create a channel").click()
    await page.get_by_label("Name").fill("#team-search")
    await page.keyboard.press("Enter")
    assert (await workspace.act_of("create_channel"))["name"] == "team-search"
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_an_old_address_starts_over(open_page):
    page = await open_page("as=U0NOBODY&channel=C0GONE")
    await expect(page.get_by_label("Act as")).to_have_value("U0ANA")
    await expect(page.locator("h1")).to_have_text("general")


async def test_other_people_see_and_do_as_themselves(open_page, workspace):
    page = await open_page()
    await page.get_by_label("Act as").select_option(label="Gus Hale · guest")
    await expect(of(page, "Only people on call")).to_have_count(0)
    await of(page, "Roll back payments").get_by_role("button", name="Approve", exact=True).click()
    assert (await workspace.act_of("click"))["as"] == "U0GUS"
    assert "as=U0GUS" in page.url


async def test_the_app_home(open_page, workspace):
    page = await open_page()
    await page.get_by_role("navigation").get_by_role("button", name=re.compile("incident-copilot")).click()
    await expect(page.get_by_role("tab", name="Home")).to_have_attribute("aria-selected", "true")
    await page.get_by_role("button", name="Open", exact=True).click()
    click = await workspace.act_of("click")
    assert (click["view_id"], click["action_id"]) == ("V0HOME", "open_incident")
    assert len(workspace.acts_of("open_home")) == 1
    await page.get_by_role("tab", name=re.compile("Messages")).click()
    await expect(page.get_by_role("textbox", name="Message incident-copilot")).to_be_visible()


async def test_the_demo_bar(open_page, workspace):
    page = await open_page()
    await expect(page.locator(".bot-state")).to_contain_text("Bot runningpid 4711, 1 restart")
    await page.get_by_role("button", name="Kill the bot").click()
    await expect(page.get_by_role("status").filter(has_text="kill -9 4711.")).to_be_visible()
    await page.get_by_role("button", name="Same alert, another world").click()
    await page.get_by_role("button", name="A saturated database").click()
    await expect(page.get_by_role("status").filter(has_text="“A saturated database”")).to_be_visible()
    assert workspace.posts == ["/control/bot/kill", "/control/scenarios/saturated_database"]


async def test_a_notice_is_shown_until_dismissed(open_page, workspace):
    page = await open_page()
    workspace.notices.append({"id": "N1", "text": "/incident failed: dispatch_failed", "kind": "error", "at": NOW})
    await workspace.change()
    notice = page.get_by_role("alert").filter(has_text="dispatch_failed")
    await notice.get_by_role("button", name="Dismiss").click()
    await expect(notice).to_have_count(0)


async def test_a_new_channel_is_announced(open_page, workspace):
    page = await open_page("as=U0ANA&channel=C0GEN")
    await expect(page.locator("h1")).to_have_text("general")
    workspace.channels.append(workspace.channels[0] | {"id": "C0NEW", "name": "inc-43-login"})
    await workspace.change()
    note = page.get_by_role("status").filter(has_text="You are now in #inc-43-login.")
    await note.get_by_role("button", name="Open").click()
    await expect(page.locator("h1")).to_have_text("inc-43-login")


async def test_channels_one_cannot_write_in(open_page, workspace):
    page = await open_page("as=U0ANA&channel=C0OLD")
    await expect(page.get_by_text("This channel is archived.")).to_be_visible()
    await page.get_by_role("navigation").get_by_role("button", name="team-payments").click()
    await page.get_by_role("button", name="Join").click()
    assert (await workspace.act_of("join"))["channel"] == "C0OUT"


async def test_a_phone_has_a_drawer_and_nothing_sticks_out(open_page):
    page = await open_page(width=375, height=812, has_touch=True, is_mobile=True)
    nav = page.get_by_role("navigation", name="Channels")
    await expect(nav).not_to_be_visible()
    await page.get_by_role("button", name="Channels").click()
    await nav.get_by_role("button", name=re.compile("general")).click()
    await expect(page.locator("h1")).to_have_text("general")
    await expect(nav).not_to_be_visible()
    await page.get_by_role("button", name="Demo").click()
    await expect(page.get_by_role("dialog", name="Demo")).to_contain_text("Kill the bot")
    assert await page.evaluate("document.documentElement.scrollWidth") == 375


async def test_every_control_has_a_name(open_page):
    page = await open_page()
    await page.get_by_role("button", name="2 replies").click()
    nameless = """[...document.querySelectorAll('button, a, input, select, textarea')]
        .filter((one) => !one.getAttribute('aria-label') && !one.textContent.trim() && !one.labels?.length &&
            !one.querySelector('img[alt]'))
        .map((one) => one.outerHTML)"""
    assert await page.evaluate(nameless) == []
