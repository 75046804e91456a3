"""Say of an action what only people can: whether it happened, its answer being lost; whether it helped, unverified."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from incident_copilot.domain.content import Press
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import outcomes, verify_by_people
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import click, value_of
from incident_copilot.slack.listeners.buttons import named

Answer = Callable[[Deps, str, Person], Awaitable[Outcome]]
ANSWERS: Mapping[Press, Answer] = {
    Press.WORKED: partial(outcomes.answer, happened=True),
    Press.DID_NOT: partial(outcomes.answer, happened=False),
    Press.HELPED: partial(verify_by_people.answer, helped=True),
    Press.NO_HELP: partial(verify_by_people.answer, helped=False),
}


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the answers."""
    for press, answer in ANSWERS.items():
        _listen(app, deps, press, answer)


def _listen(app: AsyncApp, deps: Deps, press: Press, answer: Answer) -> None:
    @app.action(named(press))
    async def answered(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            return await answer(deps, value_of(body), person)

        await click(deps, body, ack, respond, act)
