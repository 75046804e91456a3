"""Events towards the app: shapes, redelivery, several connections and faults on the way."""

import pytest

from incident_copilot.sandbox import ChannelSpec, Sandbox, Timing
from incident_copilot.sandbox.delivery.delivery import Delivery
from incident_copilot.sandbox.manifest import Manifest
from incident_copilot.sandbox.wire import Refused

QUICK = Timing(ack_s=0.05, retry_after_s=(0.0, 0.05, 0.05), burst=100)


def without_stamps(event):
    return {name: held for name, held in event.items() if name not in ("ts", "event_ts", "client_msg_id", "blocks")}


async def test_a_message_of_a_person_arrives_whole(sandbox, raw):
    ts = await sandbox.person("ana").say("#general", "hi <@U0BEN>, see <https://x.example|this> <!here> <#C1> & more")
    [event] = await sandbox.until(lambda: raw.events("message"))
    [frame] = raw.of("events_api")

    assert without_stamps(event) == {
        "type": "message",
        "user": "U0ANA",
        "text": "hi <@U0BEN>, see <https://x.example|this> <!here> <#C1> & more",
        "team": "T0SANDBOX",
        "channel": sandbox.channel("general").id,
        "channel_type": "channel",
    }
    assert (event["ts"], event["event_ts"]) == (ts, ts)
    assert event["blocks"][0]["elements"][0]["elements"] == [
        {"type": "text", "text": "hi "},
        {"type": "user", "user_id": "U0BEN"},
        {"type": "text", "text": ", see "},
        {"type": "link", "url": "https://x.example", "text": "this"},
        {"type": "text", "text": " "},
        {"type": "broadcast", "range": "here"},
        {"type": "text", "text": " "},
        {"type": "channel", "channel_id": "C1"},
        {"type": "text", "text": " & more"},
    ]
    assert (frame["retry_attempt"], frame["retry_reason"], frame["accepts_response_payload"]) == (0, "", False)
    body = frame["payload"]
    assert (body["type"], body["team_id"], body["authorizations"][0]["user_id"]) == (
        "event_callback", "T0SANDBOX", "U0COPILOT",
    )  # fmt: skip


async def test_a_bare_link_is_a_link(sandbox, raw):
    await sandbox.person("ana").say("#general", "<https://x.example>")
    [event] = await sandbox.until(lambda: raw.events("message"))

    assert event["blocks"][0]["elements"][0]["elements"] == [{"type": "link", "url": "https://x.example"}]


async def test_edits_deletes_replies_and_mentions(sandbox, raw):
    ana = sandbox.person("ana")
    ts = await ana.say("#general", "hello <@U0COPILOT>")
    reply = await ana.say("#general", "more", thread_ts=ts)
    await ana.edit("#general", ts, "hello again")
    await ana.delete("#general", reply)
    await sandbox.until(lambda: raw.events("message_deleted"))

    first, mention, second, changed, deleted = raw.events()
    assert (mention["type"], mention["text"], mention["channel"]) == (
        "app_mention", "hello <@U0COPILOT>", sandbox.channel("general").id,
    )  # fmt: skip
    assert (second["thread_ts"], second["parent_user_id"]) == (ts, "U0ANA")
    assert (changed["message"]["text"], changed["previous_message"]["text"]) == ("hello again", first["text"])
    assert (changed["message"]["edited"]["user"], changed["hidden"]) == ("U0ANA", True)
    assert (deleted["deleted_ts"], deleted["previous_message"]["text"]) == (reply, "more")


async def test_a_broadcast_reply_carries_its_root(sandbox, raw, client):
    ts = await sandbox.person("ana").say("#general", "root")
    await client.chat_postMessage(channel="general", text="loud", thread_ts=ts, reply_broadcast=True)
    [event] = await sandbox.until(lambda: raw.events("thread_broadcast"))

    assert (event["root"]["ts"], event["bot_id"]) == (ts, "B0COPILOT")


