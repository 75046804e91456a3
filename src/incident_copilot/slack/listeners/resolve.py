"""Resolve an incident: a form that shows the restoration check first, and over red asks once more."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.incident import Ending
from incident_copilot.domain.person import Person
from incident_copilot.errors import StoreUnavailable, UnknownThing
from incident_copilot.pipeline import read, resolve
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import attempt, look, plain, user_of, value_of
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.views.modals import forms
from incident_copilot.slack.views.modals.parts import View, filled_in


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the button and the form."""

    @app.action(named("resolve"))
    async def ask(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        await look(client, body, respond, await form(deps, value_of(body)))

    @app.view("resolve")
    async def submit(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        given = filled_in(view)
        incident_id = view["private_metadata"]

        async def act(person: Person) -> Outcome:
            return await resolve.resolve(
                deps,
                incident_id,
                person,
                ending=Ending(given["ending"]),
                note=given.get("note", ""),
                despite_red=given.get("anyway") == "anyway",
            )

        answer = await attempt(deps, user_of(body), act)
        if answer.counts:
            await ack()
        elif "anyway" in given:
            await ack(response_action="errors", errors={"anyway": plain(answer.text)})
        else:
            # It may have turned red since the form was opened: show it again as it is now.
            again = await form(deps, incident_id, refusal=plain(answer.text))
            await ack(response_action="update", view=again) if again else await ack()


async def form(deps: Deps, incident_id: str, refusal: str = "") -> View | None:
    """Return the form with the restoration check as it is now, or None when it cannot be looked at."""
    try:
        return forms.resolve(await read.incident(deps, incident_id), await resolve.check(deps, incident_id), refusal)
    except (StoreUnavailable, UnknownThing):
        return None
