"""Merge an incident into another one, or split alerts off into one of their own, by command or by form."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import regroup
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import submission
from incident_copilot.slack.listeners.asked import Asked, attempted, show_form
from incident_copilot.slack.views.modals import forms
from incident_copilot.slack.views.modals.parts import chosen


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the form."""

    @app.view("split")
    async def submit(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        async def act(person: Person) -> Outcome:
            return await regroup.split(deps, view["private_metadata"], person, chosen(view, "alerts"))

        await submission(deps, body, ack, "alerts", act)


async def merge(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Merge an incident into the one that was named."""
    number = asked.wish.other
    if number is None:
        return {"text": "Into which one? As in `/incident merge INC-41`."}

    async def act(person: Person) -> Outcome:
        return await regroup.merge(asked.deps, incident.id, person, number)

    return await attempted(asked, act)


async def split(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Split the alerts off that were named; where none was, a form asks which."""
    if not asked.wish.words:
        kinds = await regroup.kinds(asked.deps, incident.id)
        if len(kinds) < 2:
            return {"text": f"The alerts of {incident.label} are all of one kind; name one by its fingerprint."}
        return await show_form(asked, forms.split(incident, kinds))

    async def act(person: Person) -> Outcome:
        return await regroup.split(asked.deps, incident.id, person, asked.wish.words)

    return await attempted(asked, act)
