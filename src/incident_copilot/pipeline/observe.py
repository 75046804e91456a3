"""Take in what happens in the chat: stored before it is acknowledged, then noted on the incident's timeline."""

import json
import logging
from typing import Any

from incident_copilot.domain.base import new_id
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import TimelineEntry, TimelineKind
from incident_copilot.domain.person import Person
from incident_copilot.domain.said import Said, ref_of
from incident_copilot.errors import ChatError, DecisionRefused
from incident_copilot.pipeline import chosen, heard, housing, people, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import deliveries, incidents, messages, timeline
from incident_copilot.store import people as names
from incident_copilot.store.db import INGEST, Tx
from incident_copilot.store.jobs import Job

log = logging.getLogger(__name__)

SOURCE, ONCE = "slack", "slack:once"
PIN = "pin"
REACTIONS = frozenset({"reaction_added", "reaction_removed"})
BY_PEOPLE = {None, "file_share", "thread_broadcast", "me_message"}
"""Subtypes of messages that say something; the others tell of joins, topics and the like."""


async def event(deps: Deps, event_id: str, body: dict[str, Any]) -> bool:
    """Store an event of the chat and wake the work on it; False when it was stored before.

    Raises:
        StoreUnavailable: nothing was recorded, so it must not be acknowledged.
    """
    now, key = deps.now(), event_id[:100]
    async with deps.db.transaction(INGEST) as tx:
        text = json.dumps(body, ensure_ascii=False)
        new = await deliveries.add(tx, workspace_id=deps.workspace_id, source=SOURCE, key=key, body=text, now=now)
        if new:
            await wakeups.observe(tx, deps, key, _channel_of(body.get("event", {})), now)
    return new


async def is_new(deps: Deps, event_id: str) -> bool:
    """Whether an event of which nothing is kept comes for the first time; from now on it is known.

    Raises:
        StoreUnavailable: nothing was recorded, so it must not be acknowledged.
    """
    now = deps.now()
    async with deps.db.transaction(INGEST) as tx:
        return await deliveries.add(
            tx, workspace_id=deps.workspace_id, source=ONCE, key=event_id[:100], body="", now=now
        )


async def observe(deps: Deps, job: Job) -> None:
    """Note one stored event on the timeline of the incident whose channel or thread it came from, and forget it."""
    key = job.payload["event_id"]
    async with deps.db.read() as db:
        body = json.loads(await deliveries.body_of(db, deps.workspace_id, SOURCE, key))
    happened = body["event"]
    author = await _author(deps, happened)
    marked = await _marked(deps, happened, author)
    async with job.finish(deps.db) as tx:
        # Only the timeline keeps what people say: there it can be edited, deleted and erased.
        await deliveries.forget_body(tx, deps.workspace_id, SOURCE, key)
        if marked:
            await _reacted(tx, deps, happened, marked)
        incident = await _incident_of(tx, deps, happened)
        if incident is None:
            await _followed(tx, happened)
            return
        if author and author.is_bot:
            return
        if author:
            await names.remember(tx, deps.workspace_id, author.id, author.name, deps.now())
        await _note(tx, deps, incident, happened)


async def _followed(tx: Tx, happened: dict[str, Any]) -> None:
    """Follow what becomes of a message elsewhere that somebody put on a timeline."""
    channel = _channel_of(happened)
    match happened.get("subtype"):
        case "message_changed" if happened["message"].get("subtype") == "tombstone":
            await timeline.delete(tx, ref_of(channel, happened["message"]["ts"]))
        case "message_changed":
            message = happened["message"]
            await timeline.edit(tx, ref_of(channel, message["ts"]), heard.text_of(message))
        case "message_deleted":
            await timeline.delete(tx, ref_of(channel, happened["deleted_ts"]))


async def _note(tx: Tx, deps: Deps, incident: Incident, happened: dict[str, Any]) -> None:
    channel = _channel_of(happened)
    match happened.get("type"), happened.get("subtype"):
        case "message", "message_changed":
            await _changed(tx, deps, incident, channel, happened["message"])
        case "message", "message_deleted":
            before = happened.get("previous_message") or {}
            await _deleted(tx, deps, incident, channel, {**before, "ts": happened["deleted_ts"]})
        case "message", subtype if subtype in BY_PEOPLE:
            await _said(tx, deps, incident, channel, happened)
        case "pin_added", _:
            await _pinned(tx, deps, incident, channel, _pinned_message(happened))
        case "pin_removed", _:
            await timeline.unmark(tx, ref_of(channel, _pinned_message(happened).get("ts", "")), PIN)


