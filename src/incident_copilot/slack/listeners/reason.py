"""Add the reason of a rejection: quick choices and one's own words."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.person import Person
from incident_copilot.pipeline import decide
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import look_at_proposal, submission
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.views.modals import forms
from incident_copilot.slack.views.modals.parts import filled_in


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the button and the form."""

    @app.action(named("reason"))
    async def ask(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        await look_at_proposal(deps, body, respond, client, lambda put: forms.reason(put.id, put.title))

    @app.view("reason")
    async def give(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        given = filled_in(view)
        chosen = forms.REASONS.get(given.get("choice", ""), "")
        text = ": ".join(part for part in (chosen, given.get("text", "")) if part)
        if not text:
            await ack(response_action="errors", errors={"text": "Choose a reason or write one."})
            return

        async def act(person: Person) -> Outcome:
            return await decide.give_reason(deps, view["private_metadata"], person, text)

        await submission(deps, body, ack, "text", act)
