"""Set the severity, and say who does what in an incident, by command, form or button."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.incident import Duty, Incident, Severity
from incident_copilot.domain.person import Person
from incident_copilot.errors import StoreUnavailable, UnknownThing
from incident_copilot.pipeline import read, roles, run
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.answering import attempt, renew, replace, submission, tell, user_of, value_of
from incident_copilot.slack.listeners.asked import Asked, attempted, show_form
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.views import roles as views
from incident_copilot.slack.views.modals.parts import filled_in

ByRole = Callable[[Person, str, Duty, str], Awaitable[Outcome]]
DUTIES = {duty.value: duty for duty in Duty} | {
    "ic": Duty.COMMANDER,
    "lead": Duty.COMMANDER,
    "communications": Duty.COMMS,
    "operations": Duty.OPS,
}


NOBODY = frozenset({"none", "nobody", "free"})


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the forms, and for the buttons beside each role."""
    _on_forms(app, deps)

    @app.action(named("role_take"))
    async def role_take(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        async def act(person: Person, incident_id: str, duty: Duty, _: str) -> Outcome:
            return await roles.assign(deps, incident_id, person, person.id, duty, only_if_free=True)

        await _clicked(deps, body, ack, respond, client, act)

    @app.action(named("role_back"))
    async def role_back(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        async def act(person: Person, incident_id: str, duty: Duty, held_by: str) -> Outcome:
            return await roles.give_back(deps, incident_id, person, duty, held_by)

        await _clicked(deps, body, ack, respond, client, act)


def _on_forms(app: AsyncApp, deps: Deps) -> None:

    @app.view("severity")
    async def severity(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        given = filled_in(view)

        async def act(person: Person) -> Outcome:
            wanted = Severity(given["severity"])
            return await run.set_severity(deps, view["private_metadata"], person, wanted, given.get("reason", ""))

        await submission(deps, body, ack, "severity", act)

    @app.view("assign")
    async def assign(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        async def act(person: Person) -> Outcome:
            given = filled_in(view)
            return await roles.assign(deps, view["private_metadata"], person, given["who"], Duty(given["duty"]))

        await submission(deps, body, ack, "who", act)


async def assign(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Give a duty to whoever was named; where nobody was, a form asks."""
    duty = duty_in(asked.wish.words, incident) or Duty.COMMANDER
    if NOBODY & set(map(str.lower, asked.wish.words)):
        return await _give_back(asked, incident, duty)
    who = asked.user if "me" in map(str.lower, asked.wish.words) else asked.wish.person
    if who is None:
        return await show_form(asked, views.form(incident, duty))

    async def act(person: Person) -> Outcome:
        return await roles.assign(asked.deps, incident.id, person, who, duty)

    return await attempted(asked, act)


async def take(asked: Asked, incident: Incident, duty: Duty) -> dict[str, Any]:
    """Take a duty that nobody has."""

    async def act(person: Person) -> Outcome:
        return await roles.assign(asked.deps, incident.id, person, person.id, duty, only_if_free=True)

    return await attempted(asked, act)


async def show_roles(_asked: Asked, incident: Incident) -> dict[str, Any]:
    """Say who has which duty."""
    shown = views.roles(incident)
    return {"text": shown.text, "blocks": shown.blocks}


def duty_in(words: Sequence[str], incident: Incident) -> Duty | None:
    """Return the duty that was named, by its own word or another that people use; None where none was."""
    known = DUTIES | {duty.value: duty for duty in incident.all_duties}
    return next((known[word.lower()] for word in words if word.lower() in known), None)


async def _give_back(asked: Asked, incident: Incident, duty: Duty) -> dict[str, Any]:
    async def act(person: Person) -> Outcome:
        return await roles.give_back(asked.deps, incident.id, person, duty)

    return await attempted(asked, act)


async def _clicked(
    deps: Deps, body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient, act: ByRole
) -> None:
    """Do what a button beside a role says, and show the roles anew with what came of it."""
    incident_id, role, held_by = value_of(body).split("/")
    answer = await attempt(deps, user_of(body), lambda person: act(person, incident_id, Duty(role), held_by))
    await ack()
    try:
        incident = await read.incident(deps, incident_id)
    except (UnknownThing, StoreUnavailable):
        await tell(respond, answer.text)
        return
    if "view" in body:
        await renew(client, body, views.form(incident, Duty(role), answer.text))
    else:
        shown = views.roles(incident, answer.text)
        await replace(respond, shown.text, shown.blocks)
