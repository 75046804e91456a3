"""/incident automation: how far the copilot goes for a service, and how people took what it proposed there."""

from typing import Any

from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import acceptance
from incident_copilot.slack.listeners.asked import Asked
from incident_copilot.slack.text import in_lines


async def automation(asked: Asked) -> dict[str, Any]:
    """Show the level of a service and its record."""
    if not asked.wish.words:
        raise DecisionRefused("Name the service, as in /incident automation checkout.")
    return {"text": in_lines(await acceptance.told(asked.deps, asked.wish.words[0]), 400, 10)}
