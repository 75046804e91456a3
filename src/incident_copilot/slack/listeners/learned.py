"""Show how rules, runbooks and specialists have done, why suggestions stand in this order, and forget it."""

from typing import Any

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import forget
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.slack.listeners.asked import Asked, attempted
from incident_copilot.slack.text import in_lines
from incident_copilot.slack.views import learned as view

RESET = "reset"
LONGEST_LINE, MOST_LINES = 600, 20


async def learned(asked: Asked) -> dict[str, Any]:
    """Show what is known of each, or forget what is known of one."""
    first, *rest = [*asked.wish.words, ""]
    if first.lower() != RESET:
        shown = view.learned(await forget.learned(asked.deps))
        return {"text": shown.text, "blocks": shown.blocks}

    async def act(person: Person) -> Outcome:
        return await forget.forget(asked.deps, person, " ".join(filter(None, rest)))

    return await attempted(asked, act)


async def why(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Say why an incident's causes and proposals stand in this order."""
    return {"text": in_lines(await forget.why(asked.deps, incident), LONGEST_LINE, MOST_LINES)}
