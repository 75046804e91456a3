"""What a draft or a published update is given beside a decision: draft it anew, correct it, retract it."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.person import Person
from incident_copilot.pipeline import draft_comms
from incident_copilot.pipeline.comms import amending
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import click, look_at_proposal, reference_in, submission, value_of
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.views.modals import forms
from incident_copilot.slack.views.modals.parts import filled_in


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the buttons and the form."""

    @app.action(named("redraft"))
    async def redraft(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            proposal_id, _ = reference_in(value_of(body))
            return await draft_comms.redraft(deps, proposal_id, person)

        await click(deps, body, ack, respond, act)

    @app.action(named("retract"))
    async def retract(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            proposal_id, _ = reference_in(value_of(body))
            incident = await amending.retract(deps, proposal_id, person)
            return Outcome(text="Retracted. A line says so wherever it was published.", incident=incident)

        await click(deps, body, ack, respond, act)

    @app.action(named("correct_update"))
    async def correct(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        await look_at_proposal(deps, body, respond, client, forms.correct_update)

    @app.view("correct_update")
    async def save(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        async def act(person: Person) -> Outcome:
            proposal_id, _ = reference_in(view["private_metadata"])
            incident, proposal = await amending.correct(deps, proposal_id, person, filled_in(view)["text"])
            return Outcome(text="The correction is in the channel.", incident=incident, proposal=proposal)

        await submission(deps, body, ack, "text", act)
