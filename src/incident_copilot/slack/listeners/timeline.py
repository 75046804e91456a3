"""Put notes and messages on an incident's timeline, see what is there, correct it and take it off."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person
from incident_copilot.domain.said import Said
from incident_copilot.errors import DecisionRefused, StoreUnavailable, UnknownThing
from incident_copilot.pipeline import heard, note, read
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import (
    GONE,
    attempt,
    click,
    look,
    plain,
    renew,
    submission,
    tell,
    user_of,
    value_of,
)
from incident_copilot.slack.listeners.asked import Asked, attempted, show_form
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.views.modals import timeline as views
from incident_copilot.slack.views.modals.parts import filled_in, time_in

MOST_KEPT = 1_000
"""How many characters of a message go with a form; the timeline of its channel has the whole."""


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the shortcut on a message, the buttons that correct and remove, and the forms."""
    _on_messages(app, deps)
    _on_entries(app, deps)


def _on_messages(app: AsyncApp, deps: Deps) -> None:
    @app.shortcut("add_to_timeline")
    async def shortcut(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        said = said_in(body)
        home = await note.home_of(deps, said)
        if home is None:
            await ack()
            await _ask_which(deps, client, body, respond, said)
            return

        async def act(person: Person) -> Outcome:
            return await note.keep(deps, home.id, person, said)

        await click(deps, body, ack, respond, act)

    @app.view("keep_message")
    async def keep(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        async def act(person: Person) -> Outcome:
            try:
                said = Said.model_validate_json(view["private_metadata"])
            except ValidationError as error:
                raise DecisionRefused(GONE) from error
            return await note.keep(deps, filled_in(view)["incident"], person, said)

        await submission(deps, body, ack, "incident", act)


def _on_entries(app: AsyncApp, deps: Deps) -> None:
    @app.action(named("correct_entry"))
    async def ask(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        try:
            entry = await note.entry(deps, value_of(body))
        except (UnknownThing, StoreUnavailable):
            await tell(respond, GONE)
            return
        await look(client, body, respond, views.correct(entry))

    @app.action(named("remove_entry"))
    async def remove(body: dict[str, Any], ack: AsyncAck, client: AsyncWebClient) -> None:
        async def act(person: Person) -> Outcome:
            return await note.remove(deps, value_of(body), person)

        answer = await attempt(deps, user_of(body), act)
        await ack()
        with suppress(UnknownThing, StoreUnavailable):
            entry = await note.entry(deps, value_of(body))
            incident = await read.incident(deps, entry.incident_id)
            entries = await note.put_there(deps, incident.id)
            await renew(client, body, views.put_there(incident, entries, answer.text))

    @app.view("correct_entry")
    async def correct(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        given = filled_in(view)

        async def act(person: Person) -> Outcome:
            at = time_in(given.get("at", "")) or datetime.fromtimestamp(0, UTC)
            return await note.correct(deps, view["private_metadata"], person, given.get("text", ""), at)

        answer = await attempt(deps, user_of(body), act)
        if answer.counts:
            await ack(response_action="clear")
        else:
            await ack(response_action="errors", errors={"text": plain(answer.text)})


async def add(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Put on the timeline what was typed."""

    async def act(person: Person) -> Outcome:
        return await note.note(asked.deps, incident.id, person, " ".join(asked.wish.words))

    return await attempted(asked, act)


async def show(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Show what people put on the timeline."""
    return await show_form(asked, views.put_there(incident, await note.put_there(asked.deps, incident.id)))


def said_in(body: dict[str, Any]) -> Said:
    """Return the message that a shortcut was used on, with the address it has in the workspace."""
    channel, message = str(body["channel"]["id"]), body["message"]
    ts, domain = str(message["ts"]), (body.get("team") or {}).get("domain")
    link = f"https://{domain}.slack.com/archives/{channel}/p{ts.replace('.', '')}" if domain else None
    thread = message.get("thread_ts")
    if link and thread and thread != ts:
        link = f"{link}?thread_ts={thread}&cid={channel}"
    return heard.said(channel, message, link)


async def _ask_which(
    deps: Deps, client: AsyncWebClient, body: dict[str, Any], respond: AsyncRespond, said: Said
) -> None:
    running = await read.running(deps)
    if not running:
        await tell(respond, "No incident is running that it could belong to.")
        return
    kept = said.model_copy(update={"text": said.text[:MOST_KEPT], "files": said.files[:2]}).model_dump_json()
    await look(client, body, respond, views.which(running, kept))
