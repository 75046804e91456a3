"""Decide a proposal: Approve, Reject, Did it, Not this."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Choice
from incident_copilot.pipeline import decide
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import click, message_of, reference_in, value_of
from incident_copilot.slack.listeners.buttons import named


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the clicks; each button is named for the choice it makes."""
    for choice in Choice:
        _listen(app, deps, choice)


def _listen(app: AsyncApp, deps: Deps, choice: Choice) -> None:
    @app.action(named(choice))
    async def decided(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            proposal_id, version = reference_in(value_of(body))
            return await decide.vote(deps, proposal_id, version, choice, person, clicked=message_of(body))

        await click(deps, body, ack, respond, act)
