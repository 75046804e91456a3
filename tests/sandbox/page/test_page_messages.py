"""How messages are drawn and what people do with them, in headless Chromium against a hand-made workspace."""

import re

import pytest
from chromium import needs_chromium
from fixture_blocks import button, mrkdwn, section
from fixture_state import BRIEF, message, ts
from playwright.async_api import expect

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]


def of(page, text):
    return page.locator(".message", has_text=text).first


async def test_the_incident_can_be_read(open_page):
    page = await open_page()
    card = of(page, "INC-42 checkout: 20 % of requests fail")
    await expect(card).to_contain_text("Pinned to this channel")
    await expect(card.locator(".fields .text").nth(0)).to_have_text("Severity\n🟠 P1, high")
    await expect(card.locator(".fields .text").nth(3)).to_have_text("Since\ntoday 07:38 (16 minutes ago)")
    await expect(card).to_contain_text("(edited)")
    await expect(page.locator(".divider")).to_contain_text(["Yesterday", "Today"])
    await expect(of(page, "Only people on call")).to_contain_text("Only visible to you")
    await expect(page.get_by_alt_text("Errors rise to 20 %")).to_be_visible()
    await expect(of(page, "Looks healthy")).to_contain_text("This app didn't respond to the button.")
    await expect(page).to_have_title("(1) #inc-42-checkout-errors · Sandbox")
    await expect(page.locator(".bookmarks a").first).to_have_attribute("href", "https://grafana.example/d/checkout")


async def test_what_the_app_does_can_be_stopped_and_what_it_suggests_is_asked(open_page, workspace):
    page = await open_page()
    await page.locator(".thread-link").first.click()
    await expect(page.locator(".agent-status")).to_contain_text("The app is reading the logs…")
    await page.get_by_role("button", name="Stop").click()
    assert (await workspace.act_of("stop"))["thread_ts"] == BRIEF
    await page.get_by_role("navigation").get_by_text("incident-copilot").first.click()
    await page.get_by_role("tab", name="Messages").click()
    await page.get_by_role("button", name="What is going on?").click()
    assert (await workspace.act_of("say"))["text"] == "status"


async def test_what_is_said_carries_mentions_and_no_markup(open_page, workspace):
    page = await open_page()
    box = page.get_by_role("textbox", name="Message #inc-42-checkout-errors")
    await box.fill("@ben a < b & see #general")
    await box.press("Enter")
    said = await workspace.act_of("say")
    assert said["text"] == "<@U0BEN> a &lt; b &amp; see <#C0GEN|general>"
    await expect(page.locator(".message").last).to_contain_text("@ben a < b & see #general")


async def test_hostile_text_is_inert(open_page, workspace):
    hostile = "<script>hacked=1</script>*<https://evil.example|grafana>* `<!channel>` \u202eevil\u202c"
    parts = [section(hostile), {"type": "markdown", "text": "[x](javascript:hacked=1) <img src=x onerror=hacked=1>"}]
    bad = button("bad", "<b>go</b>", url="javascript:hacked=1")
    workspace.messages["C0INC"].append(
        message(ts(1), "U0BOT", hostile, blocks=[*parts, {"type": "actions", "elements": [bad]}])
    )
    page = await open_page()
    last = page.locator(".message").last
    await expect(last).to_contain_text("<script>hacked=1</script>")
    await expect(of(page, "window.hacked")).to_contain_text('<img src=x onerror="window.hacked=1">')
    assert await page.evaluate("[window.hacked ?? null, document.querySelectorAll('.list :is(script, b)').length]") == [
        None,
        0,
    ]
    assert await page.locator("a[href^='javascript'], img[src='x']").count() == 0
    await expect(last.get_by_role("link", name="grafana")).to_have_attribute("title", "https://evil.example/")


