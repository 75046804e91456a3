"""The workspace carries every deed out once, finds it again, or says honestly that it does not know."""

import base64
import json
from datetime import UTC, datetime

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import (
    Bookmark,
    Invite,
    OpenChannel,
    Pin,
    Place,
    RunAction,
    SetTopic,
    Show,
    Target,
    Upload,
)
from incident_copilot.domain.person import Person
from incident_copilot.errors import ChatBarred, ChatError, ChatLimited, ChatRefused, ChatUnavailable, ChatUnknown
from incident_copilot.sandbox import Fault
from incident_copilot.slack.calls import connected
from incident_copilot.slack.identity import Me
from incident_copilot.slack.workspace import SlackWorkspace

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
OPEN = OpenChannel(name="inc-42-checkout", topic="INC-42", purpose="HighErrorRate on checkout")
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()


def show(text="hello", **fields):
    return Show(place=Place.ANNOUNCE, slot="notice:x", content=Notice(text=text), **fields)


def upload():
    return Upload(place=Place.INCIDENT, slot="chart:ev-1", name="chart.png", title="t", alt="a chart", content=PNG)


async def posted(sandbox, channel="#general"):
    return [message.text for message in sandbox.messages(channel)]


# --- messages ---


async def test_message_goes_to_a_channel_by_name_and_is_found_again_by_its_id(sandbox, workspace, effect):
    shown = effect(show())

    result = await workspace.deliver(shown, Target(channel="general"))

    general = sandbox.channel("#general")
    [message] = sandbox.messages("#general")
    assert result == {"channel": general.id, "ts": message.ts}
    assert message.text == "hello"
    assert message.metadata == {"event_type": "copilot_effect", "event_payload": {"id": shown.id}}
    assert await workspace.look_up(shown, Target(channel="general"), LONG_AGO) == result
    assert await workspace.look_up(effect(show()), Target(channel=general.id), LONG_AGO) is None


async def test_message_in_a_thread_is_found_again_there(sandbox, workspace, effect):
    top = await workspace.deliver(effect(show("top")), Target(channel="general"))
    reply = effect(show("reply"))
    here = Target(channel=top["channel"], thread_ts=top["ts"])

    result = await workspace.deliver(reply, here)

    assert [message.text for message in sandbox.messages("#general", top["ts"])] == ["reply"]
    assert await workspace.look_up(reply, here, LONG_AGO) == result


async def test_edit_replaces_the_message_and_keeps_its_id(sandbox, workspace, effect):
    first = await workspace.deliver(effect(show("old")), Target(channel="general"))

    second = await workspace.deliver(effect(show("new")), Target(channel=first["channel"], message_ts=first["ts"]))

    assert second == first
    assert await posted(sandbox) == ["new"]


async def test_edit_of_a_deleted_message_is_refused(sandbox, workspace, effect):
    sandbox.expect_refusal("message_not_found")
    channel = sandbox.channel("#general").id
    await workspace.deliver(effect(show()), Target(channel="general"))

    with pytest.raises(ChatRefused) as refusal:
        await workspace.deliver(effect(show("new")), Target(channel=channel, message_ts="1.000001"))

    assert refusal.value.code == "message_not_found"


async def test_public_channel_is_joined_where_the_copilot_is_no_member(sandbox, workspace, effect):
    await sandbox.person("ana").create_channel("by-name")
    by_id = await sandbox.person("ana").create_channel("by-id")
    sandbox.expect_refusal("not_in_channel")

    await workspace.deliver(effect(show()), Target(channel="#by-name"))
    await workspace.deliver(effect(show()), Target(channel=by_id.id))

    assert await posted(sandbox, "#by-name") == ["hello"]
    assert await posted(sandbox, "#by-id") == ["hello"]


async def test_channel_that_is_not_there_is_refused_by_its_name(workspace, effect):
    with pytest.raises(ChatRefused, match="no channel #nowhere") as refusal:
        await workspace.deliver(effect(show()), Target(channel="nowhere"))

    assert refusal.value.code == "channel_not_found"


async def test_channel_id_that_is_gone_is_looked_up_again_next_time(sandbox, workspace, effect):
    sandbox.expect_refusal("channel_not_found")

    with pytest.raises(ChatRefused):
        await workspace.deliver(effect(show()), Target(channel="C0GONE00"))


