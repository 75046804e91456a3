"""Messages of ours in the chat that name somebody: found by what they show now, and edited through the outbox."""

from collections.abc import Sequence
from typing import NamedTuple

from incident_copilot.domain.effect import Effect, EffectState, Place, Rewrite, Show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import effects
from incident_copilot.store.db import Tx
from incident_copilot.store.effects import OPEN
from incident_copilot.store.naming import Naming

MOST = 200
"""How many are edited at once: the chat takes few edits a minute, and incidents go on meanwhile."""
LAST = 9


class Showing(NamedTuple):
    """The messages to edit, by the effects that wrote them last; and the effects behind those that have to wait."""

    now: tuple[Effect, ...]
    later: frozenset[str]


async def showing(db: Tx, found: Sequence[Naming], most: int) -> Showing:
    """Return which messages of ours name somebody now, the newest first."""
    wrote = [await effects.get(db, one.key["id"]) for one in found if one.table == "effects"]
    last = [one for one in reversed(wrote) if _message(one) and await _is_last(db, one)]
    waiting = {_message(one) for one in last[most:]}
    return Showing(tuple(last[:most]), frozenset(one.id for one in wrote if _message(one) in waiting))


async def rewrite(tx: Tx, deps: Deps, now: Sequence[Effect]) -> int:
    """Have messages edited to what their rows say by now; return how many. What is about to be edited anyway is not."""
    edited = 0
    for one in now:
        effect, message = await effects.get(tx, one.id), _message(one)
        if not isinstance(effect.deed, Show) or message is None or await _goes_out_anew(tx, effect):
            continue
        channel, ts = message
        deed = Rewrite(place=Place.CHANNEL, to=channel, ts=ts, slot=f"erased:{ts}", content=effect.deed.content)
        await effects.enqueue(
            tx,
            workspace_id=deps.workspace_id,
            incident_id=effect.incident_id,
            # In the stream of the message, so that a newer edit is never overwritten by this one.
            stream=effect.stream,
            deed=deed,
            now=deps.now(),
            priority=LAST,
        )
        edited += 1
    return edited


def _message(effect: Effect) -> tuple[str, str] | None:
    """Return channel and ts of the message that an effect wrote; None where it wrote none."""
    is_written = isinstance(effect.deed, Show) and effect.state is EffectState.DONE and "ts" in effect.result
    return (effect.result["channel"], effect.result["ts"]) if is_written else None


async def _is_last(db: Tx, effect: Effect) -> bool:
    last = await effects.last_to_write(db, effect.workspace_id, effect.stream, effect.result["ts"])
    return last is not None and last.id == effect.id


async def _goes_out_anew(tx: Tx, effect: Effect) -> bool:
    slot = effect.deed.slot if isinstance(effect.deed, Show) else ""
    newest = await effects.latest(tx, effect.workspace_id, effect.incident_id, slot)
    return newest is not None and newest.state in OPEN
