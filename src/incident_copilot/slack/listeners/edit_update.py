"""Edit the draft of a status update: a form with its text, and the new version when it is saved."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.person import Person
from incident_copilot.errors import DecisionRefused, StoreUnavailable, UnknownThing
from incident_copilot.pipeline import decide, read
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import GONE, look, reference_in, submission, tell, value_of
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.views.modals import forms
from incident_copilot.slack.views.modals.parts import filled_in


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the button and the form."""

    @app.action(named("edit"))
    async def edit(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        try:
            proposal_id, _ = reference_in(value_of(body))
            shown = await read.proposal(deps, proposal_id)
        except (DecisionRefused, UnknownThing, StoreUnavailable):
            await tell(respond, GONE)
            return
        await look(client, body, respond, forms.edit_update(shown.proposal))

    @app.view("edit_update")
    async def save(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        given = filled_in(view)

        async def act(person: Person) -> Outcome:
            proposal_id, version = reference_in(view["private_metadata"])
            approve = given.get("approve") == "approve"
            return await decide.edit(deps, proposal_id, version, person, text=given["text"], approve=approve)

        await submission(deps, body, ack, "text", act)
