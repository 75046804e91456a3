"""Decide a proposal: Approve, Reject, Did it, Not this."""

from contextlib import suppress
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Choice
from incident_copilot.errors import ChatError, StoreUnavailable, UnknownThing
from incident_copilot.pipeline import decide, read
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.calls import call
from incident_copilot.slack.listeners.answering import (
    attempt,
    click,
    message_of,
    reference_in,
    replace,
    seen_by_one,
    tell,
    user_of,
    value_of,
)
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.views.modals.decide import decide as decide_form
from incident_copilot.slack.views.proposal import for_one


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the clicks; each button is named for the choice it makes."""
    for choice in Choice:
        _listen(app, deps, choice)


def _listen(app: AsyncApp, deps: Deps, choice: Choice) -> None:
    @app.action(named(choice))
    async def decided(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        seen = seen_by_one(body)

        async def act(person: Person) -> Outcome:
            proposal_id, version = reference_in(value_of(body))
            clicked = None if seen else message_of(body)
            return await decide.vote(deps, proposal_id, version, choice, person, clicked=clicked, seen=seen)

        if seen is None:
            await click(deps, body, ack, respond, act)
            return
        answer = await attempt(deps, user_of(body), act)
        await ack()
        await _in_place(deps, body, respond, client, answer.text)


async def _in_place(deps: Deps, body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient, said: str) -> None:
    """Show to the one who saw it alone what became of it, where the buttons were."""
    try:
        shown = await read.proposal(deps, reference_in(value_of(body))[0])
    except (UnknownThing, StoreUnavailable):
        await tell(respond, said)
        return
    if body.get("view"):
        with suppress(ChatError):
            view_id = body["view"]["id"]
            await call(client, "views.update", repeatable=True, view_id=view_id, view=decide_form(shown, said))
    else:
        now_is = for_one(shown, said)
        await replace(respond, now_is.text, now_is.blocks)
