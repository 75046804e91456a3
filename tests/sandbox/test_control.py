"""The control API that the page and the demo use."""

import asyncio
import json
from contextlib import asynccontextmanager

import aiohttp
import pytest
from starlette.responses import PlainTextResponse

from incident_copilot.sandbox import ChannelSpec, Mount, Sandbox, SandboxHooks, Timing
from incident_copilot.sandbox.standalone import serve


class Browser:
    def __init__(self, sandbox, session):
        self.url = sandbox.page_url
        self.session = session

    async def get(self, path, **query):
        async with self.session.get(self.url + path, params=query) as response:
            self.status = response.status
            return await response.json()

    async def post(self, path, body=None, method="POST"):
        async with self.session.request(method, self.url + path, json=body) as response:
            self.status = response.status
            return await response.json()

    async def act(self, who, kind, **more):
        return await self.post("control/act", {"as": who, "kind": kind, **more})


@asynccontextmanager
async def browsing(sandbox):
    async with aiohttp.ClientSession() as session:
        yield Browser(sandbox, session)


@pytest.fixture
async def browser(sandbox):
    async with browsing(sandbox) as browser:
        yield browser


def plain(text):
    return {"type": "plain_text", "text": text}


CARD = [
    {
        "type": "actions",
        "block_id": "b",
        "elements": [
            {"type": "button", "action_id": "go", "text": plain("Go"), "value": "1"},
            {"type": "users_select", "action_id": "who"},
        ],
    }
]


async def test_the_state_is_the_workspace_as_one_person_sees_it(sandbox, browser, client):
    general = sandbox.channel("general")
    await sandbox.person("ana").invite("general", "incident-copilot")
    await sandbox.person("ben").say("#general", "hello <@U0ANA>")
    await client.chat_postMessage(
        channel="general", text="card", blocks=CARD, metadata={"event_type": "e", "event_payload": {}}
    )
    card = sandbox.messages("general")[-1]
    await sandbox.person("ben").say("#general", "reply", thread_ts=card.ts)
    await sandbox.person("ben").react("#general", card.ts, "eyes")
    await sandbox.person("ben").pin("#general", card.ts)
    await client.bookmarks_add(channel_id=general.id, title="Runbook", type="link", link="https://x.example")
    await client.chat_postEphemeral(channel="general", user="U0ANA", text="psst")
    state = await browser.get("control/state", **{"as": "U0ANA", "channel": general.id})

    assert (state["team"], state["me"]) == ({"id": "T0SANDBOX", "name": "Sandbox"}, "U0ANA")
    assert [one["role"] for one in state["people"]] == [
        "on-call", "commander", "comms lead", "responder", "responder", "viewer", "guest",
    ]  # fmt: skip
    assert [one["is_bot"] for one in state["bots"]] == [True]
    assert state["channels"][0] == {
        "id": general.id, "name": "general", "is_private": False, "is_im": False, "is_archived": False,
        "is_member": True, "topic": "", "purpose": "For everyone.", "members": general.members, "unread": 2,
        "mention_count": 1, "bookmarks": [{"title": "Runbook", "link": "https://x.example"}], "pins": [card.ts],
        "agent": {"threads": {}, "prompts": []},
    }  # fmt: skip
    joined, hello, shown, reply, ephemeral = state["messages"]
    assert (joined["subtype"], hello["text"], hello["blocks"]) == ("channel_join", "hello <@U0ANA>", [])
    assert shown == {
        "ts": card.ts, "user": "U0COPILOT", "bot_id": "B0COPILOT", "text": "card", "blocks": CARD, "thread_ts": None,
        "broadcast": False, "reply_count": 1, "reply_users": ["U0BEN"], "latest_reply": reply["ts"], "edited": None,
        "reactions": [{"name": "eyes", "users": ["U0BEN"]}], "files": [], "pinned": True, "subtype": None,
        "metadata": {"event_type": "e", "event_payload": {}}, "ephemeral_to": None, "deleted": False, "warning": None,
    }  # fmt: skip
    assert (ephemeral["text"], ephemeral["ephemeral_to"]) == ("psst", "U0ANA")
    assert (state["views"], state["home"], state["notices"], state["commands"]) == ([], None, [], [])
    assert state["bot"] == {"running": False, "pid": None, "restarts": 0, "can_kill": False}
    assert (state["scenarios"], state["links"]) == ([], [])


