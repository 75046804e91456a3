"""One bounded HTTP call to a vendor: deadlines, retries of what may be repeated, size cap, status to error."""

import asyncio
import base64
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import unquote_plus

import httpx
from pydantic import AfterValidator, BaseModel, HttpUrl, TypeAdapter, ValidationError

from incident_copilot.domain.redaction import redact
from incident_copilot.errors import OutcomeUnknown, VendorError, VendorRefused, VendorUnavailable
from incident_copilot.vendors import departing

MAX_BYTES = 2 * 1024 * 1024

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_IDEMPOTENT = _READING | {"PUT", "DELETE"}
_CONNECT_S = 3.0
_BACKOFF_S = 0.1
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
# They describe the body as it came over the wire; what we hand on is already decoded.
_WIRE_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_OPEN_HEADERS = frozenset(
    {"host", "accept", "accept-encoding", "authorization", "connection", "user-agent", "content-length", "content-type"}
    | {"x-scope-orgid", "x-github-api-version", "x-amz-date", "x-amz-target", "mcp-protocol-version"}
)
_FORM = "application/x-www-form-urlencoded"
_SHORTEST_SECRET = 6
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\u00a0-\u1fff\u2070-\ud7ff]+")


def _plain(text: str) -> str:
    url = TypeAdapter(HttpUrl).validate_python(text)
    if url.username or url.password or url.query or url.fragment:
        raise ValueError("write the URL without user, password, query and fragment; secrets go into secret_env")
    return text.rstrip("/")


BaseUrl = Annotated[str, AfterValidator(_plain)]
"""An http(s) address below which a vendor answers, without a slash at its end."""
Model = TypeVar("Model", bound=BaseModel)
Params = Mapping[str, str | int | float | Sequence[str]]


