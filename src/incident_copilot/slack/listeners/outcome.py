"""Say whether an action happened whose answer was lost: It worked, It did not."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from incident_copilot.domain.content import Press
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import outcomes
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import click, value_of
from incident_copilot.slack.listeners.buttons import named


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the two answers."""
    for press in (Press.WORKED, Press.DID_NOT):
        _listen(app, deps, press)


def _listen(app: AsyncApp, deps: Deps, press: Press) -> None:
    @app.action(named(press))
    async def answered(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            return await outcomes.answer(deps, value_of(body), person, happened=press is Press.WORKED)

        await click(deps, body, ack, respond, act)
