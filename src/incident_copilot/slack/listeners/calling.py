"""Who is on call, and calling more people, by command."""

from typing import Any

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import escalate as escalating
from incident_copilot.pipeline import on_call
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.slack.listeners.asked import Asked, attempted
from incident_copilot.slack.text import to_one_person


async def oncall(asked: Asked) -> dict[str, Any]:
    """Say who is called first and second for each team."""
    lines = await on_call.lines(asked.deps)
    return {"text": "\n".join(to_one_person(line, 300) for line in lines[:50]) or "catalog.yaml names no team."}


async def escalate(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Call the secondary to an incident."""

    async def act(person: Person) -> Outcome:
        return await escalating.by_hand(asked.deps, incident.id, person, " ".join(asked.wish.words))

    return await attempted(asked, act)
