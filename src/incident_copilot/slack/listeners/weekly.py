"""Show the digest of the last seven days to who asks."""

from typing import Any

from incident_copilot.pipeline import weekly
from incident_copilot.slack.listeners.asked import Asked
from incident_copilot.slack.views import weekly as view


async def digest(asked: Asked) -> dict[str, Any]:
    """Show how the week went and what comes back."""
    shown = view.weekly(await weekly.digest(asked.deps))
    return {"text": shown.text, "blocks": shown.blocks}
