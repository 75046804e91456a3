"""Hand a shift over, by command or form; snooze the reminder that one has just got."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from incident_copilot.domain.person import Person
from incident_copilot.pipeline import handover, run
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import click, submission, value_of
from incident_copilot.slack.listeners.asked import Asked, attempted, show_form
from incident_copilot.slack.listeners.bring_in import SNOOZE
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.views.handover import form
from incident_copilot.slack.views.modals.parts import filled_in


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the form, and for the button of reminders."""

    @app.view("handover")
    async def submit(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        given = filled_in(view)

        async def act(person: Person) -> Outcome:
            return await handover.hand_over(deps, person, given["who"], given.get("note", ""))

        await submission(deps, body, ack, "who", act)

    @app.action(named("snooze"))
    async def snooze(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            return await run.snooze(deps, value_of(body), person, SNOOZE)

        await click(deps, body, ack, respond, act)


async def hand_over(asked: Asked) -> dict[str, Any]:
    """Hand over to whoever was named, with the other words as a note; where nobody was, a form asks."""
    who = asked.wish.person
    if who is None:
        return await show_form(asked, form())
    note = " ".join(word for word in asked.wish.words if who not in word)

    async def act(person: Person) -> Outcome:
        return await handover.hand_over(asked.deps, person, who, note)

    return await attempted(asked, act)
