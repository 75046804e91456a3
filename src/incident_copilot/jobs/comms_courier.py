"""To the channels of copilot.yaml: an approved update is published, corrected or retracted, and never blindly twice."""

from collections.abc import Mapping
from datetime import datetime

from incident_copilot.domain.effect import Effect, Publish, Target
from incident_copilot.domain.update import Act
from incident_copilot.jobs.couriers import Outcome, Verdict, at_vendor, looked_for
from incident_copilot.ports import CommsChannel, Receipt


class CommsCourier:
    """To a channel's plugin."""

    def __init__(self, channels: Mapping[str, CommsChannel]) -> None:
        self._channels = channels

    async def send(self, effect: Effect, target: Target) -> Outcome:  # noqa: ARG002 -- Courier's signature
        """Do with the update what the deed says."""
        deed = _deed(effect)
        channel = self._channels.get(deed.channel)
        if channel is None:
            return Outcome(verdict=Verdict.REFUSED, error=f"copilot.yaml has no channel {deed.channel} any more")
        return await at_vendor(_do(channel, deed))

    async def look_up(self, effect: Effect, target: Target, since: datetime) -> Outcome:  # noqa: ARG002 -- Courier's signature
        """Ask the channel whether the update is there."""
        deed = _deed(effect)
        channel = self._channels.get(deed.channel)
        looking = channel.find(deed.update, since) if channel else None
        return await looked_for(looking, "nobody could see whether it is there")

    def is_repeatable(self, effect: Effect, target: Target) -> bool:  # noqa: ARG002 -- Courier's signature
        """What changes an update that is out says the same twice; a new one only where its key makes it one."""
        deed = _deed(effect)
        channel = self._channels.get(deed.channel)
        return channel is not None and (deed.act is not Act.PUBLISH or channel.retry == "keyed")

    def patience_s(self, effect: Effect, settle_s: float) -> float:
        """Where looking is of no use, people are asked at once."""
        channel = self._channels.get(_deed(effect).channel)
        return settle_s if channel and channel.retry == "read_back" else 0


async def _do(channel: CommsChannel, deed: Publish) -> Receipt:
    if deed.act is Act.PUBLISH:
        return await channel.publish(deed.update)
    return await (channel.correct(deed.update) if deed.act is Act.CORRECT else channel.retract(deed.update))


def _deed(effect: Effect) -> Publish:
    return Publish.model_validate(effect.deed.model_dump())
