"""Say whether an action helped that could not be verified: It helped, It did not help."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from incident_copilot.domain.content import Press
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import verify_by_people
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import click, value_of
from incident_copilot.slack.listeners.buttons import named


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the two answers."""
    for press in (Press.HELPED, Press.NO_HELP):
        _listen(app, deps, press)


def _listen(app: AsyncApp, deps: Deps, press: Press) -> None:
    @app.action(named(press))
    async def answered(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            return await verify_by_people.answer(deps, value_of(body), person, helped=press is Press.HELPED)

        await click(deps, body, ack, respond, act)
