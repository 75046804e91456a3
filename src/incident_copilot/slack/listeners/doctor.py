"""/incident doctor: what the copilot depends on, looked at while the person waits, and told to that person alone."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from incident_copilot.domain.finding import Finding
from incident_copilot.pipeline import people
from incident_copilot.slack.listeners.asked import Asked
from incident_copilot.slack.views import doctor as doctor_view

LOOKING = "Looking at everything I depend on; this takes up to 15 s."
NOT_HERE = "This process cannot look; run `incident-copilot doctor` where the copilot runs."


async def begin(asked: Asked) -> dict[str, Any]:
    """Say that it is being looked, which takes longer than Slack waits; what was found comes afterwards.

    Raises:
        DecisionRefused: this is for those who run the copilot.
    """
    await _require_operator(asked)
    if asked.deps.examine is None:
        return {"text": NOT_HERE}
    asked.afterwards.append(partial(_found, asked.deps.examine))
    return {"text": LOOKING}


async def _found(examine: Callable[[], Awaitable[Sequence[Finding]]]) -> dict[str, Any]:
    shown = doctor_view.findings(await examine())
    return {"text": shown.text, "blocks": shown.blocks}


async def _require_operator(asked: Asked) -> None:
    person = await people.known(asked.deps, asked.user)
    people.require_operator(person, asked.deps.catalog, "ask how I am")