async def test_nowhere_to_send_to_is_refused(workspace, effect):
    with pytest.raises(ChatRefused) as refusal:
        await workspace.deliver(effect(show()), Target())

    assert refusal.value.code == "no_target"


async def test_blocks_that_slack_refuses_fall_back_to_plain_words(sandbox, workspace, effect, client):
    from incident_copilot.slack.views import Rendered  # noqa: PLC0415 -- only this test renders by hand

    sandbox.expect_refusal("invalid_blocks", times=2)
    broken = Rendered("what matters", [{"type": "nonsense"}])
    shown = effect(show())

    first = await workspace.show(shown, broken, Target(channel="general"))
    await workspace.show(shown, broken, Target(channel=first["channel"], message_ts=first["ts"]))

    [message] = sandbox.messages("#general")
    assert (message.text, message.blocks) == ("what matters", [])


# --- failures ---


async def test_reply_that_never_came_is_unknown_and_the_message_is_found(sandbox, workspace, effect):
    sandbox.faults.add("chat.postMessage", Fault("drop_reply"))
    shown = effect(show())

    with pytest.raises(ChatUnknown):
        await workspace.deliver(shown, Target(channel="general"))

    assert await workspace.look_up(shown, Target(channel="general"), LONG_AGO) is not None
    assert await posted(sandbox) == ["hello"]


async def test_edit_without_a_reply_may_be_repeated(sandbox, workspace, effect):
    first = await workspace.deliver(effect(show("old")), Target(channel="general"))
    sandbox.faults.add("chat.update", Fault("drop_reply"))
    edit, here = effect(show("new")), Target(channel=first["channel"], message_ts=first["ts"])

    with pytest.raises(ChatUnavailable):
        await workspace.deliver(edit, here)
    await workspace.deliver(edit, here)

    assert await posted(sandbox) == ["new"]


async def test_no_answer_in_time_is_unknown(sandbox, workspace, effect):
    await workspace.channel_id("general")
    sandbox.faults.add("chat.postMessage", Fault("hang"))

    with pytest.raises(ChatUnknown):
        await workspace.deliver(effect(show()), Target(channel="general"))


async def test_reading_without_an_answer_in_time_is_unavailable(sandbox, workspace):
    sandbox.faults.add("conversations.list", Fault("hang"))

    with pytest.raises(ChatUnavailable):
        await workspace.channel_id("general")


async def test_rate_limit_says_when_to_try_again(sandbox, workspace, effect):
    await workspace.channel_id("general")
    sandbox.faults.add("chat.postMessage", Fault("ratelimited", retry_after=7))

    with pytest.raises(ChatUnavailable) as limited:
        await workspace.deliver(effect(show()), Target(channel="general"))

    assert limited.value.retry_after_s == 7


@pytest.mark.parametrize("status", [500, 503])
@pytest.mark.parametrize(("kind", "there"), [("error", False), ("error_after", True)])
async def test_post_with_a_server_error_is_unknown_and_soon_seen_or_not(
    sandbox, workspace, effect, status, kind, there
):
    sandbox.faults.add("chat.postMessage", Fault(kind, status=status))
    shown = effect(show())

    with pytest.raises(ChatUnknown) as unknown:
        await workspace.deliver(shown, Target(channel="general"))
    found = await workspace.look_up(shown, Target(channel="general"), LONG_AGO)

    assert (unknown.value.settled_after_s, found is not None) == (5.0, there)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("token_revoked", ChatBarred),
        ("account_inactive", ChatBarred),
        ("missing_scope", ChatBarred),
        ("is_archived", ChatRefused),
        ("message_limit_exceeded", ChatLimited),
        ("internal_error", ChatUnavailable),
    ],
)
async def test_error_of_slack_is_raised_as_what_helps_against_it(sandbox, workspace, effect, code, kind):
    there = await workspace.deliver(effect(show()), Target(channel="general"))
    sandbox.faults.add("chat.update", Fault("refuse", code=code))

    with pytest.raises(ChatError) as error:
        await workspace.deliver(effect(show("new")), Target(channel=there["channel"], message_ts=there["ts"]))

    assert type(error.value) is kind


async def test_invitation_that_the_token_does_not_allow_is_no_matter_of_the_person(sandbox, workspace, effect):
    sandbox.faults.add("conversations.invite", Fault("refuse", code="token_revoked"))

    with pytest.raises(ChatBarred):
        await workspace.deliver(effect(Invite(people=("U0ANA",))), Target(channel="general"))


