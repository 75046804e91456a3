"""Open tickets for action items: by command, or by the button below those that are missing."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from incident_copilot.domain.content import Press
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import tickets as step
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import click, value_of
from incident_copilot.slack.listeners.asked import Asked, attempted
from incident_copilot.slack.listeners.buttons import named


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the click."""

    @app.action(named(Press.TICKETS))
    async def missing(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            return await step.file(deps, value_of(body), person)

        await click(deps, body, ack, respond, act)


async def tickets(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Open them at the first tracker, or at the one whose name was typed."""
    tracker = asked.wish.words[0] if asked.wish.words else None

    async def act(person: Person) -> Outcome:
        return await step.file(asked.deps, incident.id, person, tracker)

    return await attempted(asked, act)