async def test_marks_and_memberships(sandbox, raw):
    ana, general = sandbox.person("ana"), sandbox.channel("general").id
    ts = await ana.say("#general", "hello")
    await ana.react("#general", ts, "eyes")
    await sandbox.person("ben").react("#general", ts, "eyes")
    await ana.unreact("#general", ts, "eyes")
    await ana.pin("#general", ts)
    await ana.unpin("#general", ts)
    await sandbox.person("dev").leave("#general")
    await sandbox.person("dev").join("#general")
    await sandbox.person("dev").join("#general")
    await sandbox.until(lambda: raw.events("member_joined_channel"))

    by_type = {event["type"]: event for event in raw.events() if event["type"] != "message"}
    item = {"type": "message", "channel": general, "ts": ts}
    assert without_stamps(by_type["reaction_added"]) == {
        "type": "reaction_added", "user": "U0BEN", "reaction": "eyes", "item": item, "item_user": "U0ANA",
    }  # fmt: skip
    assert by_type["reaction_removed"]["user"] == "U0ANA"
    assert sandbox.messages("#general")[0].reactions == {"eyes": ["U0BEN"]}
    assert (by_type["pin_added"]["pin_count"], by_type["pin_added"]["item"]["message"]["ts"]) == (1, ts)
    assert by_type["pin_removed"]["has_pins"] is False
    assert without_stamps(by_type["member_joined_channel"]) == {
        "type": "member_joined_channel", "user": "U0DEV", "channel": general, "team": "T0SANDBOX", "channel_type": "C",
    }  # fmt: skip
    assert by_type["member_left_channel"]["user"] == "U0DEV"


async def test_channels_renamed_and_archived(sandbox, raw):
    ben = sandbox.person("ben")
    await ben.create_channel("war-room")
    await ben.invite("war-room", "incident-copilot")
    await ben.invite("war-room", "incident-copilot")
    await ben.rename_channel("war-room", "peace-room")
    await ben.archive_channel("peace-room")
    await ben.create_channel("secret", is_private=True)
    await ben.invite("secret", "incident-copilot")
    await ben.archive_channel("secret")
    await sandbox.until(lambda: raw.events("group_archive") and len(raw.events("member_joined_channel")) == 2)

    types = [event["type"] for event in raw.events() if event["type"] != "message"]
    assert types == [
        "channel_created", "member_joined_channel", "channel_rename", "channel_archive",
        "member_joined_channel", "group_archive",
    ]  # fmt: skip
    [renamed] = raw.events("channel_rename")
    assert renamed["channel"]["name"] == "peace-room"
    assert raw.events("member_joined_channel")[1]["channel_type"] == "G"
    assert raw.events("channel_name")[0]["old_name"] == "war-room"


async def test_channels_without_the_bot_are_silent(sandbox, raw):
    await sandbox.person("ana").say("#random", "<@U0COPILOT> are you there?")
    await sandbox.person("ana").say("#general", "marker")
    await sandbox.until(raw.events)

    assert [event["text"] for event in raw.events()] == ["marker"]


async def test_only_subscribed_events_are_sent(raw_apps):
    manifest = {"settings": {"event_subscriptions": {"bot_events": ["reaction_added"]}}}
    rooms = [ChannelSpec("general", has_bot=True)]
    async with Sandbox.running(manifest=manifest, channels=rooms) as sandbox:
        app = await raw_apps(sandbox)
        ts = await sandbox.person("ana").say("#general", "hello")
        await sandbox.person("ana").react("#general", ts, "eyes")
        await sandbox.until(app.events)

        assert [event["type"] for event in app.events()] == ["reaction_added"]


async def test_events_come_again_until_acknowledged_with_their_id(raw_apps):
    async with Sandbox.running(timing=QUICK, channels=[ChannelSpec("general", has_bot=True)]) as sandbox:
        app = await raw_apps(sandbox)
        app.silent.add("events_api")
        await sandbox.person("ana").say("#general", "hello")
        await sandbox.until(lambda: len(app.of("events_api")) == 3)
        app.silent.clear()
        await sandbox.until(lambda: len(app.of("events_api")) == 4)
        await sandbox.person("ana").say("#general", "another")
        await sandbox.until(lambda: len(app.of("events_api")) == 5)

    first, *again = app.of("events_api")[:4]
    assert (first["retry_attempt"], first["retry_reason"]) == (0, "")
    assert [(one["retry_attempt"], one["retry_reason"]) for one in again] == [(n, "timeout") for n in (1, 2, 3)]
    assert {one["payload"]["event_id"] for one in again} == {first["payload"]["event_id"]}
    assert len({one["envelope_id"] for one in (first, *again)}) == 4


