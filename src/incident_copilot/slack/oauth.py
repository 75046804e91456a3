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


Installed = Callable[[Installation], Awaitable[None]]


def routes(deps: Deps, oauth: OAuth, installs: Installs, installed: Installed) -> list[Route]:
    """Return the two pages; `installed` is called with each installation that was kept."""
    pages = _Pages(deps, oauth, installs, installed)
    return [Route(INSTALL_PATH, pages.install), Route(REDIRECT_PATH, pages.redirected)]


@dataclass(frozen=True)
class _Pages:
    deps: Deps
    oauth: OAuth
    installs: Installs
    installed: Installed

    async def install(self, _: Request) -> Response:
        """Send the browser off to Slack with a state of its own."""
        state, now = secrets.token_urlsafe(32), self.deps.now()
        try:
            async with self.deps.db.transaction(CLICKS) as tx:
                await installations.begin(tx, _digest(state), now + LASTS, now)
        except StoreUnavailable:
            return _page("Not begun: the copilot's database does not answer. Please try again.", 503)
        answer = RedirectResponse(self.oauth.authorize_url(state), 302, STRICT)
        answer.set_cookie(
            COOKIE,
            state,
            max_age=int(LASTS.total_seconds()),
            path="/slack",
            secure=self.oauth.public_url.startswith("https://"),
            httponly=True,
            samesite="lax",
        )
        return answer

    async def redirected(self, request: Request) -> Response:
        """Take the browser back, with the code that Slack gave it."""
        asked = request.query_params
        try:
            if not await _is_ours(self.deps, asked.get("state", ""), request.cookies.get(COOKIE, "")):
                return _page(f"This link was used, is too old, or is not from here. Begin anew at {INSTALL_PATH}.", 400)
            if "code" not in asked:
                return _page(f"Not installed: Slack says {asked.get('error', 'nothing')}.", 400)
            return await self._granted(asked["code"])
        except StoreUnavailable:
            return _page("Not installed: the copilot's database does not answer. Please try again.", 503)

    async def _granted(self, code: str) -> Response:
        granted = await self.oauth.exchange(code)
        if isinstance(granted, str) or not str(granted.get("access_token", "")).startswith("xoxb-"):
            return _page(f"Not installed: Slack did not confirm it ({_why(granted)}). Begin anew.", 502)
        made = await self.installs.add(self.deps, granted)
        if made is None:
            return _page("Not installed: this workspace is not among COPILOT_WORKSPACES of this copilot.", 403)
        await self.installed(made)
        return _page("incident-copilot is installed. Next: type /incident doctor in Slack, then /incident help.", 200)


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