async def test_the_state_shows_files_with_their_address(browser, client, sandbox):
    await client.conversations_join(channel="random")
    random = sandbox.channel("random").id
    await client.files_upload_v2(channel=random, content=b"x", filename="a.svg", title="Errors", alt_txt="They fall")
    state = await browser.get("control/state", channel="random")

    [file] = state["messages"][-1]["files"]
    assert file == {
        "id": file["id"], "name": "a.svg", "title": "Errors", "mimetype": "image/svg+xml", "alt_txt": "They fall",
        "url": f"{sandbox.page_url}files/{file['id']}/a.svg",
    }  # fmt: skip


async def test_guests_see_only_where_they_were_invited(sandbox, browser):
    await sandbox.person("ben").say("#general", "hello")
    state = await browser.get("control/state", **{"as": "gus", "channel": "general"})

    assert (state["channels"], state["messages"]) == ([], [])
    assert (await browser.get("control/state"))["me"] == "U0ANA"
    assert await browser.get("control/state", **{"as": "nobody"}) == {
        "ok": False, "error": "user_not_found", "detail": "nobody is called nobody",
    }  # fmt: skip
    assert browser.status == 404


async def test_the_state_shows_views_commands_and_notices(raw_apps, client_of):
    command = {"command": "/incident", "description": "Incidents", "usage_hint": "[list]"}
    shortcut = {"name": "Declare", "type": "global", "callback_id": "declare", "description": "x"}
    manifest = {
        "features": {"slash_commands": [command], "shortcuts": [shortcut]},
        "oauth_config": {"scopes": {"bot": ["chat:write"]}},
    }
    async with Sandbox.running(manifest=manifest) as sandbox, browsing(sandbox) as browser:
        home = {"type": "home", "blocks": CARD}
        await client_of(sandbox).api_call("views.publish", json={"user_id": "U0ANA", "view": home})
        sandbox.workspace.views.open("U0ANA", {"type": "modal", "title": plain("T"), "blocks": []})
        await sandbox.person("ana").command("/incident")
        state = await browser.get("control/state", **{"as": "ana"})

    assert state["commands"] == [command]
    assert state["shortcuts"] == [{"name": "Declare", "type": "global", "callback_id": "declare"}]
    assert state["home"]["blocks"] == CARD
    assert [view["title"] for view in state["views"]] == [plain("T")]
    [notice] = state["notices"]
    assert (notice["kind"], notice["text"]) == ("error", '/incident failed with the error "dispatch_failed"')


async def test_a_person_talks_through_the_api(sandbox, browser):
    said = await browser.act("ana", "say", channel="general", text="hello")
    place = {"channel": "general", "ts": said["ts"]}
    for kind, more in [
        ("edit", {"text": "hello!"}), ("react", {"name": "eyes"}), ("react", {"name": "tada"}),
        ("unreact", {"name": "eyes"}), ("pin", {}), ("unpin", {}), ("mark_read", {}),
    ]:  # fmt: skip
        assert await browser.act("ana", kind, **place, **more) == {"ok": True}
    reply = await browser.act("ben", "say", channel="general", text="reply", thread_ts=said["ts"])
    [message] = sandbox.messages("general")

    assert (message.text, message.reactions) == ("hello!", {"tada": ["U0ANA"]})
    assert await browser.act("ben", "delete", channel="general", ts=reply["ts"]) == {"ok": True}
    assert message.replies == []
    assert (await browser.act("ben", "edit", **place, text="x"))["error"] == "cant_update_message"
    assert await browser.act("ana", "dance") == {"ok": False, "error": "unknown_kind", "detail": "dance"}
    assert await browser.act("ana", "say") == {"ok": False, "error": "missing_argument", "detail": "channel"}
    assert browser.status == 400
    async with browser.session.post(browser.url + "control/act", data="{") as response:
        assert (await response.json())["error"] == "invalid_json"


async def test_stop_where_nothing_runs_is_refused(browser):
    refused = await browser.act("ana", "stop", channel="general", thread_ts="1.1")

    assert refused["error"] == "not_found"


