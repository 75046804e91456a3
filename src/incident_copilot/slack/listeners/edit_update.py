"""Edit the draft of a status update: a form with its text, and the new version when it is saved."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.person import Person
from incident_copilot.pipeline import decide
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import look_at_proposal, reference_in, submission
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.views.modals import forms
from incident_copilot.slack.views.modals.parts import filled_in


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the button and the form."""

    @app.action(named("edit"))
    async def edit(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        await look_at_proposal(deps, body, respond, client, forms.edit_update)

    @app.view("edit_update")
    async def save(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        given = filled_in(view)

        async def act(person: Person) -> Outcome:
            proposal_id, version = reference_in(view["private_metadata"])
            approve = given.get("approve") == "approve"
            return await decide.edit(deps, proposal_id, version, person, text=given["text"], approve=approve)

        await submission(deps, body, ack, "text", act)
