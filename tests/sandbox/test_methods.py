"""Web API methods as Slack's own client calls them: what they answer and what they refuse."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from incident_copilot.sandbox.state.channels import Pin


async def error_of(call):
    """Slack's error name of a call that must fail."""
    with pytest.raises(SlackApiError) as failed:
        await call
    return failed.value.response["error"]


@pytest.fixture
async def room(client):
    """A channel the bot made."""
    return (await client.conversations_create(name="room"))["channel"]["id"]


async def posted(client, channel, text="hello", **more):
    return (await client.chat_postMessage(channel=channel, text=text, **more))["ts"]


async def test_who_am_i(client, sandbox):
    answer = await client.auth_test()

    assert (answer["user_id"], answer["team_id"], answer["user"]) == ("U0COPILOT", "T0SANDBOX", "incident-copilot")
    assert (await client.team_info())["team"]["domain"] == "sandbox"
    assert await error_of(client.team_info(team="T0OTHER")) == "team_not_found"
    assert (await client.api_test(foo="bar", more="yes"))["args"] == {"foo": "bar", "more": "yes"}
    assert [one.error for one in sandbox.refused] == ["team_not_found"]
    assert await error_of(client.api_test(error="my_error")) == "my_error"


async def test_tokens_and_unknown_methods(client, sandbox):
    call = client.conversations_list
    assert await error_of(call(token="xoxb-other")) == "invalid_auth"
    assert await error_of(call(token=sandbox.app_token)) == "not_allowed_token_type"
    assert await error_of(client.apps_connections_open(app_token=sandbox.bot_token)) == "not_allowed_token_type"
    assert await error_of(client.api_call("canvases.create")) == "unknown_method"
    client.token = None
    assert await error_of(client.conversations_list()) == "not_authed"


async def test_arguments_come_in_query_form_or_json_and_unknown_ones_are_noted(client, sandbox, room):
    assert (await client.api_call("chat.postMessage", params={"channel": room, "text": "query"}))["ok"]
    assert (await client.api_call("chat.postMessage", data={"channel": room, "text": "form"}))["ok"]
    assert (await client.api_call("chat.postMessage", json={"channel": room, "text": "json", "bogus": 1}))["ok"]
    assert await error_of(client.api_call("chat.postMessage", json={"text": "x"})) == "invalid_arguments"

    assert [one.text for one in sandbox.messages(room)] == ["query", "form", "json"]
    assert [str(one) for one in sandbox.refused] == [
        "chat.postMessage: unknown_argument (bogus)",
        "chat.postMessage: invalid_arguments ([ERROR] missing required field: channel)",
    ]


async def test_a_message_lives_through_update_and_delete(client, sandbox, room):
    metadata = {"event_type": "effect", "event_payload": {"id": "e1"}}
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "one"}}]
    posted = await client.chat_postMessage(channel="#room", text="one", blocks=blocks, metadata=metadata)
    kept = await client.chat_update(channel=room, ts=posted["ts"], text="one and a half")
    updated = await client.chat_update(channel=room, ts=posted["ts"], text="two", blocks=[])
    [message] = sandbox.messages("#room")

    assert posted["channel"] == room
    assert posted["message"]["metadata"] == metadata
    assert posted["message"]["blocks"][0]["block_id"]
    assert kept["message"]["blocks"] == posted["message"]["blocks"]
    assert (updated["text"], message.text, message.blocks, message.metadata) == ("two", "two", [], metadata)
    assert message.edited["user"] == "U0COPILOT"

    await client.chat_update(
        channel=room, ts=posted["ts"], text="two", metadata={"event_type": "x", "event_payload": {}}
    )
    assert message.metadata["event_type"] == "x"
    await client.chat_update(channel=room, ts=posted["ts"], text="two", metadata={})
    assert message.metadata is None
    await client.chat_update(channel=room, ts=posted["ts"], text="two", metadata=metadata)
    rewritten = await client.chat_update(channel=room, ts=posted["ts"], markdown_text="# three")
    assert [block["type"] for block in rewritten["message"]["blocks"]] == ["markdown"]
    assert rewritten["message"]["metadata"] == metadata

    link = await client.chat_getPermalink(channel=room, message_ts=posted["ts"])
    assert link["permalink"] == f"https://sandbox.slack.com/archives/{room}/p{posted['ts'].replace('.', '')}"
    await client.chat_delete(channel=room, ts=posted["ts"])
    assert sandbox.messages("#room") == []
    assert await error_of(client.chat_delete(channel=room, ts=posted["ts"])) == "message_not_found"


