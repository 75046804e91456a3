"""Bring people in, link, snooze: by command, by form, and by the menu of the card."""

import html
from datetime import timedelta
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person
from incident_copilot.errors import StoreUnavailable, UnknownThing
from incident_copilot.pipeline import call_in, linking, note, read, run
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import GONE, click, look, submission, tell
from incident_copilot.slack.listeners.asked import Asked, attempted, show_form
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.listeners.wording import duration
from incident_copilot.slack.text import people_named
from incident_copilot.slack.views import roles, task_list
from incident_copilot.slack.views.modals import bring_in as views
from incident_copilot.slack.views.modals.parts import View, chosen, filled_in

SNOOZE = timedelta(minutes=30)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the menu of the card and the forms."""

    @app.action(named("more"))
    async def more(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        what, _, incident_id = str(body["actions"][0]["selected_option"]["value"]).partition(":")

        async def put_off(person: Person) -> Outcome:
            return await run.snooze(deps, incident_id, person, SNOOZE)

        if what == "snooze":
            await click(deps, body, ack, respond, put_off)
            return
        await ack()
        try:
            form = _form(deps, what, await read.incident(deps, incident_id))
        except (UnknownThing, StoreUnavailable):
            await tell(respond, GONE)
            return
        await look(client, body, respond, form)

    @app.view("bring_in")
    async def submit(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        given, who = filled_in(view), chosen(view, "who")

        async def act(person: Person) -> Outcome:
            team, why = given.get("team") or None, given.get("why", "")
            return await call_in.bring_in(deps, view["private_metadata"], person, who, team, why)

        await submission(deps, body, ack, "who", act)

    @app.view("note")
    async def write(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        async def act(person: Person) -> Outcome:
            return await note.note(deps, view["private_metadata"], person, filled_in(view)["text"])

        await submission(deps, body, ack, "text", act)


async def invite(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Invite whoever was named; where nobody was, a form asks."""
    who = [named[0][0] for named in map(people_named, asked.wish.words) if len(named) == 1 and named[0][1]]
    if not who:
        return await show_form(asked, views.bring_in(incident, _teams(asked.deps)))

    async def act(person: Person) -> Outcome:
        return await call_in.invite(asked.deps, incident.id, person, who)

    return await attempted(asked, act)


async def page(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Call the person or team that was named first; the rest says what for. Where none was, a form asks."""
    words = asked.wish.words
    if not words:
        return await show_form(asked, views.bring_in(incident, _teams(asked.deps)))
    who = asked.wish.person if asked.wish.person and asked.wish.person in words[0] else None
    team = None if who else call_in.team_named(asked.deps.catalog, words[0])

    async def act(person: Person) -> Outcome:
        why = " ".join(words[1:])
        name = team.name if team else None
        return await call_in.page(asked.deps, incident.id, person, team=name, who=who, why=why)

    return await attempted(asked, act)


async def link(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Link another incident, or a page."""
    address = next((word for word in asked.wish.words if "://" in word), None)
    number = asked.wish.other
    if address is None and number is None:
        return {"text": "With what? As in `/incident link INC-41`, or `/incident link https://… dashboard`."}

    async def act(person: Person) -> Outcome:
        if address is None:
            return await linking.relate(asked.deps, incident.id, person, int(number or 0))
        bare, _, words = html.unescape(address).strip("<>").partition("|")
        title = " ".join(word for word in asked.wish.words if word != address)
        return await linking.page(asked.deps, incident.id, person, bare, title or words.partition("://")[2])

    return await attempted(asked, act)


async def snooze(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Put reminders off, for half an hour unless a time was typed."""
    spans = [span for span in map(duration, asked.wish.words) if span]

    async def act(person: Person) -> Outcome:
        return await run.snooze(asked.deps, incident.id, person, spans[0] if spans else SNOOZE)

    return await attempted(asked, act)


def _form(deps: Deps, what: str, incident: Incident) -> View:
    match what:
        case "roles":
            return roles.form(incident)
        case "task":
            return task_list.form(incident)
        case "note":
            return views.note(incident)
        case _:
            return views.bring_in(incident, _teams(deps))


def _teams(deps: Deps) -> list[str]:
    return [team.name for team in deps.catalog.teams]
