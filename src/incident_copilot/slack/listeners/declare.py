"""Declare an incident by a form: from the command, a shortcut, a message, or App Home; or join one that runs."""

from typing import Any

from pydantic import ValidationError
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.person import Person
from incident_copilot.domain.said import Said
from incident_copilot.errors import ChatError
from incident_copilot.pipeline import declare
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.declare import Declared
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.calls import call
from incident_copilot.slack.listeners.answering import attempt, open_modal, plain, user_of, value_of
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.listeners.timeline import MOST_KEPT, said_in
from incident_copilot.slack.views.modals import declare as views
from incident_copilot.slack.views.modals import looks
from incident_copilot.slack.views.modals.parts import chosen, filled_in, time_in


class Kept(Frozen):
    """What goes with the form: the message that it begins with, and whether something alike was shown already."""

    said: Said | None = None
    anyway: bool = False


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the shortcuts, the button of App Home, the form, and Join."""
    _on_wishes(app, deps)
    _on_form(app, deps)


def _on_wishes(app: AsyncApp, deps: Deps) -> None:
    @app.shortcut("declare_incident")
    async def shortcut(body: dict[str, Any], ack: AsyncAck, client: AsyncWebClient) -> None:
        await ack()
        await open_form(deps, client, body)

    @app.shortcut("declare_from_message")
    async def from_message(body: dict[str, Any], ack: AsyncAck, client: AsyncWebClient) -> None:
        await ack()
        said = said_in(body)
        said = said.model_copy(update={"text": said.text[:MOST_KEPT], "files": said.files[:2]})
        title = next(iter(said.text.splitlines()), "")[:200]
        kept = Kept(said=said).model_dump_json()
        view = views.declare(_services(deps), title, started_at=said.at, kept=kept, said=said.text)
        await open_modal(client, body, view)

    @app.action(named("declare"))
    async def button(body: dict[str, Any], ack: AsyncAck, client: AsyncWebClient) -> None:
        await ack()
        await open_form(deps, client, body)


def _on_form(app: AsyncApp, deps: Deps) -> None:
    @app.view("declare")
    async def submit(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        given, kept = _given(view), _kept(view)
        found: list[Declared] = []

        async def act(person: Person) -> Outcome:
            found.append(await _declare(deps, person, given, kept))
            return found[0]

        answer = await attempt(deps, user_of(body), act)
        if not answer.counts:
            await ack(response_action="errors", errors={"title": plain(answer.text)})
        elif found[0].incident is None:
            again = kept.model_copy(update={"anyway": True}).model_dump_json()
            await ack(response_action="update", view=views.looks_like(_services(deps), given, found[0].alike, again))
        else:
            await ack(response_action="update", view=looks.said("Declared", answer.text))

    @app.action(named("join_incident"))
    async def join(body: dict[str, Any], ack: AsyncAck, client: AsyncWebClient) -> None:
        given = _given(body["view"])
        told = "\n".join(filter(None, (given.get("title"), given.get("summary"))))

        async def act(person: Person) -> Outcome:
            return await declare.join(deps, value_of(body), person, told)

        answer = await attempt(deps, user_of(body), act)
        await ack()
        title = "Joined" if answer.counts else "Not joined"
        await _instead(client, body["view"]["id"], looks.said(title, plain(answer.text)))


async def open_form(deps: Deps, client: AsyncWebClient, body: dict[str, Any], title: str = "") -> bool:
    """Open the form; False when it did not open."""
    return await open_modal(client, body, views.declare(_services(deps), title, kept=Kept().model_dump_json()))


def _services(deps: Deps) -> list[str]:
    return [service.name for service in deps.catalog.services]


def _given(view: dict[str, Any]) -> dict[str, str]:
    return filled_in(view) | {"flags": " ".join(chosen(view, "flags"))}


def _kept(view: dict[str, Any]) -> Kept:
    try:
        return Kept.model_validate_json(view["private_metadata"])
    except ValidationError:
        return Kept()


async def _declare(deps: Deps, person: Person, given: dict[str, str], kept: Kept) -> Declared:
    level, flags = given.get("severity", ""), given["flags"].split()
    return await declare.declare(
        deps,
        person,
        title=given.get("title", ""),
        severity=Severity(level) if level in set(Severity) else None,
        service=given.get("service") or None,
        summary=given.get("summary", ""),
        private="private" in flags,
        test="test" in flags,
        started_at=time_in(given.get("started", "")),
        said=kept.said,
        unless_alike=not kept.anyway,
    )


async def _instead(client: AsyncWebClient, view_id: str, view: dict[str, Any]) -> None:
    """Show what came of it in the place of the form; it is seen in the channel in any case."""
    try:
        await call(client, "views.update", repeatable=True, view_id=view_id, view=view)
    except ChatError:
        return
