"""Installing the app from a browser: off to Slack with a state that is used once, and back with a code for a token.

https://docs.slack.dev/authentication/installing-with-oauth
"""

import hashlib
import hmac
import html
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from incident_copilot.domain.installation import Installation
from incident_copilot.errors import StoreUnavailable
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.installs import Installs
from incident_copilot.slack.manifest import INSTALL_PATH, REDIRECT_PATH, SCOPES
from incident_copilot.store import installations
from incident_copilot.store.db import CLICKS

LASTS = timedelta(minutes=10)
COOKIE = "copilot_install"
STRICT = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True)
class OAuth:
    """What Slack knows the app by, and where it sends people back to; `client` has no token of any workspace."""

    client: AsyncWebClient
    client_id: str
    client_secret: str
    public_url: str

    @property
    def redirect_url(self) -> str:
        """Where Slack sends people back to, as the manifest says."""
        return self.public_url.rstrip("/") + REDIRECT_PATH

    def authorize_url(self, state: str) -> str:
        """Where people are asked whether the app may be installed: beside the Web API."""
        root = self.client.base_url.rstrip("/").removesuffix("/api")
        asked = {
            "client_id": self.client_id,
            "scope": ",".join(SCOPES),
            "redirect_uri": self.redirect_url,
            "state": state,
        }
        return f"{root}/oauth/v2/authorize?{urlencode(asked)}"

    async def exchange(self, code: str) -> dict[str, Any] | str:
        """Return what Slack grants for a code, or why it does not."""
        given = {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "code": code,
            "redirect_uri": self.redirect_url,
        }
        try:
            answer = await self.client.api_call("oauth.v2.access", data=given)
        except SlackApiError as error:
            return str(error.response.get("error", "no reason"))
        except (TimeoutError, aiohttp.ClientError) as error:
            return type(error).__name__
        said: Any = answer.data
        return dict(said)


def routes(
    deps: Deps, oauth: OAuth, installs: Installs, installed: Callable[[Installation], Awaitable[None]]
) -> list[Route]:
    """Return the two pages; `installed` is called with each installation that was kept."""

    async def install(_: Request) -> Response:
        state = secrets.token_urlsafe(32)
        now = deps.now()
        try:
            async with deps.db.transaction(CLICKS) as tx:
                await installations.begin(tx, _digest(state), now + LASTS, now)
        except StoreUnavailable:
            return _page("Not begun: the copilot's database does not answer. Please try again.", 503)
        answer = RedirectResponse(oauth.authorize_url(state), 302, STRICT)
        is_https = oauth.public_url.startswith("https://")
        lasts_s = int(LASTS.total_seconds())
        answer.set_cookie(COOKIE, state, max_age=lasts_s, path="/slack", secure=is_https, httponly=True, samesite="lax")
        return answer

    async def redirected(request: Request) -> Response:
        asked = request.query_params
        state = asked.get("state", "")
        try:
            if not await _is_ours(deps, state, request.cookies.get(COOKIE, "")):
                return _page(f"This link was used, is too old, or is not from here. Begin anew at {INSTALL_PATH}.", 400)
            if "code" not in asked:
                return _page(f"Not installed: Slack says {asked.get('error', 'nothing')}.", 400)
            granted = await oauth.exchange(asked["code"])
            if isinstance(granted, str) or not str(granted.get("access_token", "")).startswith("xoxb-"):
                return _page(f"Not installed: Slack did not confirm it ({_why(granted)}). Begin anew.", 502)
            made = await installs.add(deps, granted)
        except StoreUnavailable:
            return _page("Not installed: the copilot's database does not answer. Please try again.", 503)
        if made is None:
            return _page("Not installed: this workspace is not among COPILOT_WORKSPACES of this copilot.", 403)
        await installed(made)
        return _page("incident-copilot is installed. Next: type /incident doctor in Slack, then /incident help.", 200)

    return [Route(INSTALL_PATH, install), Route(REDIRECT_PATH, redirected)]


async def _is_ours(deps: Deps, state: str, cookie: str) -> bool:
    """Whether the same browser began it here, not long ago, and has not been back with it yet."""
    if not state or not hmac.compare_digest(state.encode(), cookie.encode()):
        return False
    async with deps.db.transaction(CLICKS) as tx:
        return await installations.consume(tx, _digest(state), deps.now())


def _digest(state: str) -> str:
    """What is kept of a state: whoever reads the table cannot use it."""
    return hashlib.sha256(state.encode()).hexdigest()


def _why(granted: dict[str, Any] | str) -> str:
    return granted if isinstance(granted, str) else "no token of a bot"


def _page(text: str, status: int) -> Response:
    body = f"<!doctype html><meta charset=utf-8><title>incident-copilot</title><p>{html.escape(text)}</p>"
    return HTMLResponse(body, status, STRICT)