async def test_connection_that_is_refused_sent_nothing(unused_tcp_port, effect):
    async with connected("xoxb-x", f"http://127.0.0.1:{unused_tcp_port}/api/") as client:
        workspace = SlackWorkspace(client)

        with pytest.raises(ChatUnavailable, match="cannot be reached"):
            await workspace.deliver(effect(show()), Target(channel="C0GENERAL"))


async def test_wrong_token_is_refused(sandbox, effect):
    sandbox.expect_refusal("invalid_auth")
    async with connected("xoxb-wrong", sandbox.base_url) as client:
        with pytest.raises(ChatRefused) as refusal:
            await SlackWorkspace(client).deliver(effect(show()), Target(channel="C0GENERAL"))

    assert refusal.value.code == "invalid_auth"


async def test_an_action_is_not_the_chats_to_carry_out(workspace, effect):
    deed = RunAction(proposal_id="p", version=1, action="x", params={}, key="k", approved_by=("U0ANA",))

    with pytest.raises(ChatRefused):
        await workspace.deliver(effect(deed), Target(channel="general"))


# --- channels ---


async def test_channel_is_opened_described_and_found_again(sandbox, workspace, effect):
    opened = effect(OPEN)

    result = await workspace.deliver(opened, Target())

    channel = sandbox.channel("#inc-42-checkout")
    assert result == {"channel": channel.id, "name": "inc-42-checkout"}
    assert channel.topic == "INC-42"
    assert channel.purpose == f"HighErrorRate on checkout (ref {opened.id[-12:]})"
    assert await workspace.look_up(opened, Target(), LONG_AGO) == result
    assert await workspace.look_up(effect(OPEN), Target(), LONG_AGO) is None


async def test_channel_of_an_earlier_try_is_adopted(sandbox, workspace, effect):
    sandbox.faults.add("conversations.create", Fault("drop_reply"))
    sandbox.expect_refusal("name_taken")
    opened = effect(OPEN)
    with pytest.raises(ChatUnknown):
        await workspace.deliver(opened, Target())

    result = await workspace.deliver(opened, Target())

    assert result["channel"] == sandbox.channel("#inc-42-checkout").id
    assert sandbox.channel("#inc-42-checkout").purpose.startswith("HighErrorRate")
    assert sandbox.channel("#inc-42-checkout-2") is None


async def test_taken_name_gets_a_number(sandbox, workspace, effect):
    await sandbox.person("ana").create_channel("inc-42-checkout")
    await workspace.deliver(effect(OpenChannel(name="inc-42-checkout-2", topic="t", purpose="p")), Target())
    sandbox.expect_refusal("name_taken", times=2)

    result = await workspace.deliver(effect(OPEN), Target())

    assert result["name"] == "inc-42-checkout-3"


async def test_after_five_taken_names_it_gives_up(sandbox, workspace, effect):
    for name in ("inc-42-checkout", *(f"inc-42-checkout-{number}" for number in range(2, 6))):
        await sandbox.person("ana").create_channel(name)
    sandbox.expect_refusal("name_taken", times=5)

    with pytest.raises(ChatRefused) as refusal:
        await workspace.deliver(effect(OPEN), Target())

    assert refusal.value.code == "name_taken"


async def test_name_that_slack_does_not_take_is_refused(sandbox, workspace, effect):
    sandbox.expect_refusal("invalid_name_specials")

    with pytest.raises(ChatRefused):
        await workspace.deliver(effect(OpenChannel(name="In c!", topic="t", purpose="p")), Target())


async def test_channel_without_its_description_is_still_the_channel(odd_slack, effect):
    json_type = {"Content-Type": "application/json"}
    made = {"ok": True, "channel": {"id": "C0NEW000", "name": "inc-42-checkout"}}
    refused = '{"ok": false, "error": "user_is_restricted"}'
    odd_slack["conversations.create"] = (200, json_type, json.dumps(made))
    odd_slack["conversations.setPurpose"] = odd_slack["conversations.setTopic"] = (200, json_type, refused)

    async with connected("xoxb-x", odd_slack["base_url"]) as client:
        result = await SlackWorkspace(client).deliver(effect(OPEN), Target())

    assert result == {"channel": "C0NEW000", "name": "inc-42-checkout"}


