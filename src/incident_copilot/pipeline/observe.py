"""Take in what happens in the chat: stored before it is acknowledged, then noted on the incident's timeline."""

import json
from datetime import UTC, datetime
from typing import Any

from incident_copilot.domain.base import new_id
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import TimelineEntry, TimelineKind
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import people, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import deliveries, incidents, timeline
from incident_copilot.store import people as names
from incident_copilot.store.db import INGEST, Tx
from incident_copilot.store.jobs import Job

SOURCE = "slack"


async def event(deps: Deps, event_id: str, body: dict[str, Any]) -> bool:
    """Store an event of the chat and wake the work on it; False when it was stored before.

    Raises:
        StoreUnavailable: nothing was recorded, so it must not be acknowledged.
    """
    now = deps.now()
    async with deps.db.transaction(INGEST) as tx:
        text = json.dumps(body, ensure_ascii=False).replace("\\u0000", "")
        new = await deliveries.add(
            tx, workspace_id=deps.workspace_id, source=SOURCE, key=event_id[:300], body=text, now=now
        )
        if new:
            await wakeups.observe(tx, deps, event_id, _channel_of(body), now)
    return new


async def observe(deps: Deps, job: Job) -> None:
    """Note one stored event on the timeline of the incident whose channel or thread it came from."""
    async with deps.db.read() as db:
        body = json.loads(await deliveries.body_of(db, deps.workspace_id, SOURCE, job.payload["event_id"]))
    happened = body["event"]
    name = await _name(deps, _author_of(happened))
    async with job.finish(deps.db) as tx:
        incident = await _incident_of(tx, deps, happened)
        if incident is None:
            return
        if name:
            await names.remember(tx, deps.workspace_id, name[0], name[1], deps.now())
        await _note(tx, deps, incident, happened)


async def _note(tx: Tx, deps: Deps, incident: Incident, happened: dict[str, Any]) -> None:
    match happened.get("type"), happened.get("subtype"):
        case "message", None | "file_share" | "thread_broadcast" | "me_message":
            await _message(tx, deps, incident, happened)
        case "message", "message_changed":
            changed = happened["message"]
            await timeline.edit(tx, _ref(happened["channel"], changed["ts"]), str(changed.get("text", "")))
        case "message", "message_deleted":
            await timeline.delete(tx, _ref(happened["channel"], happened["deleted_ts"]))
        case "pin_added", _:
            await _pinned(tx, deps, incident, happened)
        case "pin_removed", _:
            pinned = happened["item"].get("message", {}).get("ts", "")
            await timeline.remove(tx, TimelineKind.PINNED, _ref(happened["channel_id"], pinned))


async def _message(tx: Tx, deps: Deps, incident: Incident, happened: dict[str, Any]) -> None:
    if happened.get("bot_id") or not happened.get("user"):
        return
    await timeline.add(
        tx,
        TimelineEntry(
            id=new_id(deps.now()),
            incident_id=incident.id,
            at=_time_of(happened["ts"]),
            kind=TimelineKind.MESSAGE,
            text=str(happened.get("text", "")),
            author=happened["user"],
            ref=_ref(happened["channel"], happened["ts"]),
        ),
    )


async def _pinned(tx: Tx, deps: Deps, incident: Incident, happened: dict[str, Any]) -> None:
    message = happened["item"].get("message") or {}
    if "ts" not in message:
        return
    await timeline.add(
        tx,
        TimelineEntry(
            id=new_id(deps.now()),
            incident_id=incident.id,
            at=_time_of(message["ts"]),
            kind=TimelineKind.PINNED,
            text=str(message.get("text", "")),
            author=message.get("user"),
            ref=_ref(happened["channel_id"], message["ts"]),
        ),
    )


async def _incident_of(tx: Tx, deps: Deps, happened: dict[str, Any]) -> Incident | None:
    channel = str(happened.get("channel") or happened.get("channel_id") or "")
    inner = happened.get("message") or happened.get("previous_message") or happened
    thread = inner.get("thread_ts") or happened.get("thread_ts")
    found = await incidents.in_channel(tx, deps.workspace_id, channel)
    return next((one for one in found if one.thread_ts is None or one.thread_ts == thread), None)


async def _name(deps: Deps, author: str | None) -> tuple[str, str] | None:
    if author is None:
        return None
    try:
        person = await people.known(deps, author)
    except DecisionRefused:
        return None  # the entry keeps the id; a later message brings the name
    return person.id, person.name


def _author_of(happened: dict[str, Any]) -> str | None:
    if happened.get("type") != "message" or happened.get("bot_id"):
        return None
    return happened.get("user")


def _channel_of(body: dict[str, Any]) -> str:
    happened = body.get("event", {})
    return str(happened.get("channel") or happened.get("channel_id") or "none")[:60]


def _ref(channel: str, ts: str) -> str:
    return f"{channel}:{ts}"


def _time_of(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)
