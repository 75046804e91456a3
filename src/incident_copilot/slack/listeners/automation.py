"""How far the copilot goes for services: shown by command and from App Home, raised and lowered with a reason."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.content import Press
from incident_copilot.domain.person import Person
from incident_copilot.errors import DecisionRefused, StoreUnavailable
from incident_copilot.pipeline import automation as levels
from incident_copilot.pipeline import lower_level, raise_level
from incident_copilot.pipeline.automation import Standing
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import attempt, click, look, plain, user_of, value_of
from incident_copilot.slack.listeners.asked import Asked
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.views import automation as views
from incident_copilot.slack.views.modals import looks
from incident_copilot.slack.views.modals.parts import View, filled_in

Change = Callable[[Deps, Person, str, str], Awaitable[Outcome]]
Answer = Callable[[Deps, Person, str], Awaitable[Outcome]]


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the buttons and forms."""
    _on_form(app, deps, views.RAISE, views.raising, raise_level.ask)
    _on_form(app, deps, views.LOWER, views.lowering, lower_level.lower)
    _on_answer(app, deps, Press.AGREE_LEVEL, raise_level.agree)
    _on_answer(app, deps, Press.REFUSE_LEVEL, raise_level.refuse)

    @app.action(named("automation"))
    async def show(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        try:
            found = views.look(await levels.shown(deps))
        except StoreUnavailable:
            found = None
        await look(client, body, respond, found)


async def automation(asked: Asked) -> dict[str, Any]:
    """Show how far the copilot goes for all services, or for the one that is named."""
    name = asked.wish.words[0] if asked.wish.words else None
    shown = views.listed(await levels.shown(asked.deps, name))
    return {"text": shown.text, "blocks": shown.blocks}


def _on_form(app: AsyncApp, deps: Deps, name: str, form: Callable[[Standing], View], change: Change) -> None:
    @app.action(named(name))
    async def ask(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        await look(client, body, respond, await _form(deps, value_of(body), form))

    @app.view(name)
    async def save(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        async def act(person: Person) -> Outcome:
            return await change(deps, person, view["private_metadata"], filled_in(view)["reason"])

        answer = await attempt(deps, user_of(body), act)
        if answer.counts:
            await ack(response_action="update", view=looks.said(views.TITLE, answer.text))
        else:
            await ack(response_action="errors", errors={"reason": plain(answer.text)})


def _on_answer(app: AsyncApp, deps: Deps, name: str, decide: Answer) -> None:
    @app.action(named(name))
    async def clicked(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            return await decide(deps, person, value_of(body))

        await click(deps, body, ack, respond, act)


async def _form(deps: Deps, service: str, form: Callable[[Standing], View]) -> View | None:
    try:
        [standing] = await levels.shown(deps, service)
    except (DecisionRefused, StoreUnavailable):
        return None
    return form(standing)