async def test_messages_of_others_are_left_alone(client, sandbox):
    ts = await sandbox.person("ana").say("#general", "mine")

    assert await error_of(client.chat_update(channel="general", ts=ts, text="x")) == "cant_update_message"
    assert await error_of(client.chat_delete(channel="general", ts=ts)) == "cant_delete_message"


async def test_threads_count_their_replies_and_a_deleted_parent_leaves_a_tombstone(client, sandbox, room):
    parent = await posted(client, room)
    reply = await posted(client, room, "reply", thread_ts=parent)
    loud = await posted(client, room, "loud", thread_ts=parent, reply_broadcast=True)
    history = (await client.conversations_history(channel=room))["messages"]
    replies = (await client.conversations_replies(channel=room, ts=parent))["messages"]
    of_reply = (await client.conversations_replies(channel=room, ts=reply))["messages"]

    assert [one["ts"] for one in history] == [loud, parent]
    assert history[0]["subtype"] == "thread_broadcast"
    assert (history[1]["reply_count"], history[1]["latest_reply"]) == (2, loud)
    assert [one["ts"] for one in replies] == [parent, reply, loud]
    assert [one["ts"] for one in of_reply] == [parent, reply, loud]
    assert [one.text for one in sandbox.messages(room, parent)] == ["reply", "loud"]
    link = await client.chat_getPermalink(channel=room, message_ts=reply)
    assert link["permalink"].endswith(f"?thread_ts={parent}&cid={room}")

    assert await error_of(posted(client, room, thread_ts=reply)) == "cannot_reply_to_message"
    assert await error_of(posted(client, room, thread_ts="1.0")) == "cannot_reply_to_message"
    assert await error_of(posted(client, room, reply_broadcast=True)) == "cant_broadcast_message"
    assert await error_of(client.conversations_replies(channel=room, ts="1.0")) == "thread_not_found"

    await client.chat_delete(channel=room, ts=parent)
    assert [(one.text, one.deleted) for one in sandbox.messages(room)] == [
        ("This message was deleted.", True),
        ("loud", False),
    ]
    assert await error_of(client.chat_update(channel=room, ts=parent, text="x")) == "message_not_found"
    await client.chat_delete(channel=room, ts=reply)
    await client.chat_delete(channel=room, ts=loud)
    assert sandbox.messages(room) == []


async def test_markdown_becomes_a_block_and_a_username_another_name(client, sandbox, room):
    answer = await client.chat_postMessage(channel=room, markdown_text="# Title", username="oracle")

    assert [block["type"] for block in answer["message"]["blocks"]] == ["markdown"]
    assert answer["message"]["bot_profile"]["name"] == "oracle"


async def test_attachments_are_kept(client, room):
    answer = await client.chat_postMessage(channel=room, attachments=[{"text": "old", "fallback": "old"}])

    assert answer["message"]["attachments"] == [{"text": "old", "fallback": "old"}]


async def test_ephemeral_messages_are_for_one_member_only(client, sandbox, room):
    assert await error_of(client.chat_postEphemeral(channel=room, user="U0ANA", text="x")) == "user_not_in_channel"
    assert await error_of(client.chat_postEphemeral(channel="random", user="U0ANA", text="x")) == "not_in_channel"
    assert await error_of(client.chat_postEphemeral(channel=room, user="U0NOBODY", text="x")) == "user_not_found"
    await client.conversations_invite(channel=room, users="U0ANA")
    await client.chat_postEphemeral(channel=room, user="U0ANA", text="psst")

    assert [one.text for one in sandbox.person("ana").ephemerals("#room")] == ["psst"]
    assert sandbox.person("ben").ephemerals("#room") == []
    assert sandbox.messages("#room") == []


