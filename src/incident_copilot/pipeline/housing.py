"""Where an incident lives: in a channel of its own, or in the thread of its announcement."""

from collections.abc import Mapping

from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import (
    Bookmark,
    Effect,
    EffectState,
    Invite,
    OpenChannel,
    Pin,
    Place,
    SetTopic,
    Show,
    Target,
)
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.pipeline import ledger, operators, show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import closed_channels, effects, incidents, messages, open_effects, targets
from incident_copilot.store.db import Tx

ADORNMENTS = (Bookmark, Invite, Pin, SetTopic)
"""What only a channel of the incident's own has."""
GONE = frozenset({"channel_not_found", "is_archived", "channel_is_archived"})
NO_CHANNEL = (EffectState.FAILED, EffectState.SUPERSEDED)


async def announced(tx: Tx, deps: Deps, effect: Effect, deed: Show) -> None:
    """Have an incident that gets no channel live in the thread of its announcement, now that this is posted.

    Where it cannot be announced in its place, it is announced to the operators, so that it lives somewhere.
    """
    incident = await incidents.lock(tx, str(effect.incident_id))
    posted = await messages.newest(tx, incident.workspace_id, incident.id, "announcement")
    if effect.state is EffectState.FAILED and deed.place is Place.ANNOUNCE and posted is None:
        elsewhere = deed.model_copy(update={"place": Place.OPERATOR})
        await show.send(tx, deps, incident, elsewhere, stream=effect.stream, priority=effect.priority)
    elif effect.state is EffectState.DONE and incident.channel_id is None and not await _awaits_channel(tx, incident):
        await _live_in_thread(tx, deps, incident, effect.result)


async def channel_settled(tx: Tx, deps: Deps, effect: Effect) -> None:
    """Lead to the incident's channel; where it could not be opened, the incident lives in a thread instead."""
    incident = await incidents.lock(tx, str(effect.incident_id))
    if effect.state is EffectState.FAILED:
        await _move_to_thread(tx, deps, incident)
    await show.card(tx, deps, incident.id)


async def rehouse(deps: Deps, tx: Tx, effect: Effect, target: Target, code: str) -> bool:
    """Give an incident whose channel is gone another place; False where the effect is not its channel's, or is moot."""
    if effect.incident_id is None or targets.place_of(effect) is not Place.INCIDENT:
        return False
    incident = await incidents.lock(tx, effect.incident_id)
    if incident.channel_id != target.channel:
        return not isinstance(effect.deed, ADORNMENTS)  # it has moved meanwhile
    if incident.private:
        return False  # it must not go on where others read
    if incident.thread_ts is not None or (isinstance(effect.deed, ADORNMENTS) and code not in GONE):
        return False
    await leave(tx, deps, incident, code, f"its channel is gone ({code})")
    return not isinstance(effect.deed, ADORNMENTS)


async def leave(tx: Tx, deps: Deps, incident: Incident, code: str, why: str) -> None:
    """Have a locked incident go on elsewhere, as its channel is closed to the copilot; `why` is told in the new place.

    That is the thread of its announcement; where that is what is closed, it is announced anew where that goes now.
    """
    payload = {"channel": str(incident.channel_id), "code": code}
    await ledger.write(tx, deps, incident.id, LogKind.UNDELIVERED, "copilot", payload)
    lost = f"{incident.label} lost its channel: {code}. It goes on in the thread of its announcement."
    await operators.tell(tx, deps, f"moved:{incident.id}", lost)
    await _move_to_thread(tx, deps, incident)
    await show.card(tx, deps, incident.id)
    moved = await incidents.get(tx, incident.id)
    if moved.channel_id is None:
        await show.announcement(tx, deps, await show.card_of(tx, deps, incident.id))
    await show.notice(tx, deps, moved, "moved", f"{incident.label} goes on in this thread: {why}.", anew=True)


async def come_back(tx: Tx, deps: Deps, incident: Incident, channel: str) -> None:
    """Have a locked incident live in its channel again, and say so there and in the thread that it leaves."""
    said = Notice(text=f"{incident.label} goes on in its channel again.")
    deed = Show(place=Place.ANNOUNCE, slot="notice:back", content=said, under="announcement", anew=True)
    await show.send(tx, deps, incident, deed, stream=f"announce:{incident.id}")
    here = await incidents.save(tx, incident.model_copy(update={"channel_id": channel, "thread_ts": None}))
    await show.card(tx, deps, incident.id)
    meanwhile = f"{incident.label} goes on here again. What was said meanwhile is in the thread of its announcement."
    await show.notice(tx, deps, here, "here-again", meanwhile, anew=True)


async def needs_no_channel(tx: Tx, deps: Deps, incident_id: str) -> None:
    """Have an incident without a channel live in the thread of its announcement after all."""
    incident = await incidents.lock(tx, incident_id)
    if incident.channel_id is None:
        await _move_to_thread(tx, deps, incident)


async def incident_at(db: Tx, workspace_id: str, channel: str, thread_ts: str | None) -> Incident | None:
    """Return the incident that a channel or thread belongs to, or None; an announcement's thread is its incident's."""
    for incident in await incidents.in_channel(db, workspace_id, channel):
        if incident.thread_ts is None or incident.thread_ts == thread_ts:
            return incident
    found = await messages.find(db, workspace_id, channel, thread_ts) if thread_ts else None
    return await incidents.get(db, found[0]) if found and found[1] == "announcement" else None


async def gets_channel(tx: Tx, incident: Incident) -> bool:
    """Whether a channel was asked for and did not fail."""
    return any(state not in NO_CHANNEL for state in await _openings(tx, incident))


async def _awaits_channel(tx: Tx, incident: Incident) -> bool:
    """Whether a channel is on its way; one that was opened and is lost is not."""
    return any(state not in {*NO_CHANNEL, EffectState.DONE} for state in await _openings(tx, incident))


async def _openings(tx: Tx, incident: Incident) -> list[EffectState]:
    found = await effects.by_incident(tx, incident.id)
    return [effect.state for effect in found if isinstance(effect.deed, OpenChannel)]


async def _move_to_thread(tx: Tx, deps: Deps, incident: Incident) -> None:
    """Where it is not announced yet, it waits for that; the channel that is gone must not be written to meanwhile."""
    posted = await messages.newest(tx, incident.workspace_id, incident.id, "announcement")
    if posted and posted[0] not in await closed_channels.all_of(tx, incident.workspace_id):
        await _live_in_thread(tx, deps, incident, {"channel": posted[0], "ts": posted[1]})
    else:
        await incidents.save(tx, incident.model_copy(update={"channel_id": None, "thread_ts": None}))


async def _live_in_thread(tx: Tx, deps: Deps, incident: Incident, posted: Mapping[str, str]) -> None:
    """What only a channel of its own has would end up in a channel of all: pins, topic, guests, the card."""
    place = {"channel_id": posted["channel"], "thread_ts": posted["ts"]}
    await incidents.save(tx, incident.model_copy(update=place))
    moot = [
        effect.id
        for effect in await open_effects.unsent(tx, deps.workspace_id, incident.id)
        if isinstance(effect.deed, ADORNMENTS) or (isinstance(effect.deed, Show) and effect.deed.slot == "card")
    ]
    await open_effects.supersede(tx, moot)
