"""Say that somebody is still on an incident that has been silent for long."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from incident_copilot.domain.content import Press
from incident_copilot.domain.person import Person
from incident_copilot.pipeline.comms import stale
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import click, value_of
from incident_copilot.slack.listeners.buttons import named


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the click."""

    @app.action(named(Press.STILL_ON_IT))
    async def still_on_it(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            incident = await stale.keep_open(deps, value_of(body), person)
            return Outcome(text=f"Noted. {incident.label} stays open.", incident=incident)

        await click(deps, body, ack, respond, act)
