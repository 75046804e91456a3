"""Clicks, commands and shortcuts of people: what the app receives, and what people see when it does not answer."""

import asyncio

import aiohttp
import pytest

from incident_copilot.sandbox import ChannelSpec, Refused, Sandbox, Timing

SHORT = Timing(ack_s=0.05, burst=100)


def plain(text):
    return {"type": "plain_text", "text": text}


def option(value):
    return {"text": plain(value), "value": value}


BLOCKS = [
    {
        "type": "actions",
        "block_id": "decide",
        "elements": [
            {"type": "button", "action_id": "approve", "text": plain("Approve"), "value": "p1", "style": "primary"},
            {"type": "static_select", "action_id": "severity", "options": [option("P1"), option("P2")]},
            {"type": "multi_users_select", "action_id": "who"},
            {"type": "overflow", "action_id": "more", "options": [option("mute")]},
        ],
    },
    {
        "type": "section",
        "block_id": "other",
        "text": plain("Another one"),
        "accessory": {
            "type": "button", "action_id": "approve", "text": plain("Approve"), "value": "p2",
            "visible_to_user_ids": ["U0BEN"],
        },
    },
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons", "action_id": "feedback",
                "positive_button": {"text": plain("Good"), "value": "good"},
                "negative_button": {"text": plain("Bad"), "value": "bad"},
            }
        ],
    },
]  # fmt: skip


@pytest.fixture
async def card(sandbox, raw, client):
    await client.chat_postMessage(channel="general", text="Decide", blocks=BLOCKS)
    return sandbox.messages("general")[-1]


async def test_a_click_says_who_where_and_what(sandbox, raw, card):
    ack = await sandbox.person("ana").click(card, "approve")
    [payload] = raw.payloads

    assert (ack.ok, ack.status, ack.body) == (True, 200, {})
    assert (payload["type"], payload["user"]["id"], payload["team"]["id"]) == ("block_actions", "U0ANA", "T0SANDBOX")
    assert payload["container"] == {
        "type": "message", "message_ts": card.ts, "channel_id": card.channel, "is_ephemeral": False,
    }  # fmt: skip
    assert payload["channel"] == {"id": card.channel, "name": "general"}
    assert payload["message"]["ts"] == card.ts
    [action] = payload["actions"]
    assert action.pop("action_ts")
    assert action == {
        "type": "button", "action_id": "approve", "block_id": "decide", "text": plain("Approve"), "value": "p1",
        "style": "primary",
    }  # fmt: skip
    assert payload["trigger_id"]
    assert payload["response_url"].startswith(sandbox.page_url + "response/")


async def test_selects_report_what_was_picked_and_leave_it_in_the_state(sandbox, raw, card):
    ana = sandbox.person("ana")
    await ana.click(card, "severity", selected="P2")
    await ana.click(card, "who", selected=["U0BEN"])
    await ana.click(card, "who", selected="U0BEN")
    await ana.click(card, "more", "mute")
    await ana.click(card, "feedback", "good")

    severity, who, _, more, feedback = raw.payloads
    assert severity["actions"][0]["selected_option"] == option("P2")
    assert severity["state"]["values"]["decide"] == {
        "severity": {"type": "static_select", "selected_option": option("P2")},
        "who": {"type": "multi_users_select", "selected_users": []},
    }
    assert who["actions"][0]["selected_users"] == ["U0BEN"]
    assert more["actions"][0]["selected_option"] == option("mute")
    assert feedback["actions"][0]["value"] == "good"
    with pytest.raises(Refused, match="invalid_option"):
        await ana.click(card, "severity", selected="P9")


async def test_value_and_block_decide_between_buttons_of_one_name(sandbox, raw, card):
    await sandbox.person("ben").click(card, "approve", "p2")
    await sandbox.person("ben").click(card, "approve", block_id="other")

    assert [payload["actions"][0]["value"] for payload in raw.payloads] == ["p2", "p2"]
    with pytest.raises(Refused, match="action_not_found: approve is not shown to ana"):
        await sandbox.person("ana").click(card, "approve", "p2")
    with pytest.raises(Refused, match="action_not_found: reject is not among"):
        await sandbox.person("ana").click(card, "reject")
    with pytest.raises(Refused, match="action_not_found: no approve has the value 'p9'"):
        await sandbox.person("ben").click(card, "approve", "p9")


