"""/incident snapshot, and the button that says the same: the evidence is kept as it is now."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from incident_copilot.domain.content import Press
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.snapshots import keep
from incident_copilot.slack.listeners.answering import click, message_of, value_of
from incident_copilot.slack.listeners.asked import Asked, attempted
from incident_copilot.slack.listeners.buttons import named


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the click."""

    @app.action(named(Press.SNAPSHOT))
    async def snapshot_clicked(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            return await keep.ask(deps, value_of(body), person, here=message_of(body)[0])

        await click(deps, body, ack, respond, act)


async def snapshot(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Keep the evidence of the incident as it is now."""

    async def act(person: Person) -> Outcome:
        return await keep.ask(asked.deps, incident.id, person, here=asked.channel)

    return await attempted(asked, act)
