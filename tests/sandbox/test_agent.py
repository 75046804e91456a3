"""The sandbox as Slack for an agent: streams with tasks, status lines, sessions with Stop, suggested prompts."""

import pytest

from incident_copilot.sandbox import Sandbox
from incident_copilot.sandbox.control.view import seen_by
from incident_copilot.sandbox.hooks import SandboxHooks
from incident_copilot.sandbox.manifest import Manifest
from incident_copilot.sandbox.wire import Refused

MARKDOWN = {"type": "markdown_text", "text": "Looking. "}


@pytest.fixture
async def sandbox():
    async with Sandbox.running(speed=20) as running:
        yield running


@pytest.fixture
def call(sandbox):
    """Calls a method as the bot does, in #general where it is a member."""
    general = sandbox.channel("#general")
    general.members.append(sandbox.bot_user_id)
    api = sandbox._desk.web_api

    def make(method, **args):
        name = "channel_id" if method.startswith(("agents", "assistant")) else "channel"
        return api.answer(method, sandbox.bot_token, {name: general.id, **args}).body

    return make


@pytest.fixture
async def asked(sandbox):
    """The ts of a question."""
    return await sandbox.person("ana").say("#general", "why?")


def stream(call, asked, *chunks):
    who = {"recipient_user_id": "U0ANA", "recipient_team_id": "T0SANDBOX"}
    return call("chat.startStream", thread_ts=asked, chunks=list(chunks) or [MARKDOWN], **who)


async def test_stream_grows_to_one_message_with_its_plan_on_top(sandbox, call, asked):
    call("assistant.threads.setStatus", thread_ts=asked, status="is looking…")
    section = {"type": "section", "text": {"type": "plain_text", "text": "found"}}
    task = {"type": "task_update", "id": "1", "title": "Reading", "status": "in_progress"}

    ts = stream(call, asked, MARKDOWN, task)["ts"]
    done = {
        **task,
        "status": "complete",
        "output": "3 facts",
        "sources": [{"type": "url", "url": "https://a", "text": "a"}],
    }
    call("chat.appendStream", ts=ts, chunks=[done, {"type": "plan_update", "title": "Looked"}, {**task, "id": "2"}])
    call("chat.appendStream", ts=ts, markdown_text="Done.")
    ended = call("chat.stopStream", ts=ts, blocks=[section], metadata={"event_type": "a", "event_payload": {}})

    plan, text, last = ended["message"]["blocks"]
    assert [one["status"] for one in plan["tasks"]] == ["complete", "in_progress"]
    assert (plan["title"], text["text"], last["text"]["text"]) == ("Looked", "Looking. Done.", "found")
    assert [one.text for one in sandbox.messages("#general", asked)] == ["Looking. Done."]
    assert sandbox.workspace.agent.statuses == {}
    assert call("chat.appendStream", ts=ts, markdown_text="more")["error"] == "message_not_in_streaming_state"


@pytest.mark.parametrize(
    ("method", "args", "error"),
    [
        ("chat.startStream", {"recipient_team_id": "T"}, "missing_recipient_user_id"),
        ("chat.startStream", {"recipient_user_id": "U"}, "missing_recipient_team_id"),
        ("agents.sessions.setStatus", {"status": "busy"}, "invalid_arguments"),
        ("agents.sessions.setStatus", {"status": "active", "title": "x" * 201}, "invalid_arguments"),
        ("assistant.threads.setSuggestedPrompts", {"prompts": [{"title": "only"}]}, "invalid_arguments"),
    ],
)
async def test_what_slack_refuses_of_an_agent(call, asked, method, args, error):
    assert call(method, thread_ts=asked, **args)["error"] == error


@pytest.mark.parametrize(
    "chunk",
    [
        {"type": "task_update", "id": "1", "title": "a", "status": "done"},
        {"type": "markdown_text", "text": ""},
        {"type": "blocks", "blocks": [{"type": "alert", "text": {"type": "plain_text", "text": "a"}}]},
        {"type": "blocks", "blocks": [{"type": "section"}]},
        {"type": "poem"},
    ],
)
async def test_chunks_that_slack_does_not_know_are_refused(call, asked, chunk):
    assert stream(call, asked, chunk)["error"] == "invalid_chunks"


async def test_stream_that_only_blocks_tell_and_a_wrong_end_are_refused(call, asked):
    ts = stream(call, asked, {"type": "blocks", "blocks": [{"type": "divider"}]})["ts"]

    assert call("chat.stopStream", ts=ts, session_status="over")["error"] == "invalid_arguments"
    assert call("chat.stopStream", ts=ts)["error"] == "no_text"


async def test_stop_is_there_while_the_agent_works_and_ends_its_streams(sandbox, call, asked):
    ana, events = sandbox.person("ana"), []
    sandbox.workspace.emit = lambda kind, event: events.append(event)
    with pytest.raises(Refused, match="not_found"):
        await ana.stop("#general", asked)
    assert call("agents.sessions.setStatus", thread_ts=asked, status="processing", title="why?")["title"] == "why?"
    call("assistant.threads.setStatus", thread_ts=asked, status="is looking…")
    general = sandbox.channel("#general")
    state = seen_by(sandbox.workspace, ana.user, general, Manifest(), SandboxHooks())
    [shown] = [one["agent"] for one in state["channels"] if one["id"] == general.id]
    assert shown == {"threads": {asked: {"status": "is looking…", "can_stop": True}}, "prompts": []}
    ts = stream(call, asked)["ts"]

    await ana.stop("#general", asked)

    [stopped] = [one for one in events if one["type"] == "agent_session_stopped"]
    assert (stopped["thread_ts"], stopped["streaming_message_ts"], stopped["user"]) == (asked, [ts], "U0ANA")
    assert call("chat.stopStream", ts=ts)["error"] == "message_not_in_streaming_state"
    again = stream(call, asked)["ts"]
    call("chat.stopStream", ts=again, session_status="closed")
    assert sandbox.workspace.agent.sessions[sandbox.channel("#general").id, asked].status == "closed"


async def test_prompts_are_suggested_and_a_status_ends(sandbox, call, asked):
    prompts = [{"title": "What?", "message": "status"}]

    assert call("assistant.threads.setSuggestedPrompts", prompts=prompts)["ok"]
    call("assistant.threads.setStatus", thread_ts=asked, status="is looking…")
    call("assistant.threads.setStatus", thread_ts=asked, status="")

    assert list(sandbox.workspace.agent.prompts.values()) == [prompts]
    assert sandbox.workspace.agent.statuses == {}
