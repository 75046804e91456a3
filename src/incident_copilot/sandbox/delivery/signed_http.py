"""Signed HTTP: the same deliveries as POSTs to the app's request URL."""

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import aiohttp

from incident_copilot.sandbox.delivery.ack import Ack
from incident_copilot.sandbox.wire import Json

FORM = "application/x-www-form-urlencoded"


class SignedHttp:
    """`now` stamps the requests; the app refuses stamps older than five minutes."""

    def __init__(self, url: str, secret: str) -> None:
        self.url = url
        self._secret = secret
        self._session: aiohttp.ClientSession | None = None

    async def event(self, body: Json, timeout_s: float, attempt: int, reason: str) -> Ack:
        retry = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": f"http_{reason}"} if attempt else {}
        return await self._post(json.dumps(body), "application/json", timeout_s, retry)

    async def interaction(self, payload: Json, timeout_s: float) -> Ack:
        return await self._post(urlencode({"payload": json.dumps(payload)}), FORM, timeout_s)

    async def command(self, fields: Json, timeout_s: float) -> Ack:
        return await self._post(urlencode(fields), FORM, timeout_s)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _post(self, body: str, kind: str, timeout_s: float, extra: dict[str, str] | None = None) -> Ack:
        self._session = self._session or aiohttp.ClientSession()
        began = time.perf_counter()
        headers = self._signed(body) | {"Content-Type": kind} | (extra or {})
        try:
            timeout = aiohttp.ClientTimeout(total=timeout_s)
            async with self._session.post(self.url, data=body.encode(), headers=headers, timeout=timeout) as response:
                text, seconds = await response.text(), time.perf_counter() - began
        except TimeoutError:
            return Ack(False, seconds=time.perf_counter() - began, error="operation_timeout")
        except aiohttp.ClientError:
            return Ack(False, seconds=time.perf_counter() - began, error="dispatch_failed")
        ok = response.status == 200
        no_retry = response.headers.get("X-Slack-No-Retry") == "1"
        return Ack(ok, response.status, _read(text), seconds, None if ok else "http_service_error", no_retry)

    def _signed(self, body: str) -> dict[str, str]:
        stamp = str(int(time.time()))
        mac = hmac.new(self._secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac}"}


def _read(text: str) -> Json:
    """A JSON body as it is; plain text is what a command answers."""
    try:
        body = json.loads(text)
    except ValueError:
        return {"text": text} if text else {}
    return body if isinstance(body, dict) else {"text": text}
