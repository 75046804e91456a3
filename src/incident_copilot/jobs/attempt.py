"""Attempt: an effect that one process has taken up, and whether its request can have left by now."""

import time
from datetime import timedelta

from incident_copilot.errors import VendorUnavailable
from incident_copilot.jobs.couriers import Verdict
from incident_copilot.ports import Clock
from incident_copilot.store import effects
from incident_copilot.store.db import EFFECTS, Db
from incident_copilot.store.effects import Claim


class Attempt:
    """What only people could settle has left when that was noted, and not when it was taken up (promise P5)."""

    def __init__(self, db: Db, claim: Claim, now: Clock, spare: timedelta) -> None:
        """`spare` is how much longer the lease is than a call may take."""
        self.claim = claim
        self._db = db
        self._now = now
        self._spare_s = spare.total_seconds()

    @property
    def has_left(self) -> bool:
        """Whether it may have happened."""
        return self.claim.sent_at is not None

    @property
    def unanswered(self) -> Verdict:
        """What it means that no answer came: what never left is simply sent later."""
        return Verdict.UNKNOWN if self.has_left else Verdict.LATER

    async def leaves(self) -> None:
        """Note that the request leaves now, where that is not noted yet.

        Raises:
            LostLease: another process has the effect, so the request must not leave.
            VendorUnavailable: this process was paused meanwhile, and another one may take the effect over any moment.
        """
        if self.has_left:
            return
        began = time.monotonic()
        async with self._db.transaction(EFFECTS) as tx:
            self.claim = await effects.leaves(tx, self.claim, self._now())
        if time.monotonic() - began > self._spare_s:
            raise VendorUnavailable("the process was paused before sending")
