"""Catch up: what is new since somebody looked, what changed before it started, and an account for managers."""

import logging
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.incident import Incident
from incident_copilot.errors import ChatError, DecisionRefused
from incident_copilot.pipeline import for_managers, look_back, people
from incident_copilot.pipeline import recap as recapping
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.calls import call
from incident_copilot.slack.identity import Identity
from incident_copilot.slack.listeners.asked import Asked
from incident_copilot.slack.views import recap as views
from incident_copilot.slack.views.blocks import Rendered

log = logging.getLogger(__name__)

MANAGERS = frozenset({"managers", "manager", "management", "exec", "execs", "executives"})


def register(app: AsyncApp, deps: Deps, identity: Identity) -> None:
    """Listen for people who join an incident's channel."""

    @app.event("member_joined_channel")
    async def joined(event: dict[str, Any], client: AsyncWebClient) -> None:
        me = await identity.me()
        if event["user"] == me.user_id or deps.policy.shadow:
            return
        invited_by_us = event.get("inviter") == me.user_id
        try:
            viewer = await people.known(deps, event["user"])
        except DecisionRefused as refusal:
            log.info("somebody who joined was not told: %s", refusal)
            return
        shown = await recapping.for_newcomer(deps, event["channel"], viewer, invited_by_us=invited_by_us)
        if shown:
            await _tell(client, event, views.recap(shown, me.url))


async def catchup(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Tell what is new since this person looked."""
    viewer = await people.known(asked.deps, asked.user)
    shown = await recapping.recap(asked.deps, incident.id, viewer)

    async def in_short() -> dict[str, Any] | None:
        made = await recapping.in_short(asked.deps, shown)
        return _said(views.in_short(made, asked.url)) if made else None

    asked.afterwards.append(in_short)
    return _said(views.recap(shown, asked.url))


async def before(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Tell what changed before it started."""
    return _said(views.looked_back(await look_back.look_back(asked.deps, incident)))


async def managers(asked: Asked, incident: Incident) -> dict[str, Any]:
    """Tell what managers need to know."""
    return _said(views.for_managers(await for_managers.for_managers(asked.deps, incident.id)))


async def _tell(client: AsyncWebClient, event: dict[str, Any], shown: Rendered) -> None:
    """Tell the one who joined alone; it is sent once, and nothing depends on it."""
    place = {"channel": event["channel"], "user": event["user"]}
    try:
        await call(client, "chat.postEphemeral", repeatable=False, **place, **_said(shown))
    except ChatError as error:
        log.info("somebody who joined was not told: %s", error)


def is_for_managers(asked: Asked) -> bool:
    """Whether somebody asks for the account that managers need."""
    return not MANAGERS.isdisjoint(map(str.lower, asked.wish.words))


def _said(shown: Rendered) -> dict[str, Any]:
    return {"text": shown.text, "blocks": shown.blocks}
