"""Outbox: sends due effects, in order within a stream, paced per channel, and never blindly twice (promise P5)."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from incident_copilot.domain.effect import (
    SETTLED_BY_PEOPLE,
    THROUGH_CHAT,
    Effect,
    EffectState,
    Place,
    Target,
)
from incident_copilot.errors import LostLease
from incident_copilot.jobs.attempt import Attempt
from incident_copilot.jobs.couriers import Hearing, Outcome, Verdict
from incident_copilot.jobs.crew import Claimed, Crew, Work
from incident_copilot.jobs.departures import EDITS, Board, Departure, is_edit, is_paced
from incident_copilot.jobs.dispatch import Couriers
from incident_copilot.jobs.reach import Away, Back, Reach, nobody_told
from incident_copilot.ports import Clock
from incident_copilot.store import effects, send_slots, targets
from incident_copilot.store.db import EFFECTS, Db, Tx
from incident_copilot.store.effects import Claim
from incident_copilot.vendors import departing

log = logging.getLogger(__name__)

Settled = Callable[[Tx, Effect], Awaitable[None]]
"""Called in the transaction that records how an effect ended: done, failed, or unknown, which people must settle."""

Rehouse = Callable[[Tx, Effect, Target, str], Awaitable[bool]]
"""Called with an effect whose channel is gone, and why; True where there is another place for it now."""

MAX_ATTEMPTS = 8
MAX_CHAT_ATTEMPTS = 10
"""For what the chat does not take while it takes everything else."""
_LOOK_BACK = timedelta(seconds=60)
SLOTS, KEPT = 8, 2
"""How many effects may be on their way at once, and how many of these places are kept for what is urgent."""


async def _nothing_more(_: Tx, __: Effect) -> None:
    return


async def _nowhere_else(_: Tx, __: Effect, ___: Target, ____: str) -> bool:
    return False


class Outbox:
    """Carries effects to the chat, approved actions, updates and pages to their plugins, and e-mails."""

    def __init__(
        self,
        db: Db,
        couriers: Couriers,
        now: Clock,
        *,
        places: Mapping[Place, str],
        settled: Settled = _nothing_more,
        rehouse: Rehouse = _nowhere_else,
        away: Away = nobody_told,
        back: Back = nobody_told,
        name: str = "outbox",
        pace_s: float = 1.0,
        settle_s: float = 60.0,
        max_sends: int = 4,
        deadline_s: float = 10.0,
        lease_s: float = 15.0,
        poll_s: float = 0.25,
    ) -> None:
        """`places` names the channels of all places but the incident's own.

        `settle_s` is how long "not found" is no proof, `max_sends` how often a message may be found lost before it has
        failed; `deadline_s` must be shorter than `lease_s`.
        """
        self._db = db
        self._now = now
        self._places = places
        self._couriers = couriers
        self._settled = settled
        self._rehouse = rehouse
        self._reach = Reach(db, now, away, back)
        self._who = f"{name}:{secrets.token_hex(4)}"
        self._pace = timedelta(seconds=pace_s)
        self._settle_s = settle_s
        self._max_sends = max_sends
        self._deadline_s = deadline_s
        self._lease = timedelta(seconds=lease_s)
        self._spare = timedelta(seconds=lease_s - deadline_s)
        self._poll_s = poll_s
        self._crew = Crew(self._who, SLOTS, self._claim, poll_s)
        db.on_commit("effects", self._crew.wake.set)

    async def run(self) -> None:
        """Send until `stop`."""
        await self._crew.run()

    async def run_due(self) -> int:
        """Send what may go now and what that makes due, then return how many; for tests and one-off commands."""
        return await self._crew.run_due()

    async def stop(self, grace_s: float = 10.0) -> None:
        """Send no more, wait for answers for `grace_s`; what is cut off then is looked up by whoever comes next."""
        await self._crew.stop(grace_s)

    async def _claim(self, free: int) -> Claimed:
        now = self._now()

        async def look(view: Tx) -> tuple[Sequence[Departure], datetime | None]:
            board = Board(view, now, self._places, self._is_repeatable, self._reach.holds)
            return await board.departures(free, KEPT), board.next_at

        departing, next_at = await self._db.look(look)
        pause_s = (next_at - now).total_seconds() if next_at else self._poll_s
        if not departing:
            return [], pause_s
        async with self._db.transaction(EFFECTS) as tx:
            started = time.monotonic()
            claimed = [(departure, await self._permit(tx, departure)) for departure in departing]
        works: list[Work] = [partial(self._carry, departure, claim, started) for departure, claim in claimed if claim]
        return works, pause_s

    async def _permit(self, tx: Tx, departure: Departure) -> Claim | None:
        now = self._now()
        outage = departure.outage
        if outage and self._reach.holds(outage) and not await self._reach.take_try(tx, outage):
            return None
        if departure.is_look_up:
            return await effects.lease(tx, departure.waiting, self._who, lease=self._lease, sent_at=None)
        effect = departure.waiting.effect
        if is_paced(effect) and self._pace:
            next_at = now + self._pace
            if not await send_slots.take(tx, effect.workspace_id, departure.turn, now, next_at):
                return None
        # What only people could settle counts as sent when it leaves, after all that is read before (jobs/attempt.py).
        sent_at = None if isinstance(effect.deed, SETTLED_BY_PEOPLE) else now
        return await effects.lease(tx, departure.waiting, self._who, lease=self._lease, sent_at=sent_at)

    async def _carry(self, departure: Departure, claim: Claim, started: float) -> None:
        if departure.is_look_up:
            await self._look_up(departure, claim)
        elif time.monotonic() - started > self._spare.total_seconds():
            # The process was stopped meanwhile: the lease could run out before the answer, and somebody else send too.
            await self._postpone(claim, 0, "the process was paused before sending")
        else:
            await self._send(departure, claim)

    async def _send(self, departure: Departure, claim: Claim) -> None:
        effect, target = claim.effect, departure.target
        courier = self._couriers.of(effect)
        attempt = Attempt(self._db, claim, self._now, self._spare)
        with departing.told_to(attempt.leaves):
            outcome = await self._attempt(attempt, courier.send(effect, target))
        claim = attempt.claim
        await self._reach.heard(effect, departure.outage, outcome)
        is_worn_out = self._is_worn_out(departure, claim, outcome)
        match outcome.verdict:
            case Verdict.LATER if not is_worn_out:
                await self._pause(departure, claim, outcome)
            case Verdict.MESSAGE_GONE:
                await self._post_anew(claim, target, outcome)
            case Verdict.CHANNEL_GONE:
                await self._address_anew(claim, target, outcome)
            case Verdict.UNKNOWN if not courier.is_repeatable(effect, target):
                await self._doubt(claim, 0, outcome)
            case Verdict.UNKNOWN if not is_worn_out:
                await self._postpone(claim, _backoff_s(claim), outcome.error)
            case _:
                await self._settle(claim, target, outcome)

    async def _look_up(self, departure: Departure, claim: Claim) -> None:
        """What is found has happened. What is not found for long has not, and is repeated or put to people."""
        effect, target = claim.effect, departure.target
        sent_at = claim.sent_at or self._now()
        courier = self._couriers.of(effect)
        attempt = Attempt(self._db, claim, self._now, self._spare)
        outcome = await self._attempt(attempt, courier.look_up(effect, target, sent_at - _LOOK_BACK))
        await self._reach.heard(effect, departure.outage, outcome)
        now = self._now()
        proof_at = claim.proof_at or sent_at + timedelta(seconds=courier.patience_s(effect, self._settle_s))
        if outcome.verdict in {Verdict.DONE, Verdict.REFUSED}:
            await self._settle(claim, target, outcome)
        elif outcome.verdict is Verdict.CHANNEL_GONE:
            await self._address_anew(claim, target, outcome)
        elif now < proof_at:
            pause_s = min(max((now - sent_at).total_seconds(), self._settle_s / 60), self._settle_s / 4)
            await self._doubt(claim, min(pause_s, (proof_at - now).total_seconds()), outcome)
        elif isinstance(effect.deed, SETTLED_BY_PEOPLE):
            await self._settle(claim, target, outcome)
        elif outcome.verdict is Verdict.UNKNOWN:
            await self._doubt(claim, self._settle_s / 4, outcome)
        elif claim.sends >= self._max_sends:
            await self._settle(claim, target, outcome)
        else:
            await self._postpone(claim, 0, outcome.error)

    async def _attempt(self, attempt: Attempt, call: Awaitable[Outcome]) -> Outcome:
        """Make one outside call; whatever goes wrong with it, it may have happened once it has left."""
        try:
            async with asyncio.timeout(self._deadline_s):
                return await call
        except TimeoutError:
            error = f"no answer in {self._deadline_s:g} s"
            return Outcome(verdict=attempt.unanswered, error=error, hearing=Hearing.SILENT)
        except asyncio.CancelledError:
            await self._cut_off(attempt)
            raise
        except LostLease:
            raise
        except Exception as error:
            effect = attempt.claim.effect
            log.exception("effect %s of incident %s broke", effect.id, effect.incident_id)
            verdict = Verdict.REFUSED if effect.attempts >= MAX_ATTEMPTS else attempt.unanswered
            return Outcome(verdict=verdict, error=f"{type(error).__name__}: {error}", hearing=None)

    async def _cut_off(self, attempt: Attempt) -> None:
        error = "the process stopped before the answer"
        if attempt.has_left:
            await self._doubt(attempt.claim, 0, Outcome(verdict=Verdict.UNKNOWN, error=error))
        else:
            await self._postpone(attempt.claim, 0, error)

    async def _settle(self, claim: Claim, target: Target, outcome: Outcome) -> None:
        state = _state_of(claim, outcome.verdict)
        error = None if state is EffectState.DONE else outcome.error
        async with self._db.transaction(EFFECTS) as tx:
            effect = await effects.settle(tx, claim, state, result=outcome.result, error=error)
            if state is EffectState.DONE:
                await targets.keep_result(tx, effect, target, outcome.result, self._now())
                await self._pace_by_id(tx, claim, target, outcome)
            await self._settled(tx, effect)
        if error:
            log.warning("effect %s of incident %s is %s: %s", effect.id, effect.incident_id, state.value, error)

    async def _pace_by_id(self, tx: Tx, claim: Claim, target: Target, outcome: Outcome) -> None:
        """The first message to a channel takes the turn of its name; the next ones wait for that of its id."""
        channel = outcome.result.get("channel")
        if channel and channel != target.channel and is_paced(claim.effect):
            next_at = (claim.sent_at or self._now()) + self._pace
            await send_slots.pause(tx, claim.effect.workspace_id, channel, next_at)

    async def _pause(self, departure: Departure, claim: Claim, outcome: Outcome) -> None:
        """Everything for the channel waits, not only this: the chat counts by channel, and edits by workspace."""
        # What nobody answers waits longer each time, so that another effect makes the next try to reach the chat.
        is_silent = outcome.hearing is Hearing.SILENT
        retry_after_s = max(outcome.retry_after_s, _backoff_s(claim) / 2) if is_silent else outcome.retry_after_s
        until = self._now() + timedelta(seconds=retry_after_s or _backoff_s(claim))
        is_limit = outcome.hearing is Hearing.THERE and claim.effect.effect_class in THROUGH_CHAT
        turn = EDITS if is_edit(claim.effect, departure.target) else departure.turn
        async with self._db.transaction(EFFECTS) as tx:
            await effects.postpone(tx, claim, until, outcome.error, turned_away=claim.sent_at is not None)
            if is_limit:
                await send_slots.pause(tx, claim.effect.workspace_id, turn, until)

    async def _post_anew(self, claim: Claim, target: Target, outcome: Outcome) -> None:
        async with self._db.transaction(EFFECTS) as tx:
            await effects.postpone(tx, claim, self._now(), outcome.error)
            await targets.forget(tx, claim.effect, target)

    async def _address_anew(self, claim: Claim, target: Target, outcome: Outcome) -> None:
        """A channel that was found by its name may have been replaced by another one of that name."""
        code = str(outcome.result.get("code", ""))
        async with self._db.transaction(EFFECTS) as tx:
            was_named = await targets.forget_name(tx, claim.effect, target)
            has_place = was_named or await self._rehouse(tx, claim.effect, target, code)
            if has_place:
                await effects.postpone(tx, claim, self._now(), outcome.error)
        if not has_place:
            await self._settle(claim, target, outcome)

    async def _postpone(self, claim: Claim, pause_s: float, error: str) -> None:
        async with self._db.transaction(EFFECTS) as tx:
            await effects.postpone(tx, claim, self._now() + timedelta(seconds=pause_s), error)

    async def _doubt(self, claim: Claim, pause_s: float, outcome: Outcome) -> None:
        now = self._now()
        settled_after_s = outcome.settled_after_s
        proof_at = None if settled_after_s is None else now + timedelta(seconds=settled_after_s)
        async with self._db.transaction(EFFECTS) as tx:
            run_at, sent_at = now + timedelta(seconds=pause_s), claim.sent_at or now
            await effects.doubt(tx, claim, run_at, outcome.error, sent_at=sent_at, proof_at=proof_at)

    def _is_repeatable(self, effect: Effect, target: Target) -> bool:
        return self._couriers.of(effect).is_repeatable(effect, target)

    def _is_worn_out(self, departure: Departure, claim: Claim, outcome: Outcome) -> bool:
        """The chat is retried for as long as it is away; what it alone does not take becomes a matter for people."""
        if claim.effect.effect_class not in THROUGH_CHAT:
            return claim.effect.attempts >= MAX_ATTEMPTS
        is_away = departure.outage is not None and self._reach.holds(departure.outage)
        return outcome.hearing is Hearing.SILENT and not is_away and claim.effect.attempts >= MAX_CHAT_ATTEMPTS


def _state_of(claim: Claim, verdict: Verdict) -> EffectState:
    if verdict is Verdict.DONE:
        return EffectState.DONE
    is_open = verdict in {Verdict.UNKNOWN, Verdict.NOT_FOUND} or (verdict is Verdict.LATER and claim.had_left)
    may_have_happened = is_open and isinstance(claim.effect.deed, SETTLED_BY_PEOPLE)
    return EffectState.UNKNOWN if may_have_happened else EffectState.FAILED


def _backoff_s(claim: Claim) -> float:
    return float(min(60, 2**claim.effect.attempts))
