"""files.getUploadURLExternal, completeUploadExternal and info."""

from incident_copilot.sandbox.conformance import check_blocks
from incident_copilot.sandbox.methods.call import Call, method
from incident_copilot.sandbox.state import posting
from incident_copilot.sandbox.state.announce import announce
from incident_copilot.sandbox.state.channels import Channel
from incident_copilot.sandbox.state.files import File
from incident_copilot.sandbox.state.users import BOT_USER_ID
from incident_copilot.sandbox.wire import Json, Refused, new_id


def _get_upload_url(call: Call) -> Json:
    length = call.number("length", 0)
    if length < 1 or not call.text("filename"):
        raise Refused("missing_argument", "length and filename are needed")
    if len(call.text("alt_txt")) > 1000:
        raise Refused("alt_txt_too_large", "alt_txt has more than 1000 characters")
    file_id = new_id("F")
    name, now = call.text("filename"), int(call.workspace.now())
    url = f"{call.workspace.base_url}/files/{file_id}/{name}"
    call.workspace.files[file_id] = File(file_id, name, length, BOT_USER_ID, now, url, call.text("alt_txt"))
    return {"upload_url": f"{call.workspace.base_url}/upload/{file_id}", "file_id": file_id}


def _complete_upload(call: Call) -> Json:
    files = [_uploaded(call, one) for one in call.objects("files", "invalid_arguments") or []]
    blocks = call.objects("blocks", "invalid_blocks")
    check_blocks(blocks or [], "message")
    targets = [call.text("channel_id")] if call.text("channel_id") else call.names("channels")
    channels = [_destination(call, target) for target in targets]
    for channel in channels:
        _share(call, files, channel, blocks or [])
    return {"files": [file.wire() for file in files]}


def _info(call: Call) -> Json:
    return {"file": _find(call, call.text("file")).wire(), "comments": [], "response_metadata": {"next_cursor": ""}}


def _uploaded(call: Call, one: Json) -> File:
    file = _find(call, str(one.get("id")))
    if file.content is None:
        raise Refused("file_not_found", f"no bytes were uploaded for {file.id}")
    file.title = str(one.get("title") or file.name)
    return file


def _destination(call: Call, target: str) -> Channel:
    channel = call.workspace.find_channel(target)
    if channel is None:
        raise Refused("channel_not_found", target)
    if not channel.has(BOT_USER_ID):
        raise Refused("not_in_channel", f"the bot is not in #{channel.name}")
    return channel


def _share(call: Call, files: list[File], channel: Channel, blocks: list[Json]) -> None:
    for file in files:
        file.channels.append(channel.id)
    thread_ts = call.text("thread_ts") or None
    wires = [file.wire() for file in files]
    text, name = call.text("initial_comment"), call.workspace.bot.name
    posting.post(
        call.workspace, channel, BOT_USER_ID, text, blocks=blocks, files=wires, bot_name=name, thread_ts=thread_ts
    )
    for file in files:
        event = {"type": "file_shared", "file_id": file.id, "file": {"id": file.id}}
        announce(call.workspace, event | {"channel_id": channel.id, "user_id": BOT_USER_ID})


def _find(call: Call, file_id: str) -> File:
    file = call.workspace.files.get(file_id)
    if file is None:
        raise Refused("file_not_found", file_id)
    return file


METHODS = (
    method("files.getUploadURLExternal", _get_upload_url, "filename length", "snippet_type alt_txt", "files:write"),
    method("files.completeUploadExternal", _complete_upload, "files",
           "channel_id channels thread_ts initial_comment blocks username icon_url icon_emoji", "files:write"),
    method("files.info", _info, "file", "cursor limit count page", "files:read", reads=True),
)  # fmt: skip
