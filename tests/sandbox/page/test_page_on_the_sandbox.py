"""The page on the real sandbox, with an unmodified Bolt app behind it: one incident from card to resolution."""

import re

import pytest
from chromium import launched, needs_chromium, visit
from fixture_blocks import brief_blocks, card_blocks, edit_view, home_view, proposal_blocks
from playwright.async_api import expect

from incident_copilot.sandbox import Sandbox, SandboxHooks

pytestmark = needs_chromium
CHART = b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><rect width="60" height="20"/></svg>'
MANIFEST = {
    "features": {
        "slash_commands": [
            {
                "command": "/incident",
                "description": "Manage an incident",
                "usage_hint": "[list|help]",
                "should_escape": True,
            }
        ],
        "shortcuts": [
            {"name": "Declare incident", "type": "global", "callback_id": "declare_incident"},
            {"name": "Add to timeline", "type": "message", "callback_id": "add_to_timeline"},
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "app_mentions:read", "channels:history", "channels:join", "channels:manage", "channels:read",
                "channels:write.invites", "chat:write", "commands", "files:write", "files:read", "im:history",
                "im:read", "im:write", "pins:write", "reactions:read", "users:read",
            ]
        }
    },
    "settings": {"event_subscriptions": {"bot_events": ["app_home_opened"]}},
}  # fmt: skip


class Demo:
    """The demo's side of the sandbox: counts what the page's demo bar asks for."""

    def __init__(self):
        self.kills = 0
        self.started = []

    async def kill(self):
        self.kills += 1

    async def start(self, name):
        self.started.append(name)

    def hooks(self):
        return SandboxHooks(
            kill_bot=self.kill,
            bot_status=lambda: {"running": True, "pid": 4711, "restarts": self.kills, "can_kill": True},
            start_scenario=self.start,
            scenarios=lambda: [{"name": "bad_deploy", "title": "A bad deploy", "description": "A pool shrinks"}],
            links=lambda: [{"label": "World", "url": "/world/"}],
        )


@pytest.fixture
def demo():
    return Demo()


@pytest.fixture
async def sandbox(demo):
    async with Sandbox.running(speed=20, manifest=MANIFEST, hooks=demo.hooks()) as running:
        yield running


@pytest.fixture
async def page(sandbox):
    troubles = []
    async with launched() as browser:
        yield await visit(browser, troubles, f"{sandbox.page_url}#as=U0ANA")
    assert troubles == []


async def open_incident(client):
    made = (await client.conversations_create(name="inc-42-checkout-errors"))["channel"]["id"]
    await client.conversations_invite(channel=made, users="U0ANA,U0CARA")
    card = await client.chat_postMessage(channel=made, text="INC-42 checkout fails <@U0ANA>", blocks=card_blocks())
    await client.pins_add(channel=made, timestamp=card["ts"])
    await client.files_upload_v2(channel=made, content=CHART, filename="chart.svg", title="Errors", alt_txt="A rise")
    await client.chat_postMessage(channel=made, text="Brief", blocks=brief_blocks()[:1])
    await client.chat_postMessage(channel=made, text="A draft for customers", blocks=proposal_blocks("draft"))
    return made


