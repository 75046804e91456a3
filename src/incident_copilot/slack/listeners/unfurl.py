"""Show what a link to an incident leads to: in the message, and in the side pane when somebody opens it."""

import logging
import re
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.content import Card
from incident_copilot.errors import ChatError, DecisionRefused, StoreUnavailable
from incident_copilot.pipeline import people, seeing
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.calls import call
from incident_copilot.slack.views import entity as views

log = logging.getLogger(__name__)

MOST = 5
_PAGE = re.compile(r"/incidents/([0-9]{1,9})(?:/postmortem(?:\.md)?)?/?(?:[?#]\S*)?")


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen for links that people write, and for those that they open."""

    @app.event("link_shared")
    async def shared(event: dict[str, Any], body: dict[str, Any], client: AsyncWebClient) -> None:
        if body.get("is_ext_shared_channel"):
            return  # others than our own people read it there
        entities = []
        for link in event.get("links", [])[:MOST]:
            posted = str(link.get("url", ""))
            if card := await _card_at(deps, event, posted, alone=False):
                entities.append(views.entity(card, _page(deps, card), posted))
        if entities:
            place = {"channel": event["channel"], "ts": event["message_ts"]}
            await _try(client, "chat.unfurl", **place, metadata={"entities": entities})

    @app.event("entity_details_requested")
    async def opened(event: dict[str, Any], client: AsyncWebClient) -> None:
        card = await _card_at(deps, event, str(event.get("entity_url", "")), alone=True)
        shown = {"metadata": views.entity(card, _page(deps, card))} if card else {"error": views.not_found()}
        await _try(client, "entity.presentDetails", trigger_id=event["trigger_id"], **shown)


async def _card_at(deps: Deps, event: dict[str, Any], url: str, *, alone: bool) -> Card | None:
    """Return the card of the incident whose page a link leads to, as far as this person may see it there."""
    base = _base(deps)
    found = _PAGE.fullmatch(url.removeprefix(base)) if base and url.startswith(base) else None
    if found is None:
        return None
    try:
        viewer = await people.known(deps, str(event["user"]))
        here = str(event.get("channel", ""))
        return await seeing.card_of(deps, int(found.group(1)), viewer, here=here, alone=alone)
    except (DecisionRefused, StoreUnavailable) as trouble:
        log.info("a link was not shown: %s", trouble)
        return None


def _page(deps: Deps, card: Card) -> str:
    return f"{_base(deps)}/incidents/{card.incident.number}"


def _base(deps: Deps) -> str:
    return (deps.policy.public_url or "").rstrip("/")


async def _try(client: AsyncWebClient, method: str, **arguments: Any) -> None:
    """A preview is sent once, and nothing depends on it."""
    try:
        await call(client, method, repeatable=False, **arguments)
    except ChatError as error:
        log.info("a link was not shown: %s", error)
