"""chat.startStream, appendStream and stopStream: a message that grows while people read it.

Tasks become one plan block above the text; blocks stand below it in the order in which they came.
"""

from incident_copilot.sandbox.conformance import check_blocks, check_message, check_metadata
from incident_copilot.sandbox.conformance.chunks import chunk_problems
from incident_copilot.sandbox.methods.call import Call, method
from incident_copilot.sandbox.state import posting
from incident_copilot.sandbox.state.agent import Session
from incident_copilot.sandbox.state.blocks import with_ids
from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.messages import Message
from incident_copilot.sandbox.state.users import BOT_USER_ID
from incident_copilot.sandbox.wire import Json, Refused

STATUSES = ("active", "processing", "suspended", "closed")


def _start(call: Call) -> Json:
    channel = call.living()
    for needed in ("recipient_user_id", "recipient_team_id"):
        if not channel.is_im and not call.text(needed):
            raise Refused(f"missing_{needed}", "a stream in a channel names whom it is for")
    parts = _parts(call)
    thread = call.text("thread_ts")
    message = posting.post(call.workspace, channel, BOT_USER_ID, "", thread_ts=thread, bot_name=call.workspace.bot.name)
    call.workspace.agent.streaming[channel.id, message.ts] = thread
    call.workspace.agent.answered(channel.id, thread)
    return _grown(call, channel, message, parts)


def _append(call: Call) -> Json:
    channel, message = _open_stream(call)
    return _grown(call, channel, message, _parts(call))


def _stop(call: Call) -> Json:
    channel, message = _open_stream(call)
    blocks = call.objects("blocks", "invalid_blocks_format") or []
    status = call.text("session_status", "active")
    if status not in STATUSES:
        raise Refused("invalid_arguments", f"session_status {status}")
    check_blocks(blocks, "message")
    check_metadata(call.json("metadata", "invalid_metadata_format") or None)
    answer = _grown(call, channel, message, [*_parts(call), {"type": "blocks", "blocks": blocks}])
    # What only blocks say, screen readers and notifications do not.
    check_message(text=message.text, blocks=message.blocks, attachments=None, markdown_text="")
    message.metadata = call.json("metadata", "invalid_metadata_format") or None
    thread = call.workspace.agent.streaming.pop((channel.id, message.ts))
    if (session := call.workspace.agent.sessions.get((channel.id, thread))) is not None:
        session.status = status
    return answer | {"message": message.wire(with_metadata=True)}


def _set_session(call: Call) -> Json:
    channel = call.living("channel_id")
    status = call.text("status")
    if status not in STATUSES:
        raise Refused("invalid_arguments", f"status {status}")
    title = call.text("title")
    if len(title) > 200:
        raise Refused("invalid_arguments", "title is longer than 200 characters")
    sessions = call.workspace.agent.sessions
    session = sessions.setdefault((channel.id, call.text("thread_ts")), Session(status, title))
    session.status = status
    call.workspace.changes.announce()
    return {"status": status, "title": session.title}


def _set_status(call: Call) -> Json:
    channel = call.living("channel_id")
    place = (channel.id, call.text("thread_ts"))
    call.workspace.agent.statuses[place] = call.text("status")
    if not call.text("status"):
        del call.workspace.agent.statuses[place]
    call.workspace.changes.announce()
    return {}


def _suggest(call: Call) -> Json:
    channel = call.living("channel_id")
    prompts = call.objects("prompts", "invalid_arguments") or []
    if not 0 < len(prompts) <= 4 or any(set(one) != {"title", "message"} for one in prompts):
        raise Refused("invalid_arguments", "one to four prompts, each with title and message")
    call.workspace.agent.prompts[channel.id] = prompts
    call.workspace.changes.announce()
    return {}


def _open_stream(call: Call) -> tuple[Channel, Message]:
    channel = call.living()
    message = channel.message(call.text("ts"))
    if (channel.id, message.ts) not in call.workspace.agent.streaming:
        raise Refused("message_not_in_streaming_state", f"{message.ts} is no open stream")
    return channel, message


def _parts(call: Call) -> list[Json]:
    chunks = call.objects("chunks", "invalid_chunks_format") or []
    problems = chunk_problems(chunks)
    if problems:
        raise Refused("invalid_chunks", "; ".join(map(str, problems)))
    text = call.text("markdown_text")
    return [*([{"type": "markdown_text", "text": text}] if text else []), *chunks]


def _grown(call: Call, channel: Channel, message: Message, parts: list[Json]) -> Json:
    """Nobody is notified: only the message changes."""
    plan = next((block for block in message.blocks if block["type"] == "plan"), None)
    rest = [block for block in message.blocks if block["type"] not in ("plan", "markdown")]
    for part in parts:
        match part["type"]:
            case "markdown_text":
                message.text += part["text"]
            case "blocks":
                rest += part["blocks"]
            case _:
                plan = _planned(plan, part)
    text = [{"type": "markdown", "text": message.text}] if message.text else []
    message.blocks = with_ids([*([plan] if plan else []), *text, *rest])
    call.workspace.changes.announce()
    return {"channel": channel.id, "ts": message.ts}


def _planned(plan: Json | None, part: Json) -> Json:
    shown: Json = plan or {"type": "plan", "title": "Working", "tasks": []}
    if part["type"] == "plan_update":
        return shown | {"title": part["title"]}
    told: Json = {name: _rich(part[name]) for name in ("details", "output") if name in part}
    task: Json = {"type": "task_card", "task_id": part["id"], "title": part["title"], "status": part["status"], **told}
    task |= {"sources": part["sources"]} if "sources" in part else {}
    tasks = {one["task_id"]: one for one in shown["tasks"]} | {part["id"]: task}
    return shown | {"tasks": list(tasks.values())}


def _rich(text: str) -> Json:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}


_FOR = "recipient_user_id recipient_team_id task_display_mode"
METHODS = (
    method("chat.startStream", _start, "channel thread_ts", f"markdown_text chunks {_FOR}", "chat:write",
           per_minute=20),
    method("chat.appendStream", _append, "channel ts", "markdown_text chunks", "chat:write", per_minute=100),
    method("chat.stopStream", _stop, "channel ts", "markdown_text chunks blocks metadata session_status",
           "chat:write", per_minute=20),
    method("agents.sessions.setStatus", _set_session, "channel_id thread_ts status", "title initiator_user_id",
           "chat:write"),
    method("assistant.threads.setStatus", _set_status, "channel_id thread_ts", "status loading_messages",
           "assistant:write", "chat:write", per_minute=600),
    method("assistant.threads.setSuggestedPrompts", _suggest, "channel_id prompts", "thread_ts title",
           "assistant:write"),
)  # fmt: skip
