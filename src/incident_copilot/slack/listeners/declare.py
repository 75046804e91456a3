"""Declare an incident by a form: from the command, the global shortcut or App Home."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.incident import Severity
from incident_copilot.domain.person import Person
from incident_copilot.pipeline import declare
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import attempt, open_modal, plain, user_of
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.views.modals import forms, looks
from incident_copilot.slack.views.modals.parts import filled_in


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the shortcut, the button of App Home, and the form."""

    @app.shortcut("declare_incident")
    async def shortcut(body: dict[str, Any], ack: AsyncAck, client: AsyncWebClient) -> None:
        await ack()
        await open_form(deps, client, body)

    @app.action(named("declare"))
    async def button(body: dict[str, Any], ack: AsyncAck, client: AsyncWebClient) -> None:
        await ack()
        await open_form(deps, client, body)

    @app.view("declare")
    async def submit(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        given = filled_in(view)
        level = given.get("severity", "")

        async def act(person: Person) -> Outcome:
            return await declare.declare(
                deps,
                person,
                title=given.get("title", ""),
                severity=Severity(level) if level in set(Severity) else None,
                service=given.get("service") or None,
                summary=given.get("summary", ""),
            )

        answer = await attempt(deps, user_of(body), act)
        if answer.counts:
            await ack(response_action="update", view=looks.said("Declared", answer.text))
        else:
            await ack(response_action="errors", errors={"title": plain(answer.text)})


async def open_form(deps: Deps, client: AsyncWebClient, body: dict[str, Any], title: str = "") -> bool:
    """Open the form; False when it did not open."""
    services = [service.name for service in deps.catalog.services]
    return await open_modal(client, body, forms.declare(services, title))
