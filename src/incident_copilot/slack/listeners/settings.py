"""Set what a team, or the workspace, wants otherwise: a form that shows what holds and where it comes from."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.person import Person
from incident_copilot.domain.team_settings import SETTINGS, WORKSPACE
from incident_copilot.errors import DecisionRefused, StoreUnavailable
from incident_copilot.pipeline import chosen
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import attempt, look, plain, user_of
from incident_copilot.slack.listeners.asked import Asked, show_form
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.views.modals import looks
from incident_copilot.slack.views.modals import settings as views
from incident_copilot.slack.views.modals.parts import filled_in


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the button of App Home and the form."""

    @app.action(named("settings"))
    async def ask(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        try:
            form = views.settings(await chosen.shown(deps))
        except StoreUnavailable:
            form = None
        await look(client, body, respond, form)

    @app.view("settings")
    async def save(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        given = filled_in(view)

        async def act(person: Person) -> Outcome:
            changed = await chosen.change(deps, person, view["private_metadata"], given)
            return Outcome(text="; ".join(changed) or "Nothing was changed.")

        answer = await attempt(deps, user_of(body), act)
        if answer.counts:
            await ack(response_action="update", view=looks.said("Settings", answer.text))
        else:
            await ack(response_action="errors", errors={_field(answer.text, given): plain(answer.text)})


async def settings(asked: Asked) -> dict[str, Any]:
    """Open the form of the workspace, or of the team that is named."""
    try:
        shown = await chosen.shown(asked.deps, " ".join(asked.wish.words) or WORKSPACE)
    except DecisionRefused as refusal:
        return {"text": plain(str(refusal))}
    return await show_form(asked, views.settings(shown))


def _field(refusal: str, given: dict[str, str]) -> str:
    """Return the input that a refusal is about: it begins with the words of the setting."""
    found = (name for name in given if refusal.startswith(f"{SETTINGS[name].words}:"))
    return next(found, next(iter(given)))
