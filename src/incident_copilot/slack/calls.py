"""One call of Slack's Web API: sent once, with a deadline, and its failure said in our words."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.domain.refusal import Remedy, remedy_for
from incident_copilot.errors import ChatBarred, ChatLimited, ChatRefused, ChatUnavailable, ChatUnknown

log = logging.getLogger(__name__)

DEADLINE_S = 10.0
CLICK_S = 2.0
"""For what must be known before a click is acknowledged: Slack waits three seconds, and the database wants some too."""
TRY_AGAIN_S = 1.0
RATE_LIMITED_S = 30.0
"""Slack always names a time; this one is for a 429 from something between us and Slack."""
ANSWERED_S = 5.0
"""Slack says of its own 5xx that part of the work may have been done; so long until it must be seen by reading."""
_LIMITS = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded", "accesslimited"})
_SENT_NOTHING = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


@asynccontextmanager
async def connected(token: str, base_url: str) -> AsyncIterator[AsyncWebClient]:
    """Give a client with one shared session, ten seconds for each call and no retries of its own.

    The SDK repeats a call whose connection broke, which posts twice (reliability-security.md, M1); the outbox decides.
    """
    async with aiohttp.ClientSession(middlewares=[_in_time]) as session:
        yield AsyncWebClient(
            token=token, base_url=base_url, session=session, timeout=int(DEADLINE_S), retry_handlers=[]
        )


async def _in_time(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Let a deadline that passed while the process was stopped take effect before the request goes out.

    Somebody else may have the effect by then. The first turn of the loop finds the deadline, the second is cancelled.
    """
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return await send(request)


async def call(client: AsyncWebClient, method: str, *, repeatable: bool, **arguments: Any) -> dict[str, Any]:
    """Call a method with JSON arguments and return what it answered.

    `repeatable` says that the same call may be made twice without anybody noticing.

    Raises:
        ChatUnavailable: nothing happened, or it may safely be repeated.
        ChatUnknown: sent, no answer, and it may not be repeated.
        ChatRefused: Slack refused; `code` is its error name. ChatBarred where it refuses the copilot itself.
    """
    given = {key: value for key, value in arguments.items() if value is not None}
    try:
        async with asyncio.timeout(client.timeout):
            answer = await client.api_call(method, json=given)
    except SlackApiError as error:
        refusal = _refusal(method, error)
        if repeatable or isinstance(refusal, ChatLimited | ChatRefused):
            raise refusal from error
        raise ChatUnknown(str(refusal), ANSWERED_S) from error
    except _SENT_NOTHING as error:
        raise ChatUnavailable(f"Slack cannot be reached for {method}: {error}", TRY_AGAIN_S) from error
    except (TimeoutError, aiohttp.ClientError) as error:
        said = f"Slack gave no answer to {method}: {type(error).__name__}"
        raise (ChatUnavailable(said, TRY_AGAIN_S) if repeatable else ChatUnknown(said)) from error
    return _body(answer.data)


async def read(
    client: AsyncWebClient, method: str, *, deadline_s: float = DEADLINE_S, **arguments: Any
) -> dict[str, Any]:
    """Call a method that changes nothing, within the client's deadline or this one; these methods take no JSON.

    Raises:
        ChatUnavailable, ChatRefused: as for `call`.
    """
    return (await read_whole(client, method, deadline_s=deadline_s, **arguments))[0]


async def read_whole(
    client: AsyncWebClient, method: str, *, deadline_s: float = DEADLINE_S, **arguments: Any
) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """Call a method as `read` does; return the headers too, which tell scopes and time.

    Raises:
        ChatUnavailable, ChatRefused: as for `call`.
    """
    given = {key: _as_text(value) for key, value in arguments.items() if value is not None}
    try:
        async with asyncio.timeout(min(deadline_s, client.timeout)):
            answer = await client.api_call(method, http_verb="GET", params=given)
    except SlackApiError as error:
        raise _refusal(method, error) from error
    except (TimeoutError, aiohttp.ClientError) as error:
        raise ChatUnavailable(f"Slack gave no answer to {method}: {type(error).__name__}", TRY_AGAIN_S) from error
    return _body(answer.data), answer.headers


async def pages(client: AsyncWebClient, method: str, key: str, most: int, **arguments: Any) -> AsyncIterator[Any]:
    """Yield the items under `key`, page after page, of at most `most` pages."""
    cursor = None
    for _ in range(most):
        answer = await read(client, method, cursor=cursor, **arguments)
        for item in answer.get(key) or []:
            yield item
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return


def header(headers: Mapping[str, Any], wanted: str) -> str:
    """Return a header of an answer by its name in lower case; empty where it is not there."""
    return str(next((value for name, value in headers.items() if name.lower() == wanted), ""))


def granted(headers: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the scopes of the token, which Slack names with each answer; None where it names none."""
    listed = header(headers, "x-oauth-scopes")
    return frozenset(filter(None, map(str.strip, listed.split(",")))) if listed else None


def _refusal(method: str, error: SlackApiError) -> ChatUnavailable | ChatRefused:
    response = error.response
    status = _status(response)
    body = getattr(response, "data", None)
    code = str(body.get("error", "")) if isinstance(body, dict) else ""
    if status == 429 or code in _LIMITS:
        return ChatLimited(f"Slack limits the rate of {method}", _retry_after(getattr(response, "headers", {})))
    remedy = remedy_for(code)
    if status >= 500 or remedy is Remedy.RETRY or not code:
        return ChatUnavailable(f"Slack cannot do {method} now: HTTP {status} {code}".rstrip(), TRY_AGAIN_S)
    detail = body.get("response_metadata", {}).get("messages", []) if isinstance(body, dict) else []
    log.info("Slack refused %s: %s %s", method, code, detail)
    refusal = ChatBarred if remedy is Remedy.REPAIR else ChatRefused
    return refusal(f"Slack refused {method}: {code}", code)


def _status(response: Any) -> int:
    """With an unreadable body the SDK hands out aiohttp's response, which names its status otherwise."""
    found: int = response.status_code if hasattr(response, "status_code") else response.status
    return found


def _retry_after(headers: Mapping[str, Any]) -> float:
    value = next((found for name, found in headers.items() if name.lower() == "retry-after"), None)
    try:
        return max(1.0, float(value if isinstance(value, str) else RATE_LIMITED_S))
    except ValueError:
        return RATE_LIMITED_S


def _body(data: Any) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
