"""Acknowledge an incident, reopen one, promote a small alert, ask for a postmortem: one click each."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from incident_copilot.domain.person import Person
from incident_copilot.pipeline import review, run
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import click, value_of
from incident_copilot.slack.listeners.buttons import named


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the clicks."""

    @app.action(named("acknowledge"))
    async def acknowledge(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            return await run.acknowledge(deps, value_of(body), person)

        await click(deps, body, ack, respond, act)

    @app.action(named("reopen"))
    async def reopen(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            return await run.reopen(deps, value_of(body), person)

        await click(deps, body, ack, respond, act)

    @app.action(named("promote"))
    async def promote(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            return await run.promote(deps, value_of(body), person)

        await click(deps, body, ack, respond, act)

    @app.action(named("postmortem"))
    async def postmortem(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            return await review.request(deps, value_of(body), person)

        await click(deps, body, ack, respond, act)