async def test_a_person_moves_through_channels_by_the_api(sandbox, browser):
    created = await browser.act("ana", "create_channel", name="war-room", is_private=True)
    assert sandbox.channel("war-room").id == created["channel"]
    await browser.act("ana", "invite", channel="war-room", user="gus")
    await browser.act("ana", "archive", channel="war-room")
    await browser.act("ana", "leave", channel="random")
    assert sandbox.channel("random").has("U0ANA") is False
    await browser.act("ana", "join", channel="random")
    direct = await browser.act("ana", "open_dm")

    assert direct["channel"] == sandbox.dm("ana").id
    assert await browser.act("ana", "open_home") == {"ok": True}
    assert sandbox.channel("war-room").is_archived
    assert sandbox.channel("random").has("U0ANA")
    state = await browser.get("control/state", **{"as": "ana"})
    assert state["channels"][-1]["name"] == "incident-copilot"


async def test_a_person_interacts_by_the_api(sandbox, browser, raw, client):
    await client.chat_postMessage(channel="general", text="card", blocks=CARD)
    await client.chat_postEphemeral(channel="general", user="U0ANA", text="psst", blocks=CARD)
    place = {"channel": "general", "ts": sandbox.messages("general")[-1].ts, "block_id": "b"}
    acked = {"ok": True, "acked": True}

    assert await browser.act("ana", "click", **place, action_id="go", value="1") == acked
    assert await browser.act("ana", "click", **place, action_id="who", selected="U0BEN") == acked
    psst = sandbox.person("ana").ephemerals("general")[0].ts
    assert await browser.act("ana", "click", **place | {"ts": psst}, action_id="go") == acked
    assert (await browser.act("ben", "click", **place | {"ts": psst}, action_id="go"))["error"] == "message_not_found"
    assert await browser.act("ana", "command", channel="general", command="/incident", text="list") == acked
    assert await browser.act("ana", "shortcut", callback_id="declare") == acked
    where = {"channel": "general", "ts": place["ts"]}
    assert await browser.act("ana", "message_shortcut", callback_id="add", **where) == acked
    await raw.socket.close()
    await sandbox.until(lambda: sandbox.sockets == 0)
    assert await browser.act("ana", "shortcut", callback_id="declare") == {
        "ok": True, "acked": False, "error": "dispatch_failed",
    }  # fmt: skip


async def test_a_form_is_clicked_sent_and_closed_by_the_api(sandbox, browser, raw):
    field = {
        "type": "input", "block_id": "title", "label": plain("T"),
        "element": {"type": "plain_text_input", "action_id": "value"},
    }  # fmt: skip
    content = {"type": "modal", "title": plain("T"), "submit": plain("Send"), "blocks": [field, *CARD]}
    view = sandbox.workspace.views.open("U0ANA", content)
    values = {"title": {"value": {"type": "plain_text_input", "value": "x"}}}

    clicked = await browser.act("ana", "click", view_id=view.id, block_id="b", action_id="go", values=values)
    assert clicked == {"ok": True, "acked": True}
    raw.answers["view_submission"] = {"response_action": "errors", "errors": {"title": "More"}}
    assert await browser.act("ana", "submit", view_id=view.id, values=values) == {
        "ok": True, "acked": True, "response_action": "errors", "errors": {"title": "More"},
    }  # fmt: skip
    assert await browser.act("ana", "close", view_id=view.id) == {"ok": True, "acked": True}
    assert (await browser.act("ana", "close", view_id=view.id))["error"] == "not_found"


async def test_changes_are_streamed_and_coalesced(browser, sandbox):
    async with browser.session.get(browser.url + "control/changes") as stream:
        assert stream.content_type == "text/event-stream"
        first = await _next(stream)
        for n in range(5):
            await sandbox.person("ana").say("#general", f"m{n}")
        second = await _next(stream)
        third = await _next(stream) if second["revision"] < sandbox.workspace.changes.revision else second

    assert first["revision"] < second["revision"] <= third["revision"] == sandbox.workspace.changes.revision


async def _next(stream):
    assert await stream.content.readline() == b"event: changed\n"
    data = await stream.content.readline()
    await stream.content.readline()
    return json.loads(data.removeprefix(b"data: "))


async def test_a_quiet_stream_is_pinged():
    async with (
        Sandbox.running(timing=Timing(ping_s=0.05)) as sandbox,
        browsing(sandbox) as browser,
        browser.session.get(browser.url + "control/changes") as stream,
    ):
        await _next(stream)
        assert await stream.content.readline() == b": ping\n"