async def test_posting_to_a_person_opens_the_direct_message(client, sandbox):
    answer = await client.chat_postMessage(channel="U0ANA", text="hi")

    assert answer["channel"] == sandbox.dm("ana").id
    opened = await client.conversations_open(users="U0ANA", return_im=True)
    assert (opened["channel"]["id"], opened["channel"]["user"]) == (answer["channel"], "U0ANA")
    assert (await client.conversations_open(channel=answer["channel"]))["channel"] == {"id": answer["channel"]}
    assert await error_of(client.api_call("conversations.open")) == "users_list_not_supplied"
    assert await error_of(client.conversations_open(users="U0ANA,U0BEN")) == "method_not_supported_for_channel_type"
    assert (
        await error_of(client.conversations_join(channel=answer["channel"])) == "method_not_supported_for_channel_type"
    )


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("#", "invalid_name_required"),
        ("x" * 81, "invalid_name_maxlength"),
        ("---", "invalid_name_punctuation"),
        ("Inc-1", "invalid_name_specials"),
        ("inc 1", "invalid_name_specials"),
        ("general", "name_taken"),
        ("ana", "name_taken"),
    ],
)
async def test_channel_names_have_rules(client, name, error):
    assert await error_of(client.conversations_create(name=name)) == error


async def test_the_life_of_a_channel(client, sandbox, room):
    await client.conversations_invite(channel=room, users=["U0ANA", "U0BEN"])
    await client.conversations_setTopic(channel=room, topic="Checkout is down")
    await client.conversations_setPurpose(channel=room, purpose="INC-1")
    await client.conversations_rename(channel=room, name="room-2")
    info = (await client.conversations_info(channel=room, include_num_members=True))["channel"]

    assert (info["name"], info["num_members"], info["previous_names"]) == ("room-2", 3, ["room"])
    assert (info["topic"]["value"], info["purpose"]["value"]) == ("Checkout is down", "INC-1")
    assert (await client.conversations_members(channel=room))["members"] == ["U0COPILOT", "U0ANA", "U0BEN"]

    await client.conversations_kick(channel=room, user="U0BEN")
    await client.conversations_archive(channel=room)
    assert sandbox.channel("room-2").is_archived
    assert await error_of(client.conversations_archive(channel=room)) == "already_archived"
    assert await error_of(client.chat_postMessage(channel=room, text="x")) == "is_archived"
    assert await error_of(client.conversations_setTopic(channel=room, topic="x")) == "is_archived"
    assert await error_of(client.conversations_join(channel=room)) == "is_archived"
    await client.conversations_unarchive(channel=room)
    assert await error_of(client.conversations_unarchive(channel=room)) == "not_archived"
    await client.conversations_leave(channel=room)
    assert (await client.conversations_leave(channel=room))["not_in_channel"]
    assert [one.subtype for one in sandbox.channel("room-2").messages.values()] == [
        "channel_join", "channel_join", "channel_topic", "channel_purpose", "channel_name", "channel_leave",
        "channel_archive", "channel_unarchive", "channel_leave",
    ]  # fmt: skip


async def test_updates_in_archived_channels_are_refused(client, room):
    ts = await posted(client, room)
    await client.conversations_archive(channel=room)

    assert await error_of(client.chat_update(channel=room, ts=ts, text="x")) == "is_inactive"


async def test_joining_is_needed_before_much_else(client, sandbox):
    assert await error_of(client.conversations_invite(channel="random", users="U0GUS")) == "not_in_channel"
    assert await error_of(client.conversations_history(channel="random")) == "not_in_channel"
    assert await error_of(client.conversations_info(channel="nowhere")) == "channel_not_found"
    assert (await client.conversations_join(channel=sandbox.channel("random").id))["channel"]["is_member"]
    assert (await client.conversations_join(channel="random"))["warning"] == "already_in_channel"
    assert await error_of(client.conversations_kick(channel="random", user="U0GUS")) == "not_in_channel"
    assert await error_of(client.conversations_kick(channel="random", user="U0COPILOT")) == "cant_kick_self"
    await client.conversations_join(channel="general")
    assert await error_of(client.conversations_kick(channel="general", user="U0ANA")) == "cant_kick_from_general"
    assert await error_of(client.conversations_archive(channel="general")) == "cant_archive_general"