async def test_an_event_nobody_ever_acknowledges_is_given_up(raw_apps, caplog):
    async with Sandbox.running(timing=QUICK, channels=[ChannelSpec("general", has_bot=True)]) as sandbox:
        app = await raw_apps(sandbox)
        app.silent.add("events_api")
        await sandbox.person("ana").say("#general", "hello")
        await sandbox.until(lambda: "never acknowledged" in caplog.text)

    assert len(app.of("events_api")) == 4


async def test_events_wait_for_a_connection_and_come_as_retries(sandbox, raw_apps):
    await sandbox.person("ana").invite("#general", "incident-copilot")
    await sandbox.person("ana").say("#general", "are you there?")
    app = await raw_apps(sandbox)
    await sandbox.until(lambda: app.events("message"))

    assert {frame["retry_attempt"] for frame in app.of("events_api")} == {1}


async def test_payloads_go_to_any_one_of_several_connections(sandbox, raw, raw_apps):
    other = await raw_apps(sandbox)
    for n in range(4):
        await sandbox.person("ana").say("#general", f"m{n}")
    await sandbox.until(lambda: len(raw.events()) + len(other.events()) == 4)

    assert (len(raw.events()), len(other.events())) == (2, 2)
    assert (raw.of("hello"), other.of("hello")[0]["num_connections"]) == ([], 2)


async def test_an_eleventh_connection_is_sent_away(sandbox, raw_apps):
    for _ in range(10):
        await raw_apps(sandbox)
    one_too_many = await raw_apps(sandbox)

    assert [frame["reason"] for frame in one_too_many.of("disconnect")] == ["too_many_websockets"]
    assert sandbox.sockets == 10


async def test_connections_are_refreshed_and_dropped(sandbox, raw, raw_apps):
    await sandbox.refresh_sockets("warning")
    await sandbox.until(lambda: raw.of("disconnect"))
    assert sandbox.sockets == 1

    await sandbox.refresh_sockets()
    await sandbox.until(lambda: raw.socket.closed)
    assert [frame["reason"] for frame in raw.of("disconnect")] == ["warning", "refresh_requested"]
    assert sandbox.sockets == 0

    again = await raw_apps(sandbox)
    await sandbox.drop_sockets()
    await sandbox.until(lambda: again.socket.closed)
    assert again.of("disconnect") == []


async def test_bolt_comes_back_after_its_connection_was_dropped(sandbox, app, connected):
    seen = []

    @app.event("message")
    async def message(event):
        seen.append(event["text"])

    await sandbox.person("ana").invite("#general", "incident-copilot")
    async with connected():
        await sandbox.until(lambda: seen)
        await sandbox.refresh_sockets()
        await sandbox.person("ana").say("#general", "still there?")
        await sandbox.until(lambda: "still there?" in seen, timeout_s=10)


async def test_a_connection_that_breaks_before_the_ack_gets_the_event_again(sandbox, raw, raw_apps):
    raw.silent.add("events_api")
    await sandbox.person("ana").say("#general", "hello")
    await sandbox.until(lambda: raw.events("message"))
    await raw.socket.close()
    await sandbox.until(lambda: sandbox.sockets == 0)
    app = await raw_apps(sandbox)
    await sandbox.until(lambda: app.events("message"))

    assert app.of("events_api")[0]["retry_attempt"] == 1


async def test_late_and_foreign_acknowledgements_change_nothing(sandbox, raw):
    await raw.socket.send_json({"envelope_id": "unknown"})
    await raw.socket.send_json({"type": "noise"})
    await sandbox.person("ana").say("#general", "hello")
    [frame] = await sandbox.until(lambda: raw.of("events_api"))
    await raw.acknowledge(frame)
    await sandbox.person("ana").say("#general", "again")
    await sandbox.until(lambda: len(raw.of("events_api")) == 2)


