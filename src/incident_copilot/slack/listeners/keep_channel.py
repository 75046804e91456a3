"""Keep an incident's channel that would be archived."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from incident_copilot.domain.person import Person
from incident_copilot.pipeline import archiving
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import click, value_of
from incident_copilot.slack.listeners.buttons import named


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the click."""

    @app.action(named("keep_channel"))
    async def keep(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            return await archiving.keep(deps, value_of(body), person)

        await click(deps, body, ack, respond, act)
