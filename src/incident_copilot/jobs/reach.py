"""Reach: whether the chat can be reached; while it does not, one try at a time finds out when it is back."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from incident_copilot.domain.effect import THROUGH_CHAT, Effect
from incident_copilot.jobs.couriers import Hearing, Outcome
from incident_copilot.ports import Clock
from incident_copilot.store import open_effects, outages
from incident_copilot.store.db import EFFECTS, Db, Tx
from incident_copilot.store.outages import Outage

log = logging.getLogger(__name__)

Away = Callable[[Tx, Outage], Awaitable[None]]
"""Called in the transaction that records a failure, with the outage that it begins or goes on with."""

Back = Callable[[Tx, Outage], Awaitable[None]]
"""Called in the transaction that records that the chat answers again, with the outage that is over."""

TRY_EVERY = timedelta(seconds=5)
TRY_WHEN_BARRED_EVERY = timedelta(minutes=1)
PATIENCE = timedelta(seconds=10)
"""How long single failures are no outage: until then every effect is tried for itself."""


async def nobody_told(_: Tx, __: Outage) -> None:
    """Tell nobody."""


class Reach:
    """Keeps the outage of each workspace up to date with what its chat says or does not say."""

    def __init__(self, db: Db, now: Clock, away: Away = nobody_told, back: Back = nobody_told) -> None:
        self._db = db
        self._now = now
        self._away = away
        self._back = back

    def holds(self, outage: Outage) -> bool:
        """Whether it is an outage by now, in which one try at a time is made."""
        return outage.code is not None or self._now() - outage.since >= PATIENCE

    async def take_try(self, tx: Tx, outage: Outage) -> bool:
        """Take the try that is due; False when somebody else was faster."""
        now = self._now()
        return await outages.take_try(tx, outage, now, now + _pause(outage.code))

    async def heard(self, effect: Effect, outage: Outage | None, outcome: Outcome) -> None:
        """Note what an attempt says about the chat; `outage` is the one that was known when it began."""
        if effect.effect_class not in THROUGH_CHAT:
            return
        if outcome.hearing is Hearing.THERE and outage:
            await self._is_back(effect.workspace_id)
        elif outcome.hearing in {Hearing.SILENT, Hearing.BARRED}:
            await self._is_away(effect.workspace_id, outage, outcome)

    async def _is_back(self, workspace_id: str) -> None:
        async with self._db.transaction(EFFECTS) as tx:
            ended = await outages.end(tx, workspace_id)
            if ended and self.holds(ended):
                await open_effects.hurry(tx, workspace_id, self._now())
            if ended:
                await self._back(tx, ended)
        if ended and self.holds(ended):
            log.warning("the chat of %s takes messages again, after %s", workspace_id, self._now() - ended.since)

    async def _is_away(self, workspace_id: str, was: Outage | None, outcome: Outcome) -> None:
        now = self._now()
        code = outcome.result.get("code") if outcome.hearing is Hearing.BARRED else None
        async with self._db.transaction(EFFECTS) as tx:
            outage = await outages.note(
                tx, workspace_id, code=code, error=outcome.error, now=now, try_at=now + _pause(code)
            )
            await self._away(tx, outage)
        if code and (was is None or was.code != code):
            log.error("the chat of %s refuses the copilot, and all effects wait: %s", workspace_id, outcome.error)
        elif code is None and was and self.holds(outage):
            log.error("the chat of %s has not answered since %s: %s", workspace_id, outage.since, outcome.error)


def _pause(code: str | None) -> timedelta:
    return TRY_WHEN_BARRED_EVERY if code else TRY_EVERY