async def test_private_channels_hide_from_those_outside(client, sandbox):
    await sandbox.person("ben").create_channel("secret", is_private=True)
    secret = sandbox.channel("secret").id
    assert await error_of(client.conversations_info(channel=secret)) == "channel_not_found"
    assert await error_of(client.chat_postMessage(channel=secret, text="x")) == "channel_not_found"

    await sandbox.person("ben").invite("secret", "U0COPILOT")
    info = (await client.conversations_info(channel=secret))["channel"]
    assert (info["is_private"], info["is_group"], info["is_channel"]) == (True, True, False)


async def test_invitations_that_cannot_be(client, room):
    assert await error_of(client.conversations_invite(channel=room, users=" ")) == "no_user"
    assert await error_of(client.conversations_invite(channel=room, users=["U0ANA"] * 101)) == "too_many_users"
    assert await error_of(client.conversations_invite(channel=room, users="U0COPILOT")) == "cant_invite_self"
    with pytest.raises(SlackApiError) as failed:
        await client.conversations_invite(channel=room, users="U0ANA,U0NOBODY")
    assert failed.value.response["errors"] == [{"user": "U0NOBODY", "ok": False, "error": "user_not_found"}]
    assert (await client.conversations_invite(channel=room, users="U0ANA,U0NOBODY", force=True))["ok"]
    assert await error_of(client.conversations_invite(channel=room, users="U0ANA")) == "already_in_channel"


async def test_topics_have_a_length(client, room):
    assert await error_of(client.conversations_setTopic(channel=room, topic="x" * 251)) == "too_long"


async def test_lists_come_in_pages(client, sandbox):
    first = await client.conversations_list(limit=2)
    second = await client.conversations_list(limit=10, cursor=first["response_metadata"]["next_cursor"])

    names = [one["name"] for answer in (first, second) for one in answer["channels"]]
    assert names == ["general", "random", "incidents", "status-internal", "status-customers"]
    assert second["response_metadata"]["next_cursor"] == ""
    assert await error_of(client.conversations_list(limit=0, cursor="x")) == "invalid_cursor"
    assert await error_of(client.conversations_list(limit=1001)) == "invalid_limit"
    assert await error_of(client.conversations_list(limit="many")) == "invalid_arguments"
    assert await error_of(client.conversations_list(types="rooms")) == "invalid_types"
    assert (await client.conversations_list(types="im"))["channels"] == []


async def test_archived_channels_can_be_left_out(client, room):
    await client.conversations_archive(channel=room)

    everything = (await client.conversations_list())["channels"]
    living = (await client.conversations_list(exclude_archived=True))["channels"]
    assert len(everything) - len(living) == 1


async def test_history_pages_hold_while_messages_arrive_and_metadata_comes_when_asked(client, sandbox):
    room = (await sandbox.person("ana").create_channel("history")).id
    await sandbox.person("ana").invite("history", "U0COPILOT")
    stamps = [await sandbox.person("ana").say(room, f"m{n}") for n in range(4)]
    first = await client.conversations_history(channel=room, limit=2)
    mine = await posted(client, room, "m4", metadata={"event_type": "effect", "event_payload": {}})
    rest = await client.conversations_history(
        channel=room, cursor=first["response_metadata"]["next_cursor"], include_all_metadata=True
    )
    window = await client.conversations_history(channel=room, oldest=stamps[1], latest=stamps[3])
    closed = await client.conversations_history(channel=room, oldest=stamps[1], latest=stamps[3], inclusive=True)
    with_metadata = await client.conversations_history(channel=room, oldest=stamps[3], include_all_metadata=True)

    assert [one["text"] for one in first["messages"]] == ["m3", "m2"]
    assert first["has_more"]
    assert [one["text"] for one in rest["messages"]][:2] == ["m1", "m0"]
    assert [one["text"] for one in window["messages"]] == ["m2"]
    assert [one["text"] for one in closed["messages"]] == ["m3", "m2", "m1"]
    assert [(one["ts"], one["metadata"]["event_type"]) for one in with_metadata["messages"]] == [(mine, "effect")]
    assert await error_of(client.conversations_history(channel=room, oldest="x")) == "invalid_ts_oldest"
    assert await error_of(client.conversations_history(channel=room, latest="x")) == "invalid_ts_latest"