async def test_looking_up_ends_after_a_few_pages(odd_slack, effect):
    page = {"ok": True, "messages": [{"ts": "1.1"}], "response_metadata": {"next_cursor": "more"}}
    odd_slack["conversations.history"] = (200, {"Content-Type": "application/json"}, json.dumps(page))

    async with connected("xoxb-x", odd_slack["base_url"]) as client:
        assert await SlackWorkspace(client).look_up(effect(show()), Target(channel="C0GENERAL"), LONG_AGO) is None


async def test_topic_of_an_archived_channel_is_refused(sandbox, workspace, effect):
    sandbox.expect_refusal("is_archived")
    first = await workspace.deliver(effect(OPEN), Target())
    await sandbox.person("ana").join("#inc-42-checkout")
    await sandbox.person("ana").archive_channel("#inc-42-checkout")

    with pytest.raises(ChatRefused):
        await workspace.deliver(effect(SetTopic(text="new")), Target(channel=first["channel"]))


async def test_people_are_invited_and_one_who_cannot_be_keeps_nobody_out(sandbox, workspace, effect):
    here = Target(channel=(await workspace.deliver(effect(OPEN), Target()))["channel"])
    sandbox.expect_refusal("user_not_found")
    sandbox.expect_refusal("already_in_channel")

    result = await workspace.deliver(effect(Invite(people=("U0ANA", "U0NOBODY", "U0ANA", "U0BEN"))), here)

    assert result == {"channel": here.channel, "not_invited": "U0NOBODY: user_not_found"}
    assert {"U0ANA", "U0BEN"} <= set(sandbox.channel("#inc-42-checkout").members)


async def test_pin_bookmark_and_topic_may_be_repeated(sandbox, workspace, effect):
    here = Target(channel=(await workspace.deliver(effect(OPEN), Target()))["channel"])
    message = await workspace.deliver(effect(show()), here)
    pinned = here.model_copy(update={"message_ts": message["ts"]})
    sandbox.expect_refusal("already_pinned")

    for _ in range(2):
        await workspace.deliver(effect(Pin(slot="card")), pinned)
        await workspace.deliver(effect(Bookmark(title="Runbook", link="https://wiki.example/r")), here)
        await workspace.deliver(effect(SetTopic(text="INC-42 | P1")), here)

    channel = sandbox.channel("#inc-42-checkout")
    assert [mark["link"] for mark in channel.bookmarks] == ["https://wiki.example/r"]
    assert channel.topic == "INC-42 | P1"
    assert await workspace.look_up(effect(Pin(slot="card")), pinned, LONG_AGO) is None


async def test_pin_of_a_message_that_is_gone_is_refused(sandbox, workspace, effect):
    sandbox.expect_refusal("message_not_found")
    here = Target(channel=(await workspace.deliver(effect(OPEN), Target()))["channel"], message_ts="1.000001")

    with pytest.raises(ChatRefused):
        await workspace.deliver(effect(Pin(slot="card")), here)


# --- files ---


async def test_file_is_shared_in_a_thread_and_found_again(sandbox, workspace, effect):
    top = await workspace.deliver(effect(show("top")), Target(channel="general"))
    here = Target(channel=top["channel"], thread_ts=top["ts"])
    chart = effect(upload())

    result = await workspace.deliver(chart, here)

    [message] = [one for one in sandbox.messages("#general", top["ts"]) if one.files]
    assert result == {"channel": top["channel"], "file": message.files[0]["id"]}
    assert message.files[0]["name"] == f"chart-{chart.id[-12:]}.png"
    assert await workspace.look_up(chart, here, LONG_AGO) == result
    assert await workspace.look_up(effect(upload()), here, LONG_AGO) is None


@pytest.mark.parametrize("upload_url", ["/upload/refused", "http://127.0.0.1:1/upload"])
async def test_file_that_slack_does_not_take_may_be_tried_again(odd_slack, effect, upload_url):
    here = odd_slack["base_url"].removesuffix("/api/")
    url = here + upload_url if upload_url.startswith("/") else upload_url
    said = json.dumps({"ok": True, "file_id": "F1", "upload_url": url})
    odd_slack["files.getUploadURLExternal"] = (200, {"Content-Type": "application/json"}, said)
    odd_slack["/upload/refused"] = (503, {}, "busy")

    async with connected("xoxb-x", odd_slack["base_url"]) as client:
        with pytest.raises(ChatUnavailable, match="did not take the file"):
            await SlackWorkspace(client).deliver(effect(upload()), Target(channel="C0GENERAL"))


