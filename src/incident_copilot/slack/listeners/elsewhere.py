"""Put what an incident leaves behind elsewhere: its postmortem, its action items; typed, or by a button."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from incident_copilot.domain.content import Press
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import publish_postmortem
from incident_copilot.pipeline import tickets as action_items
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import click, value_of
from incident_copilot.slack.listeners.asked import Asked, attempted
from incident_copilot.slack.listeners.buttons import named

Step = Callable[[Deps, str, Person, str | None], Awaitable[Outcome]]


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the clicks."""
    _listen(app, deps, Press.PUBLISH, publish_postmortem.publish)
    _listen(app, deps, Press.TICKETS, action_items.file)


async def publish(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Publish the postmortem everywhere, or at the place whose name was typed."""
    return await _typed(asked, incident, publish_postmortem.publish)


async def tickets(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Open tickets at the first tracker, or at the one whose name was typed."""
    return await _typed(asked, incident, action_items.file)


def _listen(app: AsyncApp, deps: Deps, press: Press, step: Step) -> None:
    @app.action(named(press))
    async def again(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        await click(deps, body, ack, respond, lambda person: step(deps, value_of(body), person, None))


async def _typed(asked: Asked, incident: Incident, step: Step) -> dict[str, Any]:
    place = asked.wish.words[0] if asked.wish.words else None
    return await attempted(asked, lambda person: step(asked.deps, incident.id, person, place))
