"""Runbooks that are stale, and what an incident taught one: shown to one person, and put before others by a click."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import learn_runbook, stale_runbooks
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import click, value_of
from incident_copilot.slack.listeners.asked import Asked
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.text import in_lines
from incident_copilot.slack.views import runbook_change

LOOKING = "Looking through the runbooks, and at what is measured now."
LONGEST_LINE, MOST_LINES = 600, 40


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the click."""

    @app.action(named("put_change"))
    async def put(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            return await learn_runbook.put(deps, *learn_runbook.reference_in(value_of(body)), person)

        await click(deps, body, ack, respond, act)


async def stale(asked: Asked) -> dict[str, Any]:
    """Say that it is being looked, which may take longer than Slack waits; what was found comes afterwards."""

    async def found() -> dict[str, Any]:
        lines = await stale_runbooks.lines(asked.deps, asked.deps.context_sources)
        return {"text": in_lines(lines, LONGEST_LINE, MOST_LINES)}

    asked.afterwards.append(found)
    return {"text": LOOKING}


async def learn(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Show what the incident would change in its runbook."""
    shown = runbook_change.change(incident.id, await learn_runbook.propose(asked.deps, incident.id))
    return {"text": shown.text, "blocks": shown.blocks}