@dataclass(frozen=True)
class VendorHttp:
    """A vendor's base URL with what every call to it carries; `vendor` is the name people read."""

    http: httpx.AsyncClient
    vendor: str
    base_url: str
    deadline_s: float
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    async def get(
        self, path: str, answer: type[Model], params: Params | None = None, max_bytes: int = MAX_BYTES
    ) -> Model:
        """Return the answer to a GET, validated. Raises VendorUnavailable or VendorRefused."""
        return read(self.vendor, await self._call("GET", path, max_bytes, params=params), answer)

    async def look_up(
        self, path: str, body: Any, answer: type[Model], *, params: Params | None = None, max_bytes: int = MAX_BYTES
    ) -> Model:
        """Return the answer to a POST that only reads, validated. Raises VendorUnavailable or VendorRefused."""
        response = await self._call("POST", path, max_bytes, params=params, json=body, reads=True)
        return read(self.vendor, response, answer)

    async def text(self, path: str, params: Params | None = None, max_bytes: int = MAX_BYTES) -> str:
        """Return the body of the answer to a GET as it is. Raises VendorUnavailable or VendorRefused."""
        response = await self._call("GET", path, max_bytes, params=params)
        return response.content.decode(errors="replace")

    async def post(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        """Send JSON once. Raises VendorUnavailable (nothing was done), VendorRefused or OutcomeUnknown."""
        return await self._call("POST", path, MAX_BYTES, json=body)

    async def patch(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        """Change what is there, once. Raises VendorUnavailable (nothing was done), VendorRefused or OutcomeUnknown."""
        return await self._call("PATCH", path, MAX_BYTES, json=body)

    async def put(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        """Replace what is there; it may be repeated. Raises VendorUnavailable or VendorRefused."""
        return await self._call("PUT", path, MAX_BYTES, json=body)

    async def send(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send JSON once, by any method: whose answer was lost may have been done. Raises as `post` does."""
        return await self._call(method, path, MAX_BYTES, json=body, headers=headers, once=True)

    async def delete(self, path: str) -> httpx.Response:
        """Delete what is there; it may be repeated. Raises VendorUnavailable or VendorRefused."""
        return await self._call("DELETE", path, MAX_BYTES)

    def url(self, path: str) -> str:
        """Return the address of a path below the base URL."""
        return f"{self.base_url}/{path}"

    async def _call(
        self,
        method: str,
        path: str,
        max_bytes: int,
        *,
        params: Params | None = None,
        json: Any = None,
        reads: bool = False,
        once: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        return await call(
            self.http,
            self.vendor,
            method,
            self.url(path),
            deadline_s=self.deadline_s,
            max_bytes=max_bytes,
            headers={**self.headers, **(headers or {})},
            params=params,
            json=json,
            reads=reads,
            once=once,
        )


async def call(
    http: httpx.AsyncClient,
    vendor: str,
    method: str,
    url: str,
    *,
    deadline_s: float,
    max_bytes: int = MAX_BYTES,
    retries: int = 2,
    headers: Mapping[str, str] | None = None,
    params: Params | None = None,
    json: Any = None,
    content: bytes | None = None,
    reads: bool = False,
    once: bool = False,
) -> httpx.Response:
    """Return a 2xx answer, whole, within `deadline_s`; idempotent methods are tried `1 + retries` times.

    `reads`: the request changes nothing, whatever its method, so it may be repeated; with `once` it may not, whatever
    its method. `content` is a body as it is.

    Raises:
        VendorUnavailable: no answer, 429 or 5xx; nothing was done where the method is not idempotent.
        VendorRefused: another status, a redirect, or an answer over `max_bytes`.
        OutcomeUnknown: a request that is not idempotent was sent and no usable answer came.
    """
    ask = _Ask(http, vendor, method.upper(), url, max_bytes, headers, params, json, content, reads, once)
    await ask.departs()
    clock = asyncio.get_running_loop().time
    ends_at = clock() + deadline_s
    attempt = 0
    while True:
        try:
            return await ask.once(ends_at - clock())
        except VendorUnavailable as error:
            wait_s = _wait_s(attempt, error.retry_after_s)
            if not ask.is_idempotent or attempt >= retries or wait_s >= ends_at - clock():
                raise
        await asyncio.sleep(wait_s)
        attempt += 1


def read(vendor: str, response: httpx.Response, answer: type[Model]) -> Model:
    """Return the body as `answer`. Raises VendorRefused naming the field where it is not that."""
    try:
        return TypeAdapter(answer).validate_json(response.content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        problem = f"{vendor}: unexpected answer to {_named(response.request)}: {place}: {first['msg']}"
        raise VendorRefused(problem, response.status_code) from None


@dataclass(frozen=True)
class _Ask:
    """One request that may be tried several times."""

    http: httpx.AsyncClient
    vendor: str
    method: str
    url: str
    max_bytes: int
    headers: Mapping[str, str] | None
    params: Params | None
    json: Any
    content: bytes | None
    reads: bool
    once_only: bool

    async def departs(self) -> None:
        if not self.reads and self.method not in _READING:
            await departing.noted()

    @property
    def is_idempotent(self) -> bool:
        return self.reads or (self.method in _IDEMPOTENT and not self.once_only)

    async def once(self, remaining_s: float) -> httpx.Response:
        """Send it and return a 2xx answer; raises what `call` raises."""
        request = self._request(remaining_s)
        try:
            async with asyncio.timeout(remaining_s):
                response = await self._send(request)
        except _NEVER_SENT as error:
            raise VendorUnavailable(f"{self.vendor}: cannot connect for {_named(request)}: {_told(error)}") from None
        except (httpx.RequestError, TimeoutError) as error:
            raise self._no_answer(f"{self.vendor}: no answer to {_named(request)}: {_told(error)}") from None
        if not response.is_success:
            raise self._refusal(response)
        return response

    def _request(self, remaining_s: float) -> httpx.Request:
        check_target(self.vendor, self.url)
        timeout = httpx.Timeout(remaining_s, connect=min(remaining_s, _CONNECT_S))
        return self.http.build_request(
            self.method,
            self.url,
            headers=self.headers,
            params=self.params,
            json=self.json,
            content=self.content,
            timeout=timeout,
        )

    async def _send(self, request: httpx.Request) -> httpx.Response:
        """Return the answer with its body read up to the cap; redirects are not followed."""
        response = await self.http.send(request, stream=True, follow_redirects=False)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > self.max_bytes:
                    raise self._too_large(response)
        finally:
            await response.aclose()
        kept = [(name, value) for name, value in response.headers.multi_items() if name not in _WIRE_HEADERS]
        return httpx.Response(response.status_code, headers=kept, content=bytes(body), request=request)

    def _too_large(self, response: httpx.Response) -> VendorError:
        problem = f"{self.vendor}: the answer to {_named(response.request)} is over {self.max_bytes} bytes"
        return VendorRefused(problem, response.status_code) if self.is_idempotent else OutcomeUnknown(problem)

    def _no_answer(self, problem: str) -> VendorError:
        return VendorUnavailable(problem) if self.is_idempotent else OutcomeUnknown(problem)

    def _refusal(self, response: httpx.Response) -> VendorError:
        status = response.status_code
        problem = f"{self.vendor}: HTTP {status} for {_named(response.request)}{_reason(response)}"
        if status == 429 or _is_rate_limit(response):
            return VendorUnavailable(problem, _retry_after_s(response))
        if status >= 500:
            # A gateway may answer for a server that did the work, so what cannot be repeated stays unknown.
            return (
                VendorUnavailable(problem, _retry_after_s(response)) if self.is_idempotent else OutcomeUnknown(problem)
            )
        return VendorRefused(problem, status)


def check_target(vendor: str, url: str) -> None:
    """Judge an address before anything connects to it. Raises VendorRefused unless it is plain http or https."""
    try:
        target = httpx.URL(url)
    except httpx.InvalidURL:
        raise VendorRefused(f"{vendor}: not a URL; correct it in copilot.yaml", 0) from None
    if target.scheme not in {"http", "https"} or not target.host or target.userinfo:
        raise VendorRefused(f"{vendor}: only http(s) URLs without user and password are called", 0)


def _wait_s(attempt: int, retry_after_s: float | None) -> float:
    if retry_after_s is not None:
        return retry_after_s
    return _BACKOFF_S * 2.0**attempt * random.uniform(0.5, 1)  # noqa: S311 - spreads retries, guards nothing


def _is_rate_limit(response: httpx.Response) -> bool:
    """Whether a 403 means "slow down": GitHub's secondary limits (docs.github.com/rest/rate-limit)."""
    limited = "retry-after" in response.headers or response.headers.get("x-ratelimit-remaining") == "0"
    return response.status_code == 403 and limited


def _retry_after_s(response: httpx.Response) -> float | None:
    """Return the seconds that Retry-After names, as a number or a date; None where it says nothing usable."""
    text = response.headers.get("retry-after", "")
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (at.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def _reason(response: httpx.Response) -> str:
    """Return ": reason" where the vendor's JSON or plain text gives one, short and on one line."""
    text = ""
    try:
        body = response.json()
        if isinstance(body, dict):
            text = _said(body)
    except ValueError:
        if response.headers.get("content-type", "").startswith("text/plain"):
            text = response.text
    if not text or any(secret in text for secret in _secrets(response.request)):
        return ""
    return ": " + _UNPRINTABLE.sub(" ", redact(text[:2000]))[:200].strip()


def _secrets(request: httpx.Request) -> set[str]:
    """Return what a request carried that nobody should read: all that its headers, or its form, may hold of secrets."""
    told = " ".join(value for name, value in request.headers.items() if name not in _OPEN_HEADERS)
    if request.headers.get("content-type") == _FORM:
        told += " " + unquote_plus(request.content.decode(errors="replace"))
    kind, _, credentials = request.headers.get("authorization", "").partition(" ")
    if kind == "Basic":
        told += " " + base64.b64decode(credentials).decode(errors="replace").partition(":")[2]
    elif not kind.startswith("AWS4-"):  # which is a signature, and repeated by what Amazon says of it
        told += f" {credentials or kind}"
    return {word for word in re.split(r"[\s=&,]+", told) if len(word) >= _SHORTEST_SECRET}


def _said(body: Mapping[str, Any]) -> str:
    """Return what is wrong as vendors write it: a text, a list of them, or an object that has one; "" for none."""
    said = next((body[name] for name in ("error", "message", "Message", "detail", "errors") if body.get(name)), "")
    if isinstance(said, Mapping):
        said = said.get("reason") or said.get("message") or said
    if isinstance(said, list):
        said = "; ".join(map(str, said))
    # Amazon's services name the error here, after the name of the service.
    kind = str(body.get("__type") or "").rpartition("#")[2]
    return f"{kind}: {said}" if kind else str(said)


def _named(request: httpx.Request) -> str:
    """Return method and URL without the query, which may hold what people should not see."""
    return f"{request.method} {request.url.copy_with(query=None, fragment=None)}"


def _told(error: Exception) -> str:
    return {"ReadTimeout": "timed out", "TimeoutError": "timed out", "ConnectTimeout": "timed out"}.get(
        type(error).__name__, type(error).__name__
    )
