"""Targets: where an effect goes, from what is known when it is sent."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.effect import (
    Effect,
    FileTicket,
    Mail,
    OpenChannel,
    Pin,
    Place,
    Publish,
    PutDocument,
    Rewrite,
    RunAction,
    Show,
    ShowTo,
    Target,
    Upload,
    UploadTo,
)
from incident_copilot.store import closed_channels, incidents, messages, tables, team_settings


class Room(Frozen):
    """A channel, by id where it is known, else by name; for an incident in a thread also that thread."""

    channel: str
    thread_ts: str | None = None


def scope_of(effect: Effect) -> str:
    """Return whose slots the effect's messages are."""
    return effect.incident_id or messages.WORKSPACE


def place_of(effect: Effect) -> Place | None:
    """Return where the effect is shown; None where it needs no channel. All that names no place is the incident's."""
    if isinstance(effect.deed, OpenChannel | RunAction | Mail | Publish | PutDocument | FileTicket):
        return None
    return effect.deed.place if isinstance(effect.deed, Show | Upload) else Place.INCIDENT


async def room_of(db: AsyncConnection, effect: Effect, place: Place, places: Mapping[Place, str]) -> Room | None:
    """Return the channel of a place, `places` naming all but the incident's; None while the incident has none."""
    named = effect.deed.to if isinstance(effect.deed, ShowTo | UploadTo) else None
    if named:
        return Room(channel=await messages.channel_called(db, effect.workspace_id, named) or named)
    incident = tables.incidents.c.id == effect.incident_id
    row = (await db.execute(sa.select(tables.incidents.c.body).where(incident))).first()
    if place is not Place.INCIDENT:
        own = (row.body.get("channels") or {}).get(place.value) if row else None
        return Room(channel=await channel_of(db, effect.workspace_id, place, places, own))
    if row is None or row.body["channel_id"] is None:
        return None
    return Room(channel=row.body["channel_id"], thread_ts=row.body["thread_ts"])


async def channel_of(
    db: AsyncConnection, workspace_id: str, place: Place, places: Mapping[Place, str], own: str | None = None
) -> str:
    """Return the channel of a place, by id where it was reached before, else by name; `own` is that of a team.

    Where that is closed to the copilot it is the operators' channel, and for operators that of announcements.
    """
    channel = await _called(db, workspace_id, place, places, own)
    closed = await closed_channels.all_of(db, workspace_id)
    # Customers may sit in another organisation: a shared channel is the place for what is meant for them.
    is_meant_for_others = place is Place.CUSTOMER_UPDATES and closed.get(channel) == "shared"
    if channel not in closed or is_meant_for_others:
        return channel
    other = await _called(db, workspace_id, Place.ANNOUNCE if place is Place.OPERATOR else Place.OPERATOR, places)
    return channel if other in closed else other


async def _called(
    db: AsyncConnection, workspace_id: str, place: Place, places: Mapping[Place, str], own: str | None = None
) -> str:
    """What was set in the chat wins over what the copilot was started with."""
    name = own or await team_settings.channel(db, workspace_id, f"{place.value}_channel") or places[place]
    return await messages.channel_called(db, workspace_id, name) or name


async def target_of(db: AsyncConnection, effect: Effect, room: Room | None) -> Target:
    """Return channel, thread and, for what edits or pins a message, that message."""
    if room is None:
        return Target()
    deed = effect.deed
    slot = deed.slot if isinstance(deed, Pin) or (isinstance(deed, Show) and not deed.anew) else None
    under = deed.under if isinstance(deed, Show | Upload) else None
    message_ts = deed.ts if isinstance(deed, Rewrite) else await _ts(db, effect, slot, room)
    return Target(
        channel=room.channel,
        # Threads have one level: below a reply stands what is in the reply's own thread.
        thread_ts=room.thread_ts or await _ts(db, effect, under, room),
        message_ts=message_ts,
    )


async def _ts(db: AsyncConnection, effect: Effect, slot: str | None, room: Room) -> str | None:
    if slot is None:
        return None
    return await messages.ts_of(db, effect.workspace_id, scope_of(effect), slot, room.channel)


async def keep_result(
    db: AsyncConnection, effect: Effect, target: Target, result: Mapping[str, str], now: datetime
) -> None:
    """Note what a chat deed left: the message or file of a slot, or the channel of an incident."""
    deed = effect.deed
    if isinstance(deed, OpenChannel) and effect.incident_id:
        incident = await incidents.lock(db, effect.incident_id)
        await incidents.save(db, incident.model_copy(update={"channel_id": result["channel"], "thread_ts": None}))
    elif isinstance(deed, Show | Upload) and not isinstance(deed, Rewrite):
        asked_for = target.channel or ""
        channel = result.get("channel", asked_for)
        await messages.record(
            db,
            workspace_id=effect.workspace_id,
            scope=scope_of(effect),
            slot=deed.slot,
            channel=channel,
            ts=result["file"] if isinstance(deed, Upload) else result["ts"],
            alias=asked_for if channel != asked_for else None,
            now=now,
        )


async def forget(db: AsyncConnection, effect: Effect, target: Target) -> None:
    """Forget the message that an edit was for: it is gone."""
    await messages.forget(db, effect.workspace_id, target.channel or "", target.message_ts or "")


async def forget_name(db: AsyncConnection, effect: Effect, target: Target) -> bool:
    """Forget which channel a name meant: it is gone. False where the channel was not found by a name."""
    return target.channel is not None and await messages.forget_name(db, effect.workspace_id, target.channel)
