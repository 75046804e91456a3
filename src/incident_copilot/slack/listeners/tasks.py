"""Tasks: added by command or form, taken, given and done by command or button."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person
from incident_copilot.errors import DecisionRefused, StoreUnavailable, UnknownThing
from incident_copilot.pipeline import read, tasks
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import GONE, click, look, submission, value_of
from incident_copilot.slack.listeners.asked import Asked, attempted, show_form
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.text import people_named
from incident_copilot.slack.views import task_list
from incident_copilot.slack.views.modals.parts import filled_in

_TASK = re.compile(r"([0-9a-f]{32}):([0-9]{1,6})")
_NUMBER = re.compile(r"#?([0-9]{1,6})")
Do = Callable[[Deps, str, Person, int], Awaitable[Outcome]]


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the buttons of the list and the form."""

    def on(button: str, do: Do) -> None:
        @app.action(named(button))
        async def clicked(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
            async def act(person: Person) -> Outcome:
                found = _TASK.fullmatch(value_of(body))
                if found is None:
                    raise DecisionRefused(GONE)
                return await do(deps, found.group(1), person, int(found.group(2)))

            await click(deps, body, ack, respond, act)

    on("task_done", tasks.done)
    on("task_take", _take)

    @app.action(named("task_new"))
    async def ask(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        try:
            form = task_list.form(await read.incident(deps, value_of(body)))
        except (UnknownThing, StoreUnavailable):
            form = None
        await look(client, body, respond, form)

    @app.view("task")
    async def add(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        given = filled_in(view)

        async def act(person: Person) -> Outcome:
            return await tasks.add(deps, view["private_metadata"], person, given["text"], given.get("who") or None)

        await submission(deps, body, ack, "text", act)


async def task(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Do what was typed: `done 2`, `2 done`, `reopen 2`, `2 @ben`, `2 me`, or the words of a new task."""
    words, person = asked.wish.words, asked.wish.person
    if not words:
        return await show_form(asked, task_list.form(incident))
    number, other = _numbered(words)
    deed = DEEDS.get(other.lower()) if number is not None else None
    who = asked.user if other.lower() == "me" else person
    if number is not None and deed is None and who is None:
        number = None  # "5 pods are stuck" is a task

    async def act(by: Person) -> Outcome:
        if number is None:
            return await tasks.add(asked.deps, incident.id, by, without_person(words, person), person)
        if deed:
            return await deed(asked.deps, incident.id, by, number)
        return await tasks.assign(asked.deps, incident.id, by, number, str(who))

    return await attempted(asked, act)


async def show(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Show the tasks to whoever asks, with their buttons."""
    shown = task_list.listed(await tasks.listed(asked.deps, incident))
    return {"text": shown.text, "blocks": shown.blocks}


async def _take(deps: Deps, incident_id: str, person: Person, number: int) -> Outcome:
    return await tasks.assign(deps, incident_id, person, number, person.id)


DEEDS: dict[str, Do] = {"done": tasks.done, "reopen": tasks.reopen, "undo": tasks.reopen, "take": _take}


def _numbered(words: tuple[str, ...]) -> tuple[int | None, str]:
    """Return the task that is named first or last of two words, and the other word."""
    for at, other in ((0, -1), (-1, 0)):
        found = _NUMBER.fullmatch(words[at])
        if found and len(words) == 2:
            return int(found.group(1)), words[other]
    return None, ""


def without_person(words: tuple[str, ...], person: str | None) -> str:
    """Return the words without the mention of who gets the task, where it stands at one end."""
    kept = list(words)
    for at in (-1, 0):
        if person and kept and people_named(kept[at]) == [(person, True)]:
            del kept[at]
            break
    return " ".join(kept)