async def test_reactions(client, sandbox, room):
    ts = await posted(client, room)
    await client.reactions_add(channel=room, timestamp=ts, name="eyes")

    got = await client.reactions_get(channel=room, timestamp=ts)
    assert got["message"]["reactions"] == [{"name": "eyes", "users": ["U0COPILOT"], "count": 1}]
    assert await error_of(client.reactions_add(channel=room, timestamp=ts, name="eyes")) == "already_reacted"
    assert await error_of(client.reactions_add(channel=room, timestamp=ts, name="Big Eyes")) == "invalid_name"
    await client.reactions_remove(channel=room, timestamp=ts, name="eyes")
    assert await error_of(client.reactions_remove(channel=room, timestamp=ts, name="eyes")) == "no_reaction"
    for n in range(23):
        sandbox.workspace.channel(room).messages[ts].reactions[f"e{n}"] = ["U0ANA"]
    assert await error_of(client.reactions_add(channel=room, timestamp=ts, name="one_more")) == "too_many_emoji"


async def test_pins(client, sandbox, room):
    ts = await posted(client, room)
    await client.pins_add(channel=room, timestamp=ts)

    [item] = (await client.pins_list(channel=room))["items"]
    assert (item["message"]["ts"], item["message"]["pinned_to"], item["created_by"]) == (ts, [room], "U0COPILOT")
    assert await error_of(client.pins_add(channel=room, timestamp=ts)) == "already_pinned"
    assert await error_of(client.pins_add(channel=room)) == "no_item_specified"
    await client.pins_remove(channel=room, timestamp=ts)
    assert await error_of(client.pins_remove(channel=room, timestamp=ts)) == "no_pin"
    sandbox.channel(room).pins = [Pin(str(n), "U0ANA", 0) for n in range(100)]
    assert await error_of(client.pins_add(channel=room, timestamp=ts)) == "too_many_pins"


async def test_bookmarks(client, sandbox, room):
    await client.bookmarks_add(channel_id=room, title="First", type="link", link="https://example.com/f")
    added = await client.bookmarks_add(channel_id=room, title="Runbook", type="link", link="https://example.com/r")
    bookmark_id = added["bookmark"]["id"]
    edited = await client.bookmarks_edit(
        channel_id=room, bookmark_id=bookmark_id, title="Book", link="https://x.example"
    )

    assert (edited["bookmark"]["title"], edited["bookmark"]["link"]) == ("Book", "https://x.example")
    await client.bookmarks_edit(channel_id=room, bookmark_id=bookmark_id, emoji=":book:")
    assert [one["title"] for one in (await client.bookmarks_list(channel_id=room))["bookmarks"]] == ["First", "Book"]
    bad = {"channel_id": room, "title": "x", "link": "ftp://x", "type": "link"}
    assert await error_of(client.bookmarks_add(**bad)) == "invalid_link"
    assert await error_of(client.bookmarks_add(**bad | {"type": "file"})) == "invalid_bookmark_type"
    await client.bookmarks_remove(channel_id=room, bookmark_id=bookmark_id)
    assert await error_of(client.bookmarks_remove(channel_id=room, bookmark_id=bookmark_id)) == "not_found"
    sandbox.channel(room).bookmarks = [{}] * 100
    assert await error_of(client.bookmarks_add(**bad | {"link": "https://x"})) == "too_many_bookmarks"