async def test_a_message_that_is_gone_cannot_be_clicked(sandbox, raw, client, card):
    await client.chat_delete(channel=card.channel, ts=card.ts)

    with pytest.raises(Refused, match="message_not_found"):
        await sandbox.person("ana").click(card, "approve")


async def test_guests_cannot_click_where_they_cannot_look(sandbox, raw, card):
    with pytest.raises(Refused, match="channel_not_found"):
        await sandbox.person("gus").click(card, "approve")


async def test_an_ephemeral_message_is_clicked_without_being_sent_along(sandbox, raw, client):
    await client.chat_postEphemeral(channel="general", user="U0ANA", text="Decide", blocks=BLOCKS)
    [message] = sandbox.person("ana").ephemerals("general")
    await sandbox.person("ana").click(message, "approve")

    [payload] = raw.payloads
    assert payload["container"]["is_ephemeral"]
    assert "message" not in payload


async def test_a_click_in_a_thread_names_the_thread(sandbox, raw, client, card):
    reply = await client.chat_postMessage(channel="general", text="Decide", blocks=BLOCKS, thread_ts=card.ts)
    await sandbox.person("ana").click(sandbox.messages("general", card.ts)[0], "approve")

    assert raw.payloads[0]["container"]["thread_ts"] == card.ts
    assert raw.payloads[0]["message"]["ts"] == reply["ts"]


async def test_an_unanswered_click_leaves_a_warning_that_an_answered_one_removes(raw_apps, client_of):
    async with Sandbox.running(timing=SHORT, channels=[ChannelSpec("general", has_bot=True)]) as sandbox:
        app = await raw_apps(sandbox)
        app.silent.add("interactive")
        ana = sandbox.person("ana")
        body = {"channel": "general", "text": "Decide", "blocks": BLOCKS}
        await client_of(sandbox).api_call("chat.postMessage", json=body)
        ana_card = sandbox.messages("general")[-1]
        ack = await ana.click(ana_card, "approve")
        assert (ack.ok, ack.error) == (False, "operation_timeout")
        assert 0.04 < ack.seconds < 1
        assert list(ana_card.warnings) == ["U0ANA"]
        assert len(app.payloads) == 1

        app.silent.clear()
        assert (await ana.click(ana_card, "approve")).ok
        assert ana_card.warnings == {}


async def test_a_connection_that_breaks_takes_the_click_with_it(sandbox, raw, card):
    raw.silent.add("interactive")

    async def hang_up():
        await sandbox.until(lambda: raw.payloads)
        await raw.socket.close()

    ack, _ = await asyncio.gather(sandbox.person("ana").click(card, "approve"), hang_up())
    assert (ack.ok, ack.error) == (False, "dispatch_failed")


async def test_a_command_carries_its_text_and_its_answer_is_for_one_person(sandbox, raw):
    raw.answers["command"] = {"text": "Here is help"}
    ack = await sandbox.person("ana").command("/incident", " help ")
    [fields] = raw.payloads

    assert ack.body == {"text": "Here is help"}
    assert (fields["command"], fields["text"], fields["user_id"], fields["user_name"]) == (
        "/incident", "help", "U0ANA", "ana",
    )  # fmt: skip
    assert (fields["channel_name"], fields["team_id"]) == ("general", "T0SANDBOX")
    assert fields["trigger_id"]
    assert fields["response_url"]
    assert [one.text for one in sandbox.person("ana").ephemerals("#general")] == ["Here is help"]


async def test_a_command_may_answer_in_channel_or_badly(sandbox, raw):
    raw.answers["command"] = {"response_type": "in_channel", "text": "INC-1 is open"}
    await sandbox.person("ana").command("/incident")
    raw.answers["command"] = {"blocks": BLOCKS}
    await sandbox.person("ana").command("/incident")

    assert [one.text for one in sandbox.messages("#general")] == ["INC-1 is open"]
    assert [str(one) for one in sandbox.refused] == [
        "/incident ack: no_text (top-level text is needed, also with blocks)"
    ]
    assert [one.text for one in sandbox.person("ana").notices] == ['/incident failed with the error "no_text"']


async def test_a_command_without_an_app_fails_at_once_with_a_notice(sandbox):
    ack = await sandbox.person("ana").command("/incident", "list")

    assert (ack.ok, ack.error) == (False, "dispatch_failed")
    [notice] = sandbox.person("ana").notices
    assert (notice.text, notice.kind) == ('/incident failed with the error "dispatch_failed"', "error")
    assert sandbox.person("ben").notices == []


