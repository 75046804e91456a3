"""Permission: whether what people approved may still go out, asked right before it does (promise P6)."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from incident_copilot.domain.effect import Effect, Target
from incident_copilot.errors import ChatError
from incident_copilot.jobs.couriers import Courier, Outcome, Verdict, hearing_of

Withheld = Callable[[Effect], Awaitable[str | None]]
"""Called right before an effect is sent: why it may not go out any more, or None. Raises ChatError: cannot be told."""


async def nothing_withheld(_: Effect) -> str | None:
    """Let everything go out."""
    return None


class Permitted:
    """A courier that asks once more before it sends; looking up changes nothing, so it needs no permission."""

    def __init__(self, courier: Courier, withheld: Withheld) -> None:
        self._courier = courier
        self._withheld = withheld

    async def send(self, effect: Effect, target: Target) -> Outcome:
        """Send it, unless the right to do so has gone; while nobody can tell, it waits."""
        try:
            reason = await self._withheld(effect)
        except ChatError as error:
            said = f"the rights of who approved it could not be checked: {error}"
            return Outcome(verdict=Verdict.LATER, error=said, hearing=hearing_of(error))
        if reason:
            return Outcome(verdict=Verdict.REFUSED, error=reason, hearing=None)
        return await self._courier.send(effect, target)

    async def look_up(self, effect: Effect, target: Target, since: datetime) -> Outcome:
        """Look as the courier does."""
        return await self._courier.look_up(effect, target, since)

    def is_repeatable(self, effect: Effect, target: Target) -> bool:
        """Say what the courier says."""
        return self._courier.is_repeatable(effect, target)

    def patience_s(self, effect: Effect, settle_s: float) -> float:
        """Say what the courier says."""
        return self._courier.patience_s(effect, settle_s)