async def test_an_incident_is_read_edited_approved_and_resolved(sandbox, app, connected, page):
    submitted = []

    @app.action("acknowledge")
    async def acknowledge(ack, client, body):
        await ack()
        place = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        await client.chat_update(**place, text="Acknowledged", blocks=card_blocks()[:1])

    @app.action("edit")
    async def edit(ack, client, body):
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=edit_content())

    @app.view("edit_draft")
    async def save(ack, view):
        submitted.append(view["state"]["values"])
        if len(submitted) == 1:
            await ack(response_action="errors", errors={"title": "Say what people notice."})
        else:
            await ack()

    async with connected():
        channel = await open_incident(app.client)
        await page.get_by_role("status").get_by_role("button", name="Open").click()
        await expect(page.locator("h1")).to_have_text("inc-42-checkout-errors")
        await expect(page.get_by_alt_text("A rise")).to_be_visible()
        await page.get_by_role("button", name="Acknowledge").click()
        await expect(page.get_by_role("button", name="Acknowledge")).to_have_count(0)
        await expect(page.locator(".message.pinned")).to_contain_text("(edited)")

        await page.get_by_role("button", name="Edit", exact=True).click()
        modal = page.get_by_role("dialog", name="Edit the update")
        await modal.get_by_label("Title").fill("Checkout")
        await modal.get_by_text("Affected customers").click()
        await modal.get_by_role("button", name="Approve edit").click()
        await expect(modal.locator(".field-error")).to_have_text("Say what people notice.")
        await modal.get_by_label("Title").fill("Checkout fails for some")
        await modal.get_by_role("button", name="Approve edit").click()
        await expect(modal).to_have_count(0)
        assert submitted[1]["title"]["value"]["value"] == "Checkout fails for some"
        assert submitted[1]["audience"]["value"]["selected_option"]["value"] == "some"
        assert sandbox.messages(channel)[0].text == "Acknowledged"
    sandbox.assert_conformant()


async def test_commands_home_and_talk(sandbox, app, connected, page):
    @app.command("/incident")
    async def command(ack, command):
        await ack(f"You asked for {command['text']}")

    noted = []

    @app.shortcut("add_to_timeline")
    async def note(ack, shortcut):
        await ack()
        noted.append(shortcut)

    @app.event("app_home_opened")
    async def home(client, event):
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": home_view()["blocks"]})

    async with connected():
        box = page.get_by_role("textbox", name="Message #general")
        await box.fill("/incident list <all>")
        await box.press("Enter")
        await expect(page.locator(".message.ephemeral")).to_contain_text("You asked for list <all>")
        await box.fill("/inc")
        await expect(page.get_by_role("listbox", name="Suggestions")).to_contain_text("Manage an incident [list|help]")
        await box.fill("hello @ben & <all>")
        await box.press("Enter")
        said = await sandbox.until(lambda: [m.text for m in sandbox.messages("#general") if m.user == "U0ANA"])
        assert said == ["hello <@U0BEN> &amp; &lt;all&gt;"]
        await expect(page.locator(".message").last).to_contain_text("hello @ben & <all>")
        mine = page.locator(".message").last
        await mine.hover()
        await mine.get_by_role("button", name="Add a reaction").click()
        await page.get_by_role("button", name="eyes").click()
        await expect(mine.get_by_role("button", name="eyes, you")).to_have_attribute("aria-pressed", "true")
        await mine.hover()
        await mine.get_by_role("button", name="More actions").click()
        await page.get_by_role("menuitem", name="Add to timeline").click()
        assert (await sandbox.until(lambda: noted))[0]["message"]["text"] == said[0]
        await page.get_by_role("navigation").get_by_role("button", name=re.compile("incident-copilot")).click()
        await expect(page.locator(".home")).to_contain_text("Nothing waits for your approval.")


async def test_what_nobody_answers_is_said(sandbox, client, page):
    general = sandbox.channel("#general").id
    await client.conversations_join(channel=general)
    await client.chat_postMessage(channel=general, text="A draft", blocks=proposal_blocks("draft"))
    await page.get_by_role("button", name="Reject").click()
    await expect(page.locator(".message .notice-line")).to_contain_text("This app didn't respond.")
    box = page.get_by_role("textbox", name="Message #general")
    await box.fill("/incident list")
    await box.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("/incident failed with the error")
    await expect(box).to_have_value("/incident list")


async def test_the_demo_bar_reaches_the_demo(demo, page):
    await page.get_by_role("button", name="Kill the bot").click()
    await expect(page.locator(".bot-state")).to_contain_text("1 restart")
    await page.get_by_role("button", name="Same alert, another world").click()
    await page.get_by_role("button", name="A bad deploy").click()
    await expect(page.get_by_role("status").filter(has_text="“A bad deploy”")).to_be_visible()
    assert (demo.kills, demo.started) == (1, ["bad_deploy"])


def edit_content():
    kept = ("type", "callback_id", "title", "submit", "close", "blocks")
    return {name: part for name, part in edit_view().items() if name in kept}