MANIFEST = {
    "features": {
        "bot_user": {"display_name": "oracle"},
        "slash_commands": [{"command": "/incident", "description": "Incidents", "should_escape": True}],
        "shortcuts": [{"name": "Declare", "type": "global", "callback_id": "declare"}],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
}


async def test_a_manifest_says_which_commands_and_shortcuts_there_are(raw_apps):
    async with Sandbox.running(manifest=MANIFEST) as sandbox:
        app, ana = await raw_apps(sandbox), sandbox.person("ana")
        unknown = await ana.command("/deploy", "now")
        await ana.command("/incident", "assign @ben in #general for <@U0CARA> not @nobody <b> #nowhere")
        await ana.shortcut("declare")
        with pytest.raises(Refused, match="shortcut_not_found"):
            await ana.shortcut("other")
        ts = await ana.say("#general", "hello")
        with pytest.raises(Refused, match="shortcut_not_found"):
            await ana.message_shortcut("declare", "#general", ts)
        general = sandbox.channel("general").id

    assert (unknown.ok, unknown.error) == (False, "invalid_command")
    assert [one.text for one in ana.notices] == ["/deploy is not a valid command."]
    assert [one.get("text") for one in app.payloads] == [
        f"assign <@U0BEN|ben> in <#{general}|general> for <@U0CARA|cara> not @nobody &lt;b&gt; #nowhere", None,
    ]  # fmt: skip
    assert sandbox.workspace.bot.name == "oracle"


async def test_scopes_of_the_manifest_are_needed(client_of):
    async with Sandbox.running(manifest=MANIFEST) as sandbox:
        client = client_of(sandbox)
        pins = await client.api_call("pins.add", json={"channel": "general", "timestamp": "1.0"}, ok=False)
        post = await client.api_call("chat.postMessage", json={"channel": "general", "text": "hi"}, ok=False)

    assert (pins["error"], pins["needed"], pins["provided"]) == ("missing_scope", "pins:write", "chat:write,commands")
    assert post["error"] == "not_in_channel"
    assert [one.error for one in sandbox.refused] == ["missing_scope", "not_in_channel"]


async def test_private_channels_need_scopes_of_their_own(client_of):
    manifest = {"oauth_config": {"scopes": {"bot": ["channels:manage", "channels:join", "channels:read"]}}}
    async with Sandbox.running(manifest=manifest) as sandbox:
        call = client_of(sandbox).api_call
        await call("conversations.create", json={"name": "open"})
        private = await call("conversations.create", json={"name": "closed", "is_private": True}, ok=False)
        direct = await call("conversations.info", json={"channel": sandbox.dm("ana").id}, ok=False)
        await call("conversations.join", json={"channel": "general"})
        await call("conversations.list", json={})

    assert (private["needed"], direct["needed"]) == ("groups:write", "im:read")


async def test_shortcuts_of_both_kinds(sandbox, raw):
    ana = sandbox.person("ana")
    ts = await ana.say("#general", "look at this")
    await ana.shortcut("declare")
    await ana.message_shortcut("add", "#general", ts)
    declare, add = raw.payloads

    assert (declare["type"], declare["callback_id"]) == ("shortcut", "declare")
    assert declare["action_ts"]
    assert (add["type"], add["callback_id"], add["message_ts"]) == ("message_action", "add", ts)
    assert (add["message"]["text"], add["channel"]["name"]) == ("look at this", "general")
    assert add["response_url"]


async def test_an_unanswered_shortcut_is_told(sandbox):
    await sandbox.person("ana").shortcut("declare")

    assert [one.text for one in sandbox.person("ana").notices] == [
        "This app didn't respond. Nothing may have happened; you can try again."
    ]


async def test_private_channels_and_direct_messages_are_named_by_kind(sandbox, raw):
    ana = sandbox.person("ana")
    await ana.create_channel("secret", is_private=True)
    await ana.command("/incident", channel="secret")
    await ana.command("/incident", channel=(await ana.open_dm()).id)

    assert [one["channel_name"] for one in raw.payloads] == ["privategroup", "directmessage"]


async def use(url, **body):
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as response:
        return response.status, await response.text()


async def test_a_response_url_answers_replaces_and_deletes_five_times(sandbox, raw, card):
    ana = sandbox.person("ana")
    await ana.click(card, "approve")
    url = raw.payloads[0]["response_url"]

    assert await use(url, text="Only for you") == (200, "ok")
    assert await use(url, text="For all", response_type="in_channel") == (200, "ok")
    assert await use(url, text="Approved", replace_original=True) == (200, "ok")
    assert (card.text, card.blocks) == ("Approved", [])
    assert await use(url, blocks=BLOCKS) == (
        200, '{"ok":false,"error":"no_text"}',
    )  # fmt: skip
    assert await use(url, delete_original=True) == (200, "ok")
    assert await use(url, text="once more") == (404, '{"ok":false,"error":"used_url"}')
    assert await use(sandbox.page_url + "response/R1", text="x") == (404, '{"ok":false,"error":"expired_url"}')
    assert [one.text for one in ana.ephemerals("general")] == ["Only for you"]
    assert [one.text for one in sandbox.messages("general")] == ["For all"]
    sandbox.expect_refusal("no_text", "response_url")
    sandbox.expect_refusal("used_url")
    with pytest.raises(AssertionError, match="response_url: expired_url"):
        sandbox.assert_conformant()


async def test_a_response_url_replaces_and_deletes_an_ephemeral_message(sandbox, raw, client):
    await client.chat_postEphemeral(channel="general", user="U0ANA", text="Decide", blocks=BLOCKS)
    ana = sandbox.person("ana")
    await ana.click(ana.ephemerals("general")[0], "approve")
    url = raw.payloads[0]["response_url"]
    before = len(raw.events())

    await use(url, text="Thanks", replace_original=True)
    assert [one.text for one in ana.ephemerals("general")] == ["Thanks"]
    await use(url, delete_original=True)
    assert ana.ephemerals("general") == []
    assert len(raw.events()) == before


async def test_a_response_url_of_a_command_has_nothing_to_delete(sandbox, raw):
    await sandbox.person("ana").command("/incident")

    assert await use(raw.payloads[0]["response_url"], delete_original=True) == (200, "ok")
    assert await use(raw.payloads[0]["response_url"], text="Said", replace_original=True) == (200, "ok")
    assert [one.text for one in sandbox.person("ana").ephemerals("general")] == ["Said"]


async def test_people_keep_to_the_rules_of_slack(sandbox):
    ana, gus = sandbox.person("ana"), sandbox.person("gus")
    ts = await sandbox.person("ben").say("#general", "mine")

    for refused, act in {
        "cant_update_message": ana.edit("#general", ts, "yours"),
        "channel_not_found": gus.join("#general"),
        "user_not_found": ana.invite("#general", "nobody"),
        "not_in_channel": _outsider(sandbox),
        "is_archived": _archived(sandbox),
    }.items():
        with pytest.raises(Refused, match=refused):
            await act
    await ana.invite("#general", "gus")
    await gus.say("#general", "thanks")
    assert (gus.name, gus.id, sandbox.person("U0GUS").id, sandbox.person("@gus").id) == ("gus", *["U0GUS"] * 3)


async def _outsider(sandbox):
    await sandbox.person("ben").create_channel("ours")
    await sandbox.person("ana").say("#ours", "hello")


async def _archived(sandbox):
    await sandbox.person("ben").create_channel("old")
    await sandbox.person("ben").archive_channel("old")
    await sandbox.person("ben").say("#old", "hello")


async def test_what_is_unread_and_calls_for_someone(sandbox, client):
    ben, channel = sandbox.person("ben"), sandbox.channel("random")
    ana_ts = await sandbox.person("ana").say("#random", "hello <@U0BEN>")
    await sandbox.person("ana").say("#random", "in the thread", thread_ts=ana_ts)
    await sandbox.person("ana").say("#random", "<!here> all")

    assert (len(channel.unread("U0BEN")), channel.mentions("U0BEN"), channel.mentions("U0CARA")) == (2, 2, 1)
    assert channel.unread("U0ANA") == []
    await ben.mark_read("#random")
    assert channel.unread("U0BEN") == []
    await ben.mark_read("#incidents")
    await client.chat_postMessage(channel="U0BEN", text="psst")
    assert sandbox.dm("ben").mentions("U0BEN") == 1