async def test_a_change_keeps_typed_text_focus_and_place(open_page, workspace):
    page = await open_page("as=U0ANA&channel=C0GEN")
    box = page.get_by_role("textbox", name="Message #general")
    await box.fill("half a thou")
    await page.evaluate("document.querySelector('.scroll').scrollTop = 100")
    await expect(page.locator(".divider", has_text="New")).to_have_count(1)
    workspace.messages["C0GEN"].append(message(ts(-5), "U0BEN", "Fresh news"))
    await workspace.change()
    await expect(page.locator(".message", has_text="Fresh news")).to_have_count(1)
    await expect(page.locator("#spoken")).to_have_text("Ben Okafor: Fresh news")
    await expect(box).to_be_focused()
    await expect(box).to_have_value("half a thou")
    assert await page.evaluate("document.querySelector('.scroll').scrollTop") == 100
    await page.get_by_role("button", name="New messages").click()
    await expect(page.locator(".message", has_text="Fresh news")).to_be_in_viewport()


async def test_a_thread_opens_takes_a_reply_and_closes(open_page, workspace):
    page = await open_page()
    await page.get_by_role("button", name="2 replies").click()
    thread = page.get_by_role("complementary", name="Thread")
    await expect(thread).to_contain_text("Did pool_size really change?")
    await thread.get_by_role("textbox", name="Reply in thread").fill("Thanks")
    await thread.get_by_role("textbox", name="Reply in thread").press("Enter")
    said = await workspace.act_of("say")
    assert (said["text"], said["thread_ts"]) == ("Thanks", ts(780))
    await expect(thread.locator(".message").last).to_contain_text("Thanks")
    await page.keyboard.press("Escape")
    await expect(thread).to_have_count(0)


async def test_reactions_are_added_and_removed(open_page, workspace):
    page = await open_page()
    brief = of(page, "Likely cause:")
    await brief.get_by_role("button", name="eyes, Ben Okafor, you").click()
    assert (await workspace.act_of("unreact"))["name"] == "eyes"
    await expect(brief.get_by_role("button", name="eyes, Ben Okafor")).to_have_attribute("aria-pressed", "false")
    await brief.get_by_role("button", name="Add a reaction").first.click()
    await page.get_by_role("searchbox", name="Search emoji").fill("rocket")
    await page.keyboard.press("Enter")
    assert (await workspace.act_of("react"))["name"] == "rocket"
    await expect(brief.get_by_role("button", name="rocket, you")).to_be_visible()


async def test_pins_members_and_permalinks(open_page, workspace):
    workspace.messages["C0GEN"].append(
        message(ts(2), "U0BOT", f"See <https://sandbox.slack.com/archives/C0INC/p{ts(800).replace('.', '')}|the card>")
    )
    page = await open_page("as=U0ANA&channel=C0GEN")
    await page.get_by_role("link", name="the card").click()
    await expect(page.locator("h1")).to_have_text("inc-42-checkout-errors")
    await expect(of(page, "INC-42 checkout")).to_be_focused()
    await page.get_by_role("button", name="4 members").click()
    await expect(page.get_by_role("dialog", name="4 members")).to_contain_text("Ben Okaforcommander")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="1 pinned message").press("Enter")
    await page.get_by_role("button", name=re.compile("INC-42 checkout: 20 % of requests fail since")).press("Enter")
    await expect(of(page, "INC-42 checkout")).to_be_focused()


async def test_unread_marks_go_once_read(open_page, workspace):
    page = await open_page()
    nav = page.get_by_role("navigation")
    await nav.get_by_role("button", name="general, 3 unread, 1 mention").click()
    assert (await workspace.act_of("mark_read"))["channel"] == "C0GEN"
    await expect(nav.get_by_role("button", name="general", exact=True)).to_have_attribute("aria-current", "page")


