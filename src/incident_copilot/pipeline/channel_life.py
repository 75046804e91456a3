"""Follow what becomes of channels: renamed, archived, deleted, shared, closed to the copilot, and opened again."""

from collections.abc import Mapping
from enum import StrEnum

from incident_copilot.domain.effect import Place
from incident_copilot.pipeline import chosen, housing, operators
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import closed_channels, incidents, messages
from incident_copilot.store.db import CLICKS, Tx


class Closed(StrEnum):
    """Why nothing may be posted in a channel any more."""

    ARCHIVED = "archived"
    DELETED = "deleted"
    REMOVED = "removed"
    SHARED = "shared"


WHY = {
    Closed.ARCHIVED: "its channel was archived",
    Closed.DELETED: "its channel was deleted",
    Closed.REMOVED: "the copilot was removed from its channel",
    Closed.SHARED: "its channel is shared with another organisation",
}
PLACES: Mapping[Place, tuple[str, str]] = {
    Place.ANNOUNCE: ("announcements", "COPILOT_ANNOUNCE_CHANNEL"),
    Place.INTERNAL_UPDATES: ("updates for colleagues", "COPILOT_INTERNAL_UPDATES_CHANNEL"),
    Place.CUSTOMER_UPDATES: ("updates for customers", "COPILOT_CUSTOMER_UPDATES_CHANNEL"),
    Place.OPERATOR: ("what operators are told", "COPILOT_OPERATOR_CHANNEL"),
}


async def closed(deps: Deps, channel: str, why: Closed) -> None:
    """Have what goes to a channel go elsewhere: its incidents to a thread, places to the operators; said there.

    Raises:
        StoreUnavailable: nothing was recorded.
    """
    async with deps.db.transaction(CLICKS) as tx:
        here = [one for one in await incidents.in_channel(tx, deps.workspace_id, channel) if one.is_running]
        places = await _places(tx, deps, channel)
        if not (here or places) or not await closed_channels.close(tx, deps.workspace_id, channel, why, deps.now()):
            return
        for one in here:
            incident = await incidents.lock(tx, one.id)
            await housing.leave(tx, deps, incident, why.value, WHY[why])
        for place, name in places:
            what, _ = PLACES[place]
            goes_on = f"{what.capitalize()} come here until it is open to the copilot again."
            text = f"#{name}: {WHY[why].replace('its channel', 'the channel')}. {goes_on}"
            await operators.tell(tx, deps, f"channel:{place}", text)


async def opened_again(deps: Deps, channel: str, why: Closed) -> None:
    """Have what went elsewhere for this reason come back.

    Raises:
        StoreUnavailable: nothing was recorded.
    """
    async with deps.db.transaction(CLICKS) as tx:
        if not await closed_channels.open_again(tx, deps.workspace_id, channel, why):
            return
        for incident_id in await messages.scopes_of(tx, deps.workspace_id, channel, "card"):
            incident = await incidents.lock(tx, incident_id)
            if incident.is_running and incident.thread_ts is not None:
                await housing.come_back(tx, deps, incident, channel)
        for place, name in await _places(tx, deps, channel):
            what, _ = PLACES[place]
            text = f"#{name} is open to the copilot again; {what} go there."
            await operators.tell(tx, deps, f"channel:{place}", text)


async def renamed(deps: Deps, channel: str, name: str) -> None:
    """Tell operators that a place has another name; what goes there follows by the channel's id.

    Raises:
        StoreUnavailable: nothing was recorded.
    """
    async with deps.db.transaction(CLICKS) as tx:
        for place, was in await _places(tx, deps, channel):
            what, setting = PLACES[place]
            text = f"#{was} was renamed #{name}; {what} follow it. Set {setting}={name}."
            await operators.tell(tx, deps, f"channel:{place}", text)


async def _places(tx: Tx, deps: Deps, channel: str) -> list[tuple[Place, str]]:
    """Return what a channel is for, with the name by which it is set."""
    named = [(place, name) for place in deps.policy.places for name in chosen.channels(deps, place)]
    return [
        (place, name)
        for place, name in named
        if channel in (name, await messages.channel_called(tx, deps.workspace_id, name))
    ]
