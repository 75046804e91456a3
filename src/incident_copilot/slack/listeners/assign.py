"""Set the severity, and say who does what in an incident, by command or form."""

from collections.abc import Sequence
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from incident_copilot.domain.incident import Duty, Incident, Severity
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import roles, run
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import submission
from incident_copilot.slack.listeners.asked import Asked, attempted, show_form
from incident_copilot.slack.text import to_one_person
from incident_copilot.slack.views.modals import forms
from incident_copilot.slack.views.modals.parts import filled_in

DUTIES = {duty.value: duty for duty in Duty} | {
    "ic": Duty.COMMANDER,
    "lead": Duty.COMMANDER,
    "communications": Duty.COMMS,
    "operations": Duty.OPS,
}


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the forms."""

    @app.view("severity")
    async def severity(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        given = filled_in(view)

        async def act(person: Person) -> Outcome:
            wanted = Severity(given["severity"])
            return await run.set_severity(deps, view["private_metadata"], person, wanted, given.get("reason", ""))

        await submission(deps, body, ack, "severity", act)

    @app.view("assign")
    async def assign(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        async def act(person: Person) -> Outcome:
            given = filled_in(view)
            return await roles.assign(deps, view["private_metadata"], person, given["who"], Duty(given["duty"]))

        await submission(deps, body, ack, "who", act)


async def assign(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Give a duty to whoever was named; where nobody was, a form asks."""
    duty = duty_in(asked.wish.words) or Duty.COMMANDER
    who = asked.user if "me" in map(str.lower, asked.wish.words) else asked.wish.person
    if who is None:
        return await show_form(asked, forms.assign(incident, duty))

    async def act(person: Person) -> Outcome:
        return await roles.assign(asked.deps, incident.id, person, who, duty)

    return await attempted(asked, act)


async def take(asked: Asked, incident: Incident, duty: Duty) -> dict[str, Any]:
    """Take a duty that nobody has."""

    async def act(person: Person) -> Outcome:
        return await roles.assign(asked.deps, incident.id, person, person.id, duty, only_if_free=True)

    return await attempted(asked, act)


async def show_roles(_asked: Asked, incident: Incident) -> dict[str, Any]:
    """Say who has which duty."""
    return {"text": "\n".join(to_one_person(line) for line in [incident.label, *roles.lines(incident)])}


def duty_in(words: Sequence[str]) -> Duty | None:
    """Return the duty that was named, by its own word or another that people use; None where none was."""
    return next((DUTIES[word.lower()] for word in words if word.lower() in DUTIES), None)