async def _changed(tx: Tx, deps: Deps, incident: Incident, channel: str, message: dict[str, Any]) -> None:
    if message.get("subtype") == "tombstone":  # the first message of a thread, deleted while the replies stay
        await timeline.delete(tx, ref_of(channel, message["ts"]))
    elif not await timeline.edit(tx, ref_of(channel, message["ts"]), heard.text_of(message)):
        await _said(tx, deps, incident, channel, message, edited=True)  # the edit came before the message


async def _deleted(tx: Tx, deps: Deps, incident: Incident, channel: str, message: dict[str, Any]) -> None:
    if not await timeline.delete(tx, ref_of(channel, message["ts"])):
        await _said(tx, deps, incident, channel, {**message, "text": ""}, deleted=True)


async def _said(
    tx: Tx,
    deps: Deps,
    incident: Incident,
    channel: str,
    message: dict[str, Any],
    *,
    edited: bool = False,
    deleted: bool = False,
) -> None:
    if message.get("bot_id") or not message.get("user"):
        return
    entry = _entry(deps, incident, channel, message, TimelineKind.MESSAGE)
    await timeline.add(tx, entry.model_copy(update={"edited": edited, "deleted": deleted}))


async def _pinned(tx: Tx, deps: Deps, incident: Incident, channel: str, message: dict[str, Any]) -> None:
    if "ts" not in message or await messages.find(tx, deps.workspace_id, channel, message["ts"]):
        return  # a file, or one of the copilot's own messages
    await timeline.mark(tx, _entry(deps, incident, channel, message, TimelineKind.PINNED), PIN)


async def _reacted(tx: Tx, deps: Deps, happened: dict[str, Any], marked: Said) -> None:
    """Follow a reaction that keeps a message: on the timeline of the incident in whose channel or thread it stands."""
    mark = f"reaction:{happened['user']}"
    known = await timeline.message(tx, marked.ref)
    if known:
        at: Incident | None = await incidents.get(tx, known.incident_id)
    else:
        at = await housing.incident_at(tx, deps.workspace_id, marked.channel, marked.thread_ts)
    if at is None or happened.get("reaction") != chosen.timeline_emoji(deps, at.team):
        return
    if happened["type"] == "reaction_removed":
        await timeline.unmark(tx, marked.ref, mark)
    elif not await messages.find(tx, deps.workspace_id, marked.channel, marked.ts):
        await timeline.mark(tx, entry_of(deps, at.id, marked, TimelineKind.PINNED), mark)


def _entry(deps: Deps, incident: Incident, channel: str, message: dict[str, Any], kind: TimelineKind) -> TimelineEntry:
    return entry_of(deps, incident.id, heard.said(channel, message), kind)


def entry_of(deps: Deps, incident_id: str, said: Said, kind: TimelineKind) -> TimelineEntry:
    """Return a message as an entry of an incident's timeline, at the time at which it was said."""
    return TimelineEntry(
        id=new_id(deps.now()),
        incident_id=incident_id,
        at=said.at,
        kind=kind,
        text=said.text,
        author=said.author,
        ref=said.ref,
        link=said.link,
        files=said.files,
    )


async def _incident_of(tx: Tx, deps: Deps, happened: dict[str, Any]) -> Incident | None:
    about = happened.get("message") or happened.get("previous_message") or _pinned_message(happened) or happened
    return await housing.incident_at(tx, deps.workspace_id, _channel_of(happened), about.get("thread_ts"))


async def _marked(deps: Deps, happened: dict[str, Any], by: Person | None) -> Said | None:
    """Return the message that somebody of the workspace marks by a reaction; one never heard is asked for."""
    if happened.get("type") not in REACTIONS or by is None or by.is_outsider:
        return None
    channel, ts = _channel_of(happened), str(happened["item"]["ts"])
    async with deps.db.read() as db:
        known = await timeline.message(db, ref_of(channel, ts))
    if known:
        parts = {"at": known.at, "text": known.text, "author": known.author}
        return Said(channel=channel, ts=ts, files=known.files, link=known.link, **parts)
    try:
        return await deps.chat.message(channel, ts)
    except ChatError as error:
        log.warning("a message that somebody marked was not kept: %s", error)
        return None


async def _author(deps: Deps, happened: dict[str, Any]) -> Person | None:
    """Return who said or marked it; None where nobody did, or the chat cannot say who it was just now."""
    chat_id = happened.get("user")
    if happened.get("type") not in {"message", *REACTIONS} or happened.get("bot_id") or not chat_id:
        return None
    try:
        return await people.known(deps, chat_id)
    except DecisionRefused:
        return None  # the entry keeps the id; a later message brings the name


def _pinned_message(happened: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (happened.get("item") or {}).get("message") or {}
    return found


def _channel_of(happened: dict[str, Any]) -> str:
    item = happened.get("item") or {}
    return str(happened.get("channel") or happened.get("channel_id") or item.get("channel") or "none")[:60]
