"""The unmodified Bolt framework and Slack's own client against the sandbox, in Socket Mode."""

CARD = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Approve?*"}},
    {
        "type": "actions",
        "elements": [{"type": "button", "action_id": "approve", "text": {"type": "plain_text", "text": "Approve"}}],
    },
]
MODAL = {
    "type": "modal",
    "callback_id": "declare",
    "title": {"type": "plain_text", "text": "Declare"},
    "submit": {"type": "plain_text", "text": "Declare"},
    "blocks": [
        {
            "type": "input",
            "block_id": "title",
            "label": {"type": "plain_text", "text": "What happens?"},
            "element": {"type": "plain_text_input", "action_id": "value"},
        }
    ],
}


async def test_command_opens_a_channel_with_a_card_that_a_click_updates(sandbox, app, connected):
    @app.command("/incident")
    async def declare(ack, client, command):
        await ack(f"On it, <@{command['user_id']}>")
        made = await client.conversations_create(name="inc-1")
        await client.chat_postMessage(channel=made["channel"]["id"], text="Approve?", blocks=CARD)

    @app.action("approve")
    async def approve(ack, client, body):
        await ack()
        place = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        await client.chat_update(**place, text=f"Approved by {body['user']['name']}", blocks=[])

    ana = sandbox.person("ana")
    async with connected():
        ack = await ana.command("/incident", "checkout is down")
        [card] = await sandbox.until(lambda: sandbox.channel("#inc-1") and sandbox.messages("#inc-1"))
        click = await ana.click(card, "approve")
        await sandbox.until(lambda: card.edited)

    assert ack.ok
    assert [one.text for one in ana.ephemerals("#general")] == ["On it, <@U0ANA>"]
    assert click.ok
    assert card.text == "Approved by ana"
    assert [effect.method for effect in sandbox.ledger] == ["conversations.create", "chat.postMessage", "chat.update"]
    sandbox.assert_conformant()


async def test_shortcut_opens_a_modal_whose_mistakes_stay_and_whose_answer_closes_it(sandbox, app, connected):
    @app.shortcut("declare")
    async def declare(ack, client, body):
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.view("declare")
    async def submitted(ack, client, view, body):
        title = view["state"]["values"]["title"]["value"]["value"]
        if title == "oops":
            await ack(response_action="errors", errors={"title": "Say more"})
            return
        await ack()
        await client.chat_postMessage(channel=body["user"]["id"], text=title)

    ana = sandbox.person("ana")
    async with connected():
        assert (await ana.shortcut("declare")).ok
        view = await sandbox.until(lambda: ana.views and ana.views[-1])
        empty = await ana.submit(view, {})
        refused = await ana.submit(view, {"title": "oops"})
        assert ana.views == [view]
        sent = await ana.submit(view, {"title": "checkout is down"})
        said = await sandbox.until(lambda: sandbox.messages(sandbox.dm("ana").id))

    assert empty.errors == {"title": "Please complete this required field."}
    assert refused.errors == {"title": "Say more"}
    assert sent.ok
    assert ana.views == []
    assert [message.text for message in said] == ["checkout is down"]
    sandbox.assert_conformant()


async def test_messages_edits_and_deletes_reach_the_app_with_one_event_id_each(sandbox, app, connected):
    seen = []

    @app.event("message")
    async def message(event, body):
        seen.append((event.get("subtype"), event.get("text"), body["event_id"]))

    ana = sandbox.person("ana")
    await ana.invite("#general", "incident-copilot")
    async with connected():
        await sandbox.until(lambda: len(seen) == 1)
        ts = await ana.say("#general", "hello")
        await ana.edit("#general", ts, "hello, world")
        await ana.delete("#general", ts)
        await sandbox.until(lambda: len(seen) == 4)

    assert sorted((subtype or "", text) for subtype, text, _ in seen) == [
        ("", "hello"),
        ("channel_join", "<@U0COPILOT> has joined the channel"),
        ("message_changed", None),
        ("message_deleted", None),
    ]
    assert len({event_id for _, _, event_id in seen}) == 4