async def test_people_and_groups(client, sandbox):
    group = sandbox.add_usergroup("payments-oncall", ["ana", "sam"])

    assert (await client.users_info(user="U0GUS"))["user"]["is_restricted"]
    assert await error_of(client.users_info(user="U0NOBODY")) == "user_not_found"
    people = (await client.users_list(limit=2))["members"]
    assert [one["id"] for one in people] == ["U0ANA", "U0BEN"]
    found = await client.users_lookupByEmail(email="Ana@sandbox.example")
    assert found["user"]["id"] == "U0ANA"
    assert await error_of(client.users_lookupByEmail(email="who@sandbox.example")) == "users_not_found"
    listed = (await client.usergroups_list(include_users=True))["usergroups"]
    assert [(one["handle"], one["users"]) for one in listed] == [("payments-oncall", ["U0ANA", "U0SAM"])]
    assert "users" not in (await client.usergroups_list())["usergroups"][0]
    assert (await client.usergroups_users_list(usergroup=group.id))["users"] == ["U0ANA", "U0SAM"]
    assert await error_of(client.usergroups_users_list(usergroup="S1")) == "no_such_subteam"


async def test_malformed_structures_are_named(client, room):
    assert await error_of(client.chat_postMessage(channel=room, text="x", blocks="[")) == "invalid_blocks_format"
    assert await error_of(client.chat_postMessage(channel=room, text="x", blocks='{"a": 1}')) == "invalid_blocks_format"
    assert await error_of(client.chat_postMessage(channel=room, text="x", metadata="{")) == "invalid_metadata_format"
    assert (
        await error_of(client.api_call("views.publish", json={"user_id": "U0ANA", "view": "[]"})) == "invalid_arguments"
    )
    assert (await client.chat_postMessage(channel=room, text="x", blocks=""))["ok"]


async def test_files_are_uploaded_then_shared(client, sandbox, room):
    answer = await client.files_upload_v2(
        channel=room,
        content=b"<svg/>",
        filename="chart.svg",
        title="Errors",
        alt_txt="Errors fall",
        initial_comment="Look",
    )
    [message] = sandbox.messages(room)
    file_id = answer["file"]["id"]

    assert (message.text, message.files[0]["title"], message.files[0]["alt_txt"]) == ("Look", "Errors", "Errors fall")
    info = await client.files_info(file=file_id)
    assert (info["file"]["mimetype"], info["file"]["channels"]) == ("image/svg+xml", [room])
    async with aiohttp.request("GET", info["file"]["url_private"]) as response:
        assert (response.status, await response.read()) == (200, b"<svg/>")


async def test_uploads_that_go_wrong(client, sandbox, room):
    assert await error_of(client.files_getUploadURLExternal(filename="a.txt", length=0)) == "missing_argument"
    too_long = client.files_getUploadURLExternal(filename="a.txt", length=1, alt_txt="x" * 1001)
    assert await error_of(too_long) == "alt_txt_too_large"
    assert await error_of(client.files_info(file="F1")) == "file_not_found"
    ticket = await client.files_getUploadURLExternal(filename="a.txt", length=3)
    complete = client.files_completeUploadExternal
    assert await error_of(complete(files=[{"id": ticket["file_id"]}], channel_id=room)) == "file_not_found"
    async with aiohttp.request("POST", ticket["upload_url"], data=b"four") as response:
        assert response.status == 400
    async with aiohttp.request("GET", sandbox.page_url + f"files/{ticket['file_id']}/a.txt") as response:
        assert response.status == 404
    async with aiohttp.request("POST", ticket["upload_url"], data=b"abc") as response:
        assert response.status == 200
    files = [{"id": ticket["file_id"]}]
    assert await error_of(complete(files=files, channel_id="C1")) == "channel_not_found"
    assert await error_of(complete(files=files, channels=[sandbox.channel("random").id])) == "not_in_channel"
    assert (await complete(files=files))["files"][0]["title"] == "a.txt"
