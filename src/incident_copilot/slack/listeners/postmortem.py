"""The postmortem: its state, a form a section, review, approval and publishing; by command or button."""

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
from incident_copilot.pipeline import people, read, review
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.living import blameless, edit, states
from incident_copilot.slack.listeners.answering import (
    GONE,
    NOT_RECORDED,
    click,
    look,
    plain,
    user_of,
    value_of,
)
from incident_copilot.slack.listeners.asked import Asked, attempted, show_form
from incident_copilot.slack.listeners.buttons import named
from incident_copilot.slack.views import postmortem as views
from incident_copilot.slack.views.modals import postmortem as forms
from incident_copilot.slack.views.modals.parts import MOST_INPUT, View, filled_in

_KEPT = re.compile(r"([0-9a-f]{32}) ([a-z_]{1,40}) ([0-9]{1,6})( warned)?")
TOO_LONG = "{heading} is too long for a form. Edit it as a file: `incident-copilot postmortem export {label}`."
Do = Callable[[Deps, str, Person], Awaitable[Outcome]]
DEEDS: dict[str, Do] = {
    "review": states.ask,
    "approve": states.approve,
    "publish": states.publish,
    "take": states.own,
    "write": review.request,
    "anew": review.request,
}
BUTTONS: dict[str, Do] = {
    "pm_own": states.own,
    "pm_ask": states.ask,
    "pm_approve": states.approve,
    "pm_publish": states.publish,
}


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for the buttons of the postmortem's message and for the forms."""
    for button, do in BUTTONS.items():
        _on(app, deps, button, do)
    _on_choice(app, deps)
    _on_section(app, deps)


def _on(app: AsyncApp, deps: Deps, button: str, do: Do) -> None:
    @app.action(named(button))
    async def clicked(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond) -> None:
        async def act(person: Person) -> Outcome:
            return await do(deps, value_of(body), person)

        await click(deps, body, ack, respond, act)


def _on_choice(app: AsyncApp, deps: Deps) -> None:
    @app.action(named("pm_edit"))
    async def choose(body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        await look(client, body, respond, await _pick(deps, value_of(body)))

    @app.view("pm_pick")
    async def picked(view: dict[str, Any], ack: AsyncAck) -> None:
        try:
            form = await _form(deps, view["private_metadata"], filled_in(view)["section"])
        except (DecisionRefused, UnknownThing, StoreUnavailable) as trouble:
            await ack(response_action="errors", errors={"section": plain(str(trouble))})
        else:
            await ack(response_action="update", view=form)


def _on_section(app: AsyncApp, deps: Deps) -> None:
    @app.view("pm_section")
    async def saved(body: dict[str, Any], view: dict[str, Any], ack: AsyncAck) -> None:
        try:
            again = await _save(deps, user_of(body), view)
        except (DecisionRefused, UnknownThing) as refusal:
            await ack(response_action="errors", errors={"text": plain(str(refusal))})
        except StoreUnavailable:
            await ack(response_action="errors", errors={"text": NOT_RECORDED})
        else:
            await (ack(response_action="update", view=again) if again else ack())


async def postmortem(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Show how far it is; `edit [section]`, `review`, `approve`, `publish`, `take`, `@person`, `write`."""
    words = [word.lower() for word in asked.wish.words]
    if words[:1] == ["edit"]:
        return await _edit(asked, incident, "_".join(words[1:]))
    deed = next((DEEDS[word] for word in words if word in DEEDS), None)
    shown = await states.look(asked.deps, incident)
    who = asked.wish.person

    async def act(person: Person) -> Outcome:
        if who:
            return await states.own(asked.deps, incident.id, person, who)
        return await (deed or review.request)(asked.deps, incident.id, person)

    if deed is None and who is None and shown is not None:
        rendered = views.review(shown)
        return {"text": rendered.text, "blocks": rendered.blocks}
    return await attempted(asked, act)


async def _edit(asked: Asked, incident: Incident, section: str) -> dict[str, Any]:
    if section:
        return await show_form(asked, await _form(asked.deps, incident.id, section))
    form = await _pick(asked.deps, incident.id)
    return await show_form(asked, form) if form else {"text": GONE}


async def _pick(deps: Deps, incident_id: str) -> View | None:
    try:
        incident = await read.incident(deps, incident_id)
        headings = await edit.sections(deps, incident_id)
    except (UnknownThing, StoreUnavailable):
        return None
    return forms.pick(incident_id, incident.label, headings) if headings else None


async def _form(deps: Deps, incident_id: str, section: str) -> View:
    opened = await edit.begin(deps, incident_id, section)
    if len(opened.text) > MOST_INPUT:
        raise DecisionRefused(TOO_LONG.format(heading=opened.heading, label=opened.incident.label))
    return forms.section(opened, opened.text)


async def _save(deps: Deps, user_id: str, view: dict[str, Any]) -> View | None:
    """Save, or return the form again: with what may read as blame, or with what somebody else saved meanwhile."""
    found = _KEPT.fullmatch(str(view["private_metadata"]))
    if found is None:
        raise DecisionRefused(GONE)
    incident_id, section, seen, warned = found.groups()
    text = filled_in(view)["text"]
    person = await people.known(deps, user_id)
    blaming = [] if warned else await edit.flagged(deps, incident_id, section, text)
    if blaming:
        opened = (await edit.begin(deps, incident_id, section))._replace(version=int(seen))
        return forms.section(opened, text, warned=blameless.told(blaming))
    edited = await edit.save(deps, incident_id, person, section, text, seen=int(seen))
    return forms.section(edited.newer, text, theirs=edited.newer.text) if edited.newer else None
