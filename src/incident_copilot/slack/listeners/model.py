"""What people do about the model's investigation: Stop it, or Show why it says what it says."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.content import Press
from incident_copilot.domain.person import Person
from incident_copilot.errors import StoreUnavailable
from incident_copilot.pipeline import investigate_by_model, read
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import click, look, value_of
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.views.modals import reasoning
from incident_copilot.slack.views.modals.parts import View


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the two clicks."""

    @app.action(named(Press.STOP_MODEL))
    async def stop(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            return await investigate_by_model.stop(deps, value_of(body), person)

        await click(deps, body, ack, respond, act)

    @app.action(named(Press.REASONING))
    async def show(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        await look(client, body, respond, await _view(deps, value_of(body)))


async def _view(deps: Deps, investigation_id: str) -> View | None:
    try:
        held = await read.investigation(deps, investigation_id)
    except StoreUnavailable:
        return None
    return reasoning.reasoning(held) if held else None
