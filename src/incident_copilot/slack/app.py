"""The Bolt app: who may speak to it, what it listens for, and the socket that it listens on."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.errors import ChatError, StoreUnavailable
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.draining import DrainingHandler
from incident_copilot.slack.identity import Identity
from incident_copilot.slack.listeners import (
    acknowledge,
    act,
    amend,
    ask,
    assign,
    automation,
    bring_in,
    commands,
    decide,
    declare,
    draft_update,
    edit_update,
    elsewhere,
    handover,
    home,
    items,
    keep_channel,
    look_closer,
    messages,
    outcome,
    postmortem,
    proposals,
    reason,
    recap,
    regroup,
    requests,
    resolve,
    runbooks,
    settings,
    snapshot,
    stats,
    still_on_it,
    stop_model,
    tasks,
    timeline,
    unfurl,
)
from incident_copilot.slack.watched import Watched

log = logging.getLogger(__name__)

CONNECT_S = 5.0
RECONNECT_EVERY_S = 5.0
DRAIN_S = 3.0

LISTENERS = (
    acknowledge,
    act,
    amend,
    assign,
    automation,
    bring_in,
    decide,
    declare,
    draft_update,
    edit_update,
    elsewhere,
    handover,
    home,
    items,
    look_closer,
    outcome,
    postmortem,
    proposals,
    reason,
    regroup,
    requests,
    resolve,
    runbooks,
    settings,
    snapshot,
    stats,
    still_on_it,
    keep_channel,
    stop_model,
    tasks,
    timeline,
    unfurl,
)
"""What people click, type and fill in, for which nobody needs to know who we are."""


def build(deps: Deps, client: AsyncWebClient, identity: Identity, watched: Watched | None = None) -> AsyncApp:
    """Return the app with every listener; whoever serves it over HTTP has checked first who sends (`http_edge`)."""
    app = AsyncApp(
        name="incident-copilot",
        logger=logging.getLogger("incident_copilot.slack.bolt"),
        client=_without_token(client),
        authorize=_authorize(client, identity),
        signing_secret="",
        # Its own checks raise on strange headers, log bodies, know one secret, and let ssl_check through (M3, M4).
        request_verification_enabled=False,
        ssl_check_enabled=False,
    )
    register(app, deps, identity, watched)
    return app


def register(app: AsyncApp, deps: Deps, identity: Identity, watched: Watched | None = None) -> None:
    """Put the guard and the inbox first, then the listeners."""
    app.error(_not_stored)
    app.middleware(_guard(identity))
    messages.register(app, deps, identity, watched)
    for knowing_us in (ask, commands, recap):
        knowing_us.register(app, deps, identity)
    for listeners in LISTENERS:
        listeners.register(app, deps)


@asynccontextmanager
async def listening(app: AsyncApp, app_token: str, connect_s: float = CONNECT_S) -> AsyncIterator[None]:
    """Listen by Socket Mode while entered.

    With Slack away it enters all the same after `connect_s` and goes on trying, so that webhooks are taken meanwhile.
    """
    handler = DrainingHandler(app, app_token, RECONNECT_EVERY_S)
    connecting = asyncio.create_task(handler.connect_async())  # type: ignore[no-untyped-call]  # Bolt has no types here
    try:
        await asyncio.wait({connecting}, timeout=connect_s)
        yield
    finally:
        await handler.under_way.drain(DRAIN_S)
        connecting.cancel()
        with suppress(asyncio.CancelledError):
            await connecting
        await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt has no types here


def _without_token(client: AsyncWebClient) -> AsyncWebClient:
    """Bolt wants either a token or `authorize`; with a token it would ask Slack's auth.test at the first click."""
    return AsyncWebClient(base_url=client.base_url, session=client.session, timeout=client.timeout, retry_handlers=[])


def _authorize(client: AsyncWebClient, identity: Identity) -> Callable[..., Awaitable[AuthorizeResult]]:
    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        known = identity.known
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=client.token,
            bot_id=known.bot_id if known else None,
            bot_user_id=known.user_id if known else None,
        )

    return authorize


def _guard(identity: Identity) -> Callable[..., Awaitable[BoltResponse | None]]:
    async def guard(
        body: dict[str, Any],
        next: Callable[[], Awaitable[None]],  # noqa: A002 -- Bolt finds arguments by their names
    ) -> BoltResponse | None:
        """Let nothing through from another workspace, nor clicks on messages that another app posted."""
        try:
            known = await identity.me()
        except ChatError as error:
            log.warning("a request was not taken, for Slack does not say who the copilot is: %s", error)
            return BoltResponse(status=503, body="")
        if _is_elsewhere(body, known.team_id, known.enterprise_id) or _is_foreign(body, known.bot_id):
            log.warning("refused a request of type %s from elsewhere", str(body.get("type", "command"))[:40])
            return BoltResponse(status=403, body="")
        await next()
        return None

    return guard


def _is_elsewhere(body: dict[str, Any], team_id: str, enterprise_id: str | None) -> bool:
    team = body.get("team") or {}
    said = {body.get("team_id"), team.get("id"), *(one.get("team_id") for one in body.get("authorizations") or [])}
    organisation = body.get("enterprise_id") or (body.get("enterprise") or {}).get("id") or team.get("enterprise_id")
    same_organisation = enterprise_id is not None and organisation == enterprise_id
    return team_id not in said and not same_organisation


def _is_foreign(body: dict[str, Any], bot_id: str) -> bool:
    author = (body.get("message") or {}).get("bot_id")
    return body.get("type") == "block_actions" and author is not None and author != bot_id


async def _not_stored(error: Exception) -> BoltResponse:
    """Before the ack, 500 makes Slack deliver an event again; after it, the answer is not looked at."""
    if isinstance(error, StoreUnavailable):
        log.warning("an event was not stored: %s", error)
    else:
        log.error("a listener failed", exc_info=error)
    return BoltResponse(status=500, body="")