DRAWN = {
    "*bold* _it_ ~no~ `a*b*`": "<strong>bold</strong> <em>it</em> <s>no</s> <code>a*b*</code>",
    "2*3*4 snake_case_name a~b~c": "2*3*4 snake_case_name a~b~c",
    "*a _b_*": "<strong>a <em>b</em></strong>",
    "a &amp;lt; &lt;b&gt;": "a &amp;lt; &lt;b&gt;",
    "&gt; one\n> two\nthree": "<blockquote>one\ntwo</blockquote>three",
    "```x\n*y*```": "<pre>x\n*y*</pre>",
    "<@U0NOBODY|kim> <!here> <!subteam^S1|@sre>": (
        '<span class="mention" title="U0NOBODY">@kim</span> <span class="mention mine">@here</span>'
        ' <span class="mention">@sre</span>'
    ),
    "<!date^0^{date_num} {time}|then> <!date^x^{time}|then>": (
        '<time datetime="1970-01-01T00:00:00.000Z">1970-01-01 00:00</time> <time datetime="">then</time>'
    ),
    ":no_such_emoji: 10:30:15": ":no_such_emoji: 10:30:15",
    "<data:text/html,x|y> <//evil.example|z>": "&lt;data:text/html,x|y&gt; &lt;//evil.example|z&gt;",
}


async def test_mrkdwn_is_drawn_as_slack_draws_it(open_page):
    page = await open_page()
    draw = """async (source) => {
        const [{ mrkdwn }, { patch }] = await Promise.all([import('/page/mrkdwn.js'), import('/page/dom.js')]);
        const ctx = { person: () => undefined, channel: () => undefined, messageAt: () => null, now: 0, me: 'U0ANA' };
        const box = document.createElement('div');
        patch(box, mrkdwn(source, ctx));
        box.querySelectorAll('time').forEach((one) => one.removeAttribute('title'));
        return box.innerHTML;
    }"""
    assert {source: await page.evaluate(draw, source) for source in DRAWN} == DRAWN


async def test_message_actions(open_page, workspace):
    page = await open_page()
    mine = of(page, "Not the CDN")
    await mine.hover()
    await mine.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Edit message").click()
    box = page.get_by_role("textbox", name="Edit message")
    await expect(box).to_have_value("~Not the CDN~, checked _twice_")
    await box.fill("Not the CDN & not DNS")
    await box.press("Enter")
    assert (await workspace.act_of("edit"))["text"] == "Not the CDN &amp; not DNS"
    await mine.focus()
    await mine.get_by_role("button", name="More actions").press("Enter")
    await expect(page.get_by_role("menuitem", name="Reply in thread")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    shortcut = await workspace.act_of("message_shortcut")
    assert (shortcut["callback_id"], shortcut["ts"]) == ("add_to_timeline", ts(410))


async def test_every_block_is_drawn_and_its_controls_work(open_page, workspace):
    page = await open_page("as=U0ANA&channel=C0GEN", height=1500)
    gallery = page.locator(".message").last
    expected = [
        "bold and struck", "@ben", "#general", "inner one", "quoted", "kubectl get pods", "Plan", "dry run", "20 %",
        "1 of 3 done", "In progress", "Failed", "Rules it out", "Helpful",
        "The sandbox does not draw “hologram” blocks.",
    ]  # fmt: skip
    for text in expected:
        await expect(gallery).to_contain_text(text)
    await gallery.get_by_label("Severity").select_option("P2")
    click = await workspace.act_of("click")
    assert (click["action_id"], click["selected"]) == ("pick", "P2")
    await gallery.get_by_text("Not this").click()
    assert (await workspace.act_of("click", count=2))["selected"] == "b"
    await gallery.get_by_role("button", name="Helpful", exact=True).click()
    assert (await workspace.act_of("click", count=3))["value"] == "1"


async def test_a_replaced_button_leaves_the_focus_on_its_message(open_page, workspace):
    page = await open_page()
    approve = of(page, "Roll back payments").get_by_role("button", name="Approve", exact=True)
    await approve.focus()
    proposal = next(one for one in workspace.messages["C0INC"] if one["ts"] == ts(590))
    proposal["blocks"] = [{"type": "context", "elements": [mrkdwn("Roll back payments: approved by <@U0ANA>")]}]
    await workspace.change()
    await expect(of(page, "approved by @ana")).to_be_focused()
