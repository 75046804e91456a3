"""Publish the postmortem where the house keeps them: by command, or again by the button below where it is."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from incident_copilot.domain.content import Press
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import publish_postmortem
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import click, value_of
from incident_copilot.slack.listeners.asked import Asked, attempted
from incident_copilot.slack.listeners.buttons import named


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the click."""

    @app.action(named(Press.PUBLISH))
    async def again(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            return await publish_postmortem.publish(deps, value_of(body), person)

        await click(deps, body, ack, respond, act)


async def publish(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Publish it everywhere, or at the place whose name was typed."""
    target = asked.wish.words[0] if asked.wish.words else None

    async def act(person: Person) -> Outcome:
        return await publish_postmortem.publish(asked.deps, incident.id, person, target)

    return await attempted(asked, act)