async def test_events_can_be_duplicated_delayed_and_swapped(sandbox, raw):
    sandbox.events.duplicate, sandbox.events.delay_s = 1, 0.01
    await sandbox.person("ana").say("#general", "twice")
    await sandbox.until(lambda: len(raw.events()) == 2)
    assert len({frame["payload"]["event_id"] for frame in raw.of("events_api")}) == 1

    sandbox.events.duplicate, sandbox.events.delay_s, sandbox.events.reorder = 0, 0.0, True
    raw.frames.clear()
    for text in ("one", "two", "three"):
        await sandbox.person("ana").say("#general", text)
    await sandbox.until(lambda: len(raw.events()) == 3)
    assert [event["text"] for event in raw.events()] == ["two", "one", "three"]


async def test_without_an_app_or_its_loop_nothing_is_held_back():
    delivery = Delivery(Manifest.read({}), Timing(), lambda: 0.0)

    delivery.emit("message.channels", {})

    assert len(delivery.sockets) == 0
    await delivery.close()


async def test_messages_of_another_app_look_like_slacks(sandbox, raw):
    grafana = sandbox.other_app("Grafana")
    ts = await grafana.post("#general", "hi", attachments=[{"title": "Slow", "color": "danger"}])
    await grafana.edit("#general", ts, "hi again")
    await sandbox.until(lambda: raw.events("message_changed"))

    posted, changed = raw.events()
    assert {name: held for name, held in posted.items() if name not in ("ts", "event_ts")} == {
        "type": "message",
        "user": "U0GRAFANA",
        "text": "hi",
        "team": "T0SANDBOX",
        "bot_id": "B0GRAFANA",
        "app_id": "A0GRAFANA",
        "bot_profile": {
            "id": "B0GRAFANA",
            "deleted": False,
            "name": "Grafana",
            "app_id": "A0GRAFANA",
            "team_id": "T0SANDBOX",
        },
        "attachments": [{"id": 1, "fallback": "[no preview available]", "title": "Slow", "color": "a30200"}],
        "channel": sandbox.channel("general").id,
        "channel_type": "channel",
    }
    assert (changed["message"]["text"], changed["message"]["bot_id"]) == ("hi again", "B0GRAFANA")


async def test_incoming_webhook_of_before_apps_has_a_name_and_no_user(sandbox, raw):
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "hi"}, "block_id": "b"}

    await sandbox.other_app("Old Hook", is_legacy=True).post("#general", "hi", blocks=[section])

    [event] = await sandbox.until(lambda: raw.events("bot_message"))
    assert {name: held for name, held in event.items() if name not in ("ts", "event_ts")} == {
        "type": "message",
        "subtype": "bot_message",
        "text": "hi",
        "bot_id": "B0OLDHOOK",
        "username": "Old Hook",
        "blocks": [section],
        "channel": sandbox.channel("general").id,
        "channel_type": "channel",
    }


async def test_channels_are_shared_left_and_deleted(sandbox, raw):
    ben = sandbox.person("ben")
    await ben.create_channel("war-room")
    await ben.invite("war-room", "incident-copilot")
    await ben.share_channel("war-room")
    await ben.share_channel("war-room", shared=False)
    await ben.remove("war-room", "incident-copilot")
    with pytest.raises(Refused, match="not_in_channel"):
        await ben.remove("war-room", "incident-copilot")
    await ben.invite("war-room", "incident-copilot")
    await ben.delete_channel("war-room")
    await sandbox.until(lambda: raw.events("channel_deleted"))

    types = [event["type"] for event in raw.events() if event["type"] != "message"]
    assert types[2:] == [
        "channel_shared", "channel_unshared", "member_left_channel", "channel_left", "member_joined_channel",
        "channel_deleted",
    ]  # fmt: skip
    assert raw.events("channel_unshared")[0]["is_ext_shared"] is False
    assert sandbox.channel("#war-room") is None