async def test_an_open_stream_does_not_keep_the_sandbox_running():
    async with aiohttp.ClientSession() as session:
        async with Sandbox.running() as sandbox:
            stream = await session.get(sandbox.page_url + "control/changes")
            await _next(stream)
        assert b"event: changed" in await stream.content.read()


async def test_faults_and_ledger_by_the_api(sandbox, browser, client_of, raw):
    call = client_of(sandbox).api_call
    fault = {"method": "chat.postMessage", "kind": "error", "status": 502, "times": 2}
    assert await browser.post("control/faults", fault) == {"ok": True}
    assert (await call("chat.postMessage", json={"channel": "general", "text": "x"}, ok=False))["ok"] is False
    assert await browser.post("control/faults", method="DELETE") == {"ok": True}
    assert (await call("chat.postMessage", json={"channel": "general", "text": "x"}))["ok"]
    await call("pins.add", json={"channel": "general"}, ok=False)
    ledger = await browser.get("control/ledger")

    assert [(one["method"], one["args"]["text"], one["reply_dropped"]) for one in ledger["effects"]] == [
        ("chat.postMessage", "x", False)
    ]
    assert [one["error"] for one in ledger["refused"]] == ["no_item_specified"]
    assert (await browser.post("control/faults", {"kind": "gremlin"}))["error"] == "invalid_arguments"
    assert browser.status == 400
    assert await browser.post("control/events", {"duplicate": 2, "delay_s": 0.5, "reorder": True}) == {
        "ok": True, "duplicate": 2, "delay_s": 0.5, "reorder": True,
    }  # fmt: skip
    assert (await browser.post("control/events", {"drop_sockets": True}))["duplicate"] == 2
    await sandbox.until(lambda: raw.socket.closed)


async def test_the_demo_hooks_in_its_bot_scenarios_links_and_apps():
    started, killed = [], []
    story = {"name": "bad_deploy", "title": "A bad deploy", "description": "It was payments."}

    async def start(name):
        started.append(name)

    async def kill():
        killed.append("kill -9")

    hooks = SandboxHooks(
        kill_bot=kill,
        bot_status=lambda: {"running": True, "pid": 42, "restarts": len(killed), "can_kill": True},
        start_scenario=start,
        scenarios=lambda: [story],
        links=lambda: [{"label": "Postmortem", "url": "/p"}],
    )
    world = Mount("/world", PlainTextResponse("the world"))
    async with Sandbox.running(hooks=hooks, mounts=[world]) as sandbox, browsing(sandbox) as browser:
        assert await browser.get("control/scenarios") == [story]
        assert await browser.post("control/scenarios/bad_deploy") == {"ok": True}
        assert (await browser.post("control/scenarios/other"))["error"] == "unknown_scenario"
        assert (await browser.get("control/bot"))["restarts"] == 0
        assert (await browser.post("control/bot/kill"))["restarts"] == 1
        state = await browser.get("control/state")
        async with browser.session.get(browser.url + "world/anything") as response:
            assert await response.text() == "the world"

    assert (started, killed) == (["bad_deploy"], ["kill -9"])
    assert (state["scenarios"], state["links"]) == ([story], [{"label": "Postmortem", "url": "/p"}])


async def test_without_a_demo_there_is_nothing_to_start_or_kill(browser):
    assert (await browser.post("control/scenarios/x"))["error"] == "no_scenarios"
    assert (await browser.post("control/bot/kill"))["error"] == "cannot_kill"


async def test_the_page_is_served_and_nothing_beside_it(browser):
    for path, status in {"": 200, "page/index.html": 200, "page/nothing.js": 404, "page/%2e%2e/server.py": 404}.items():
        async with browser.session.get(browser.url + path) as response:
            assert (path, response.status) == (path, status)


async def test_the_sandbox_runs_alone_until_stopped():
    ready = asyncio.get_running_loop().create_future()
    running = asyncio.ensure_future(serve(0, ready.set_result, channels=[ChannelSpec("lonely", has_bot=True)]))
    sandbox = await ready

    async with aiohttp.ClientSession() as session, session.get(sandbox.page_url + "control/state") as response:
        state = await response.json()
    running.cancel()
    await asyncio.wait({running})

    assert [one["name"] for one in state["channels"]] == ["lonely"]
    assert running.cancelled()
