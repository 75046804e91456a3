"""How a click, form or command is answered: acknowledged after the commit, and told to that person alone."""

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import aiohttp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Proposal
from incident_copilot.errors import ChatError, DecisionRefused, StoreUnavailable, UnknownThing
from incident_copilot.pipeline import people, read
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.calls import call
from incident_copilot.slack.text import cut, to_one_person
from incident_copilot.slack.views.modals.parts import View

log = logging.getLogger(__name__)

NOT_RECORDED = "Not recorded: my database does not answer. Nothing happened; please try again."
GONE = "I do not know that any more. Nothing happened."
NOT_OPENED = "I could not open the form in time. Please try again."
Act = Callable[[Person], Awaitable[Outcome]]
_REFERENCE = re.compile(r"([0-9a-f]{32}):([0-9]{1,6})(?::([0-9a-f]{16}))?")


class Answer(NamedTuple):
    """What the person is told, and whether what they did counts."""

    text: str
    counts: bool


async def attempt(deps: Deps, user_id: str, act: Act) -> Answer:
    """Do what a person asked for; it is committed when this returns, or it did not happen."""
    try:
        outcome = await act(await people.known(deps, user_id))
    except DecisionRefused as refusal:
        return Answer(str(refusal), counts=False)
    except UnknownThing:
        return Answer(GONE, counts=False)
    except StoreUnavailable:
        return Answer(NOT_RECORDED, counts=False)
    return Answer(outcome.text, counts=True)


async def click(deps: Deps, body: dict[str, Any], ack: AsyncAck, respond: AsyncRespond, act: Act) -> None:
    """Answer a click that decides something: the ack comes after the commit."""
    answer = await attempt(deps, user_of(body), act)
    await ack()
    await tell(respond, answer.text)


async def submission(deps: Deps, body: dict[str, Any], ack: AsyncAck, field: str, act: Act) -> None:
    """Answer a form: it closes when it counts, else `field` shows why it does not."""
    answer = await attempt(deps, user_of(body), act)
    if answer.counts:
        await ack()
    else:
        await ack(response_action="errors", errors={field: plain(answer.text)})


async def tell(respond: AsyncRespond, text: str) -> None:
    """Tell one person something; it is sent once, and nothing depends on it."""
    await tell_whole(respond, {"text": to_one_person(text)} if text else {})


async def tell_whole(respond: AsyncRespond, said: dict[str, Any] | None) -> None:
    """Tell one person something that has blocks; it is sent once, and nothing depends on it."""
    if not said or not respond.response_url:
        return
    try:
        await respond(**said, response_type="ephemeral", replace_original=False)
    except (TimeoutError, aiohttp.ClientError):
        log.info("an ephemeral answer was not delivered")


async def replace(respond: AsyncRespond, text: str, blocks: list[dict[str, Any]]) -> None:
    """Put something else in the place of what one person sees alone; it is sent once, and nothing depends on it."""
    try:
        await respond(text=text, blocks=blocks, response_type="ephemeral", replace_original=True)
    except (TimeoutError, aiohttp.ClientError):
        log.info("an ephemeral answer was not replaced")


async def open_modal(client: AsyncWebClient, body: dict[str, Any], view: View) -> bool:
    """Open a modal, above the one that is open where there is one; False when it did not open."""
    method = "views.push" if body.get("view", {}).get("type") == "modal" else "views.open"
    try:
        await call(client, method, repeatable=False, trigger_id=body["trigger_id"], view=view)
    except ChatError as error:
        log.info("%s: %s", method, error)
        return False
    return True


async def renew(client: AsyncWebClient, body: dict[str, Any], view: View) -> None:
    """Put something else in the place of the modal in which somebody clicked; sent once, nothing depends on it."""
    try:
        await call(client, "views.update", repeatable=True, view_id=body["view"]["id"], view=view)
    except ChatError as error:
        log.info("views.update: %s", error)


async def look(client: AsyncWebClient, body: dict[str, Any], respond: AsyncRespond, view: View | None) -> None:
    """Show a modal that only informs; say so when there is nothing to show or it did not open."""
    if view is None:
        await tell(respond, GONE)
    elif not await open_modal(client, body, view):
        await tell(respond, NOT_OPENED)


async def look_at_proposal(
    deps: Deps,
    body: dict[str, Any],
    respond: AsyncRespond,
    client: AsyncWebClient,
    form: Callable[[Proposal], View],
) -> None:
    """Open a form about the proposal whose button was clicked; say so when it is not there any more."""
    try:
        shown = await read.proposal(deps, reference_in(value_of(body))[0])
    except (DecisionRefused, UnknownThing, StoreUnavailable):
        await look(client, body, respond, None)
        return
    await look(client, body, respond, form(shown.proposal))


def value_of(body: dict[str, Any]) -> str:
    """Return the value of the button that was clicked."""
    return str(body["actions"][0].get("value", ""))


def message_of(body: dict[str, Any]) -> tuple[str, str]:
    """Return channel and ts of the message that was clicked on; empty ones for a click on anything else."""
    container = body.get("container") or {}
    return str(container.get("channel_id", "")), str(container.get("message_ts", ""))


def user_of(body: dict[str, Any]) -> str:
    """Return the id of the person who clicked, submitted or used a shortcut."""
    return str(body["user"]["id"])


def reference_in(text: str) -> tuple[str, int]:
    """Return proposal id and version of a button's value.

    Raises:
        DecisionRefused: it is not a value that the copilot makes.
    """
    found = _REFERENCE.fullmatch(text)
    if found is None:
        raise DecisionRefused(GONE)
    return found.group(1), int(found.group(2))


def seen_by_one(body: dict[str, Any]) -> str | None:
    """Return what the button holds of the hash of what was shown, None for a click on a message that all see."""
    container = body.get("container") or {}
    is_for_one = container.get("type") == "view" or bool(container.get("is_ephemeral"))
    found = _REFERENCE.fullmatch(value_of(body))
    return found.group(3) if found and is_for_one else None


def plain(text: str) -> str:
    """Return a refusal for a place that shows neither names nor links."""
    return cut(re.sub(r"<@([UW][A-Z0-9]+)>", r"\1", text), 1_000)
