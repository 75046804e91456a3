"""Show what is known about an incident: the runbooks that fit, and what was alike before."""

from collections.abc import Sequence
from typing import Any

from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline import look_up
from incident_copilot.slack.listeners.asked import Asked
from incident_copilot.slack.text import in_lines

LONGEST_LINE, MOST_LINES = 600, 40


async def runbooks(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Show the runbooks that fit, with the reason and the first steps."""
    return _said(await look_up.runbooks(asked.deps, incident))


async def similar(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Show past incidents like this one, with what is common and how they ended."""
    return _said(await look_up.similar(asked.deps, incident))


def _said(lines: Sequence[str]) -> dict[str, Any]:
    return {"text": in_lines(lines, LONGEST_LINE, MOST_LINES)}
