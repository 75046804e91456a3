"""Pause all that goes out, and let it go on; by command."""

from typing import Any

from incident_copilot.domain.person import Person
from incident_copilot.pipeline import pausing
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.slack.listeners.asked import Asked, attempted


async def pause(asked: Asked) -> dict[str, Any]:
    """Hold back actions, pages, e-mails and customer updates."""

    async def act(person: Person) -> Outcome:
        return await pausing.pause(asked.deps, person, " ".join(asked.wish.words))

    return await attempted(asked, act)


async def resume(asked: Asked) -> dict[str, Any]:
    """Let them go out."""

    async def act(person: Person) -> Outcome:
        return await pausing.resume(asked.deps, person)

    return await attempted(asked, act)
