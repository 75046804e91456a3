"""Propose what actions.yaml allows, by command; take it back; break the glass."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import act, decide
from incident_copilot.pipeline import undo as undoing
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import click, look_at_proposal, reference_in, submission, value_of
from incident_copilot.slack.listeners.asked import Asked, attempted
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.text import to_one_person
from incident_copilot.slack.views.modals import forms
from incident_copilot.slack.views.modals.parts import filled_in

NONE = "actions.yaml has no action for this incident."


async def action(asked: Asked, incident: Incident) -> dict[str, Any]:
    """List the actions for an incident, or propose the one that was named with its values."""
    if not asked.wish.words:
        lines = act.listed(asked.deps, incident)
        return {"text": "\n".join(to_one_person(line, 300) for line in lines[:30]) or NONE}
    name, *rest = asked.wish.words
    pairs = [word.partition("=") for word in rest]
    if not all(sign and value for _, sign, value in pairs):
        return {"text": "Write values as name=value, as in `/incident action flag-off flag=new-cart`."}

    async def request(person: Person) -> Outcome:
        given = {key: value for key, _, value in pairs}
        return await act.request(asked.deps, incident.id, person, name, given)

    return await attempted(asked, request)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for Undo, Break glass and its form."""

    @app.action(named("undo"))
    async def undo(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def take_back(person: Person) -> Outcome:
            return await undoing.undo(deps, reference_in(value_of(body))[0], person)

        await click(deps, body, ack, respond, take_back)

    @app.action(named("break_glass"))
    async def ask(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        await look_at_proposal(deps, body, respond, client, forms.break_glass)

    @app.view("break_glass")
    async def broken(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        async def carry_out(person: Person) -> Outcome:
            proposal_id, version = reference_in(view["private_metadata"])
            return await decide.break_glass(deps, proposal_id, version, person, filled_in(view)["reason"])

        await submission(deps, body, ack, "reason", carry_out)
