"""Departures: which due effects may go out now, where to, and when the next ones may."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from incident_copilot.domain.effect import THROUGH_CHAT, Effect, Place, Show, ShowTo, Target, Upload, UploadTo
from incident_copilot.store import due_effects, outages, send_slots, switches, targets
from incident_copilot.store.db import Tx
from incident_copilot.store.due_effects import Spot
from incident_copilot.store.effects import Waiting
from incident_copilot.store.outages import Outage
from incident_copilot.store.targets import Room

_PAGE = 50
EDITS = "*edit"
"""What all edits wait for together: the chat limits them by workspace, and new messages by channel."""
URGENT = 3
"""Priorities up to this one find a slot however much else is on its way: decisions, P0 and P1, first messages."""


@dataclass(frozen=True)
class Departure:
    """An effect that may go out; `is_look_up` where it has to be found out first whether it did already.

    `outage` is that of its chat; where it holds, this is the one try that finds out whether it is over.
    """

    waiting: Waiting
    target: Target
    turn: str
    is_look_up: bool
    outage: Outage | None = None


@dataclass
class Board:
    """One look at the outbox, in one read transaction."""

    view: Tx
    now: datetime
    places: Mapping[Place, str]
    is_repeatable: Callable[[Effect, Target], bool]
    holds: Callable[[Outage], bool]
    next_at: datetime | None = None
    _outages: dict[str, Outage] = field(default_factory=dict)
    _away: set[str] = field(default_factory=set)
    _paused: set[str] = field(default_factory=set)
    _free_at: dict[str, dict[str, datetime]] = field(default_factory=dict)
    _rooms: dict[tuple[str | None, Place, str | None], Room | None] = field(default_factory=dict)
    _closed: set[Spot] = field(default_factory=set)
    _taken: set[tuple[str, str]] = field(default_factory=set)

    async def departures(self, limit: int, kept: int = 0) -> list[Departure]:
        """Return up to `limit`, `kept` of them only urgent, at most one for each channel.

        `next_at` then says when there may be more.
        """
        self.next_at = await due_effects.next_due(self.view, self.now)
        self._outages = await outages.current(self.view)
        self._paused = await switches.paused(self.view)
        self._leave_out_who_is_away()
        found: list[Departure] = []
        page = await self._page(None)
        while page:
            for waiting in page:
                if len(found) >= (limit if waiting.effect.priority <= URGENT else limit - kept):
                    return found
                departure = await self._departure(waiting)
                if departure:
                    found.append(departure)
            page = await self._page(page[-1]) if len(page) == _PAGE else []
        return found

    def _leave_out_who_is_away(self) -> None:
        for outage in self._outages.values():
            if self.holds(outage) and outage.try_at > self.now:
                self._away.add(outage.workspace_id)
                self.next_at = min(outage.try_at, self.next_at or outage.try_at)

    async def _page(self, after: Waiting | None) -> list[Waiting]:
        closed, away, paused = self._closed, self._away, self._paused
        return await due_effects.due(self.view, self.now, _PAGE, after=after, closed=closed, away=away, paused=paused)

    async def _departure(self, waiting: Waiting) -> Departure | None:
        effect = waiting.effect
        if effect.effect_class not in THROUGH_CHAT:
            here = Target()
            is_look_up = self._is_look_up(waiting, here)
            return Departure(waiting=waiting, target=here, turn=turn_of(effect, None), is_look_up=is_look_up)
        if effect.workspace_id in self._away:
            return None
        outage = self._outages.get(effect.workspace_id)
        departure = await self._chat_departure(waiting, outage)
        if departure and outage and self.holds(outage):
            self._away.add(effect.workspace_id)  # one try is enough
        return departure

    async def _chat_departure(self, waiting: Waiting, outage: Outage | None) -> Departure | None:
        effect, place = waiting.effect, targets.place_of(waiting.effect)
        room = await self._room(effect, place) if place else None
        if place and room is None:
            self._close(effect)
            return None  # its incident has no channel yet
        turn = turn_of(effect, room)
        if waiting.sent_at is not None:
            target = await targets.target_of(self.view, effect, room)
            if self._is_look_up(waiting, target):
                return Departure(waiting=waiting, target=target, turn=turn, is_look_up=True, outage=outage)
        if not await self._is_free(effect.workspace_id, turn):
            self._close(effect)
            return None
        target = await targets.target_of(self.view, effect, room)
        if is_edit(effect, target) and not await self._is_free(effect.workspace_id, EDITS):
            return None
        self._take(effect, turn)
        return Departure(waiting=waiting, target=target, turn=turn, is_look_up=False, outage=outage)

    def _is_look_up(self, waiting: Waiting, target: Target) -> bool:
        return waiting.sent_at is not None and not self.is_repeatable(waiting.effect, target)

    async def _room(self, effect: Effect, place: Place) -> Room | None:
        named = effect.deed.to if isinstance(effect.deed, ShowTo | UploadTo) else None
        key = (effect.incident_id if place is Place.INCIDENT else effect.workspace_id, place, named)
        if key not in self._rooms:
            self._rooms[key] = await targets.room_of(self.view, effect, place, self.places)
        return self._rooms[key]

    async def _is_free(self, workspace_id: str, turn: str) -> bool:
        if workspace_id not in self._free_at:
            self._free_at[workspace_id] = await send_slots.free_at(self.view, workspace_id)
        free_at = self._free_at[workspace_id].get(turn, self.now)
        if free_at > self.now:
            self.next_at = min(free_at, self.next_at or free_at)
        return free_at <= self.now and (workspace_id, turn) not in self._taken

    def _close(self, effect: Effect) -> None:
        """Leave out of the next pages what can only wait, so that a storm in one channel hides no other."""
        if isinstance(effect.deed, Show | Upload) and not isinstance(effect.deed, ShowTo | UploadTo):
            place = effect.deed.place
            owner = effect.incident_id if place is Place.INCIDENT else None
            self._closed.add(Spot(workspace_id=effect.workspace_id, place=place, incident_id=owner))

    def _take(self, effect: Effect, turn: str) -> None:
        if is_paced(effect):
            self._taken.add((effect.workspace_id, turn))


def turn_of(effect: Effect, room: Room | None) -> str:
    """Return what an effect waits its turn for: its channel for a message, else the kind of call."""
    return room.channel if room and is_paced(effect) else f"*{effect.deed.do}"


def is_edit(effect: Effect, target: Target) -> bool:
    """Whether it changes a message that is there."""
    return isinstance(effect.deed, Show) and target.message_ts is not None


def is_paced(effect: Effect) -> bool:
    """Messages are limited to about one a second in a channel, edits too; other calls only when the chat says so."""
    return isinstance(effect.deed, Show | Upload)
