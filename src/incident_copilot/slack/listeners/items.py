"""Action items: listed, added, given, dated, done and dropped, by command, form or button."""

import re
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person
from incident_copilot.errors import DecisionRefused, StoreUnavailable, UnknownThing
from incident_copilot.pipeline import action_items, read
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import GONE, click, look, submission, tell, tell_whole, value_of
from incident_copilot.slack.listeners.asked import Asked, attempted, show_form
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.listeners.tasks import without_person
from incident_copilot.slack.views import postmortem as views
from incident_copilot.slack.views.modals import postmortem as forms
from incident_copilot.slack.views.modals.parts import filled_in

_ITEM = re.compile(r"([0-9a-f]{32}):([0-9]{1,6})")
_NUMBER = re.compile(r"#?([0-9]{1,6})")
_DAY = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]")
Do = Callable[[Deps, str, Person, int], Awaitable[Outcome]]
DEEDS: dict[str, Do] = {
    "done": action_items.done,
    "drop": action_items.drop,
    "reopen": action_items.reopen,
    "undo": action_items.reopen,
}


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the buttons of the list and the form."""
    _on(app, deps, "item_done", action_items.done)
    _on(app, deps, "item_take", _take)
    _on_form(app, deps)

    @app.action(named("pm_items"))
    async def show_them(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        try:
            shown = await _listed(deps, await read.incident(deps, value_of(body)))
        except (UnknownThing, StoreUnavailable):
            await tell(respond, GONE)
        else:
            await tell_whole(respond, shown)


def _on(app: AsyncApp, deps: Deps, button: str, do: Do) -> None:
    @app.action(named(button))
    async def clicked(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            found = _ITEM.fullmatch(value_of(body))
            if found is None:
                raise DecisionRefused(GONE)
            return await do(deps, found.group(1), person, int(found.group(2)))

        await click(deps, body, ack, respond, act)


def _on_form(app: AsyncApp, deps: Deps) -> None:
    @app.action(named("item_new"))
    async def ask(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        try:
            form = forms.item(await read.incident(deps, value_of(body)))
        except (UnknownThing, StoreUnavailable):
            form = None
        await look(client, body, respond, form)

    @app.view("item")
    async def add(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        given = filled_in(view)
        due = date.fromisoformat(given["due"]) if given.get("due") else None

        async def act(person: Person) -> Outcome:
            who, incident_id = given.get("who") or None, view["private_metadata"]
            return await action_items.add(
                deps, incident_id, person, given["text"], kind=given["kind"], assignee=who, due=due
            )

        await submission(deps, body, ack, "text", act)


async def show(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Show the action items to whoever asks, with their buttons."""
    return await _listed(asked.deps, incident)


async def item(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Do what was typed: `2 done`, `drop 2`, `2 reopen`, `2 @ben`, `2 me`, `2 2026-12-05`, or words of a new one."""
    words, person = asked.wish.words, asked.wish.person
    if not words:
        return await show_form(asked, forms.item(incident))
    number, other = _numbered(words)
    who = asked.user if other.lower() in ("me", "take") else person
    day = _day(other)
    deed = DEEDS.get(other.lower())
    if number is not None and not (deed or who or day):
        number = None

    async def act(by: Person) -> Outcome:
        if number is None:
            return await _added(asked, incident, by)
        if deed:
            return await deed(asked.deps, incident.id, by, number)
        if day:
            return await action_items.set_due(asked.deps, incident.id, by, number, day)
        return await action_items.assign(asked.deps, incident.id, by, number, str(who))

    return await attempted(asked, act)


async def _added(asked: Asked, incident: Incident, by: Person) -> Outcome:
    """Of the words of a new item a type at the beginning and a day at the end are taken as such."""
    words = list(asked.wish.words)
    due = _day(words[-1])
    kind = words[0].lower().rstrip(":")
    is_named = kind in action_items.KINDS
    rest = tuple(words[is_named : -1 if due else None])
    return await action_items.add(
        asked.deps,
        incident.id,
        by,
        without_person(rest, asked.wish.person),
        kind=kind if is_named else "process",
        assignee=asked.wish.person,
        due=due,
    )


async def _listed(deps: Deps, incident: Incident) -> dict[str, Any]:
    shown = views.items(incident, await action_items.listed(deps, incident))
    return {"text": shown.text, "blocks": shown.blocks}


async def _take(deps: Deps, incident_id: str, person: Person, number: int) -> Outcome:
    return await action_items.assign(deps, incident_id, person, number, person.id)


def _numbered(words: tuple[str, ...]) -> tuple[int | None, str]:
    """Return the item that is named first or last of two words, and the other word; "due" before a day says nothing."""
    said = [word for word in words if word.lower() != "due"] if len(words) == 3 else list(words)
    for at, other in ((0, -1), (-1, 0)):
        found = _NUMBER.fullmatch(said[at])
        if found and len(said) == 2:
            return int(found.group(1)), said[other]
    return None, ""


def _day(text: str) -> date | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