@pytest.mark.parametrize(
    ("status", "headers", "body", "retry_after_s"),
    [
        (502, {"Content-Type": "text/html"}, "<html>Bad gateway</html>", 1.0),
        (200, {"Content-Type": "application/json"}, "{broken", 1.0),
        (200, {"Content-Type": "application/json"}, "", 1.0),
        (200, {"Content-Type": "application/json"}, '{"ok": false, "error": "fatal_error"}', 1.0),
        (200, {"Content-Type": "application/json"}, '{"ok": false, "error": "ratelimited"}', 30.0),
        (429, {"Retry-After": "soon", "Content-Type": "application/json"}, '{"ok": false}', 30.0),
        (429, {"Retry-After": "0", "Content-Type": "application/json"}, '{"ok": false}', 1.0),
    ],
)
async def test_answers_that_slack_should_not_give_are_tried_again(
    odd_slack, effect, status, headers, body, retry_after_s
):
    odd_slack["chat.update"] = (status, headers, body)

    async with connected("xoxb-x", odd_slack["base_url"]) as client:
        with pytest.raises(ChatUnavailable) as later:
            await SlackWorkspace(client).deliver(effect(show()), Target(channel="C0GENERAL", message_ts="1.0"))

    assert later.value.retry_after_s == retry_after_s


# --- people ---


@pytest.mark.parametrize(
    ("chat_id", "flags"),
    [
        ("U0ANA", {}),
        ("U0GUS", {"is_guest": True}),
        ("U0BOT", {"is_bot": True}),
    ],
)
async def test_people_are_described_as_slack_knows_them(sandbox, workspace, chat_id, flags):
    who = sandbox.bot_user_id if chat_id == "U0BOT" else chat_id

    person = await workspace.person(who)

    assert person == Person(id=who, name=person.name, **flags)
    assert person.name


def test_people_of_the_same_organisation_are_no_strangers():
    me = Me(user_id="U1", bot_id="B1", team_id="T1", enterprise_id="E1")

    assert me.is_of_our_place({"team_id": "T1"})
    assert me.is_of_our_place({"team_id": "T2", "enterprise_user": {"enterprise_id": "E1"}})
    assert not me.is_of_our_place({"team_id": "T2"})


async def test_person_who_cannot_be_looked_up_in_time_is_unavailable(sandbox, workspace):
    sandbox.faults.add("users.info", Fault("hang"))

    with pytest.raises(ChatUnavailable):
        await workspace.person("U0ANA")


async def test_unknown_person_is_refused(sandbox, workspace):
    sandbox.expect_refusal("user_not_found")

    with pytest.raises(ChatRefused):
        await workspace.person("U0NOBODY")


async def test_message_is_found_by_its_time_in_channel_and_thread(sandbox, workspace):
    ana = sandbox.person("ana")
    await ana.invite("#general", sandbox.bot_user_id)
    first = await ana.say("#general", "It is the pool")
    reply = await ana.say("#general", "No, the disk", thread_ts=first)
    channel = sandbox.channel("#general").id

    found = [await workspace.message(channel, ts) for ts in (first, reply)]

    assert [(one.author, one.text, one.ref) for one in found] == [
        ("U0ANA", "It is the pool", f"{channel}:{first}"),
        ("U0ANA", "No, the disk", f"{channel}:{reply}"),
    ]
    assert found[1].thread_ts == first
    assert found[0].link.startswith("http")


async def test_answer_without_a_message_is_none(odd_slack):
    odd_slack["reactions.get"] = (200, {"Content-Type": "application/json"}, '{"ok": true, "type": "file"}')
    async with connected("xoxb-x", odd_slack["base_url"]) as client:
        assert await SlackWorkspace(client).message("C1", "1.0") is None


async def test_a_client_without_a_session_uploads_nothing(sandbox, effect):
    bare = AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.base_url, retry_handlers=[])

    with pytest.raises(ChatUnavailable):
        await SlackWorkspace(bare).deliver(effect(upload()), Target(channel="general"))
