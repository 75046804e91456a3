"""The first run in a workspace where something is missing: people are told what, and no incident is left half done."""

from incident_copilot.demo.story import shown
from incident_copilot.sandbox.state.workspace import ChannelSpec
from incident_copilot.slack.manifest import manifest
from whole import copilot


def without(*scopes):
    """The manifest of an app that was installed before it asked for these scopes."""
    narrow = manifest()
    granted = narrow["oauth_config"]["scopes"]["bot"]
    narrow["oauth_config"]["scopes"]["bot"] = [one for one in granted if one not in scopes]
    return narrow


async def test_without_a_scope_the_incident_lives_in_a_thread_and_everybody_knows_why(tmp_path):
    options = {"manifest": without("channels:manage", "pins:write")}
    async with copilot(tmp_path, sandbox_options=options) as whole:
        whole.sandbox.expect_refusal("missing_scope", "conversations.create")
        told = await whole.sees("#copilot-ops", "lacks channels:manage, pins:write")
        await whole.fire()
        opened = await whole.sees("#incidents", "INC-1")
        brief = await whole.sees("#incidents", "Likely cause", thread_ts=opened.ts)
        failed = await whole.sees("#copilot-ops", "opening #inc-1")
        await whole.sandbox.person("ana").click(opened, "acknowledge")
        await whole.sees("#incidents", "Acknowledged")
        ben, ana = whole.sandbox.person("ben"), whole.sandbox.person("ana")
        await ana.command("/incident", "doctor", channel="#general")
        await ben.command("/incident", "doctor", channel="#general")
        await whole.sandbox.until(lambda: len(ben.ephemerals("#general")) == 2, 20)

    assert "incidents live in threads of their announcements" in shown(told)
    assert brief
    assert "Install the app again" in shown(failed)
    assert "ask an admin" in ana.ephemerals("#general")[0].text
    looking, table = ben.ephemerals("#general")
    assert looking.text.startswith("Looking at everything")
    rows = [[cell["text"] for cell in row] for row in table.blocks[1]["rows"]]
    assert rows[0] == ["What", "Found", "Fix"]
    found = {row[0]: row[1:] for row in rows[1:]}
    assert "install the app again" in found["FAIL: Slack scopes"][1]
    assert found["ok: database clock"] == ["within 5 s of this machine's", "-"]
    assert "Slack scopes: the token lacks channels:manage" in table.text
    assert whole.sandbox.bot_token not in str(table.blocks)


async def test_without_any_channel_the_incident_is_whole_all_the_same(tmp_path):
    there = [ChannelSpec("general")]
    async with copilot(tmp_path, sandbox_options={"channels": there}) as whole:
        await whole.fire()
        channel = await whole.channel()
        await whole.sees(channel, "Likely cause")
        card = whole.sandbox.messages(channel)[0]
        await whole.sandbox.person("ana").click(card, "acknowledge")
        await whole.sandbox.until(lambda: "acknowledged" in shown(whole.sandbox.messages(channel)[0]))
        people = {whole.sandbox.workspace.users[one].name for one in whole.sandbox.channel(channel).members}

    assert "ana" in people
