"""Set the severity and assign the commander by a form; without arguments the commands open them."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from incident_copilot.domain.incident import Severity
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import run
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import submission
from incident_copilot.slack.views.modals.parts import filled_in


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
            return await run.assign(deps, view["private_metadata"], person, filled_in(view)["who"])

        await submission(deps, body, ack, "who", act)
