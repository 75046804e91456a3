"""The openai client for one address: OpenAI itself, Azure, or a server that speaks the same API."""

import ipaddress
import logging
from collections.abc import AsyncIterator
from typing import cast
from urllib.parse import parse_qs, urlsplit

import httpx2
from openai import AsyncOpenAI, DefaultAsyncHttpx2Client

from incident_copilot.errors import ConfigError
from incident_copilot.llm.reading import MOST_BYTES

log = logging.getLogger(__name__)

OPENAI = "api.openai.com"
AZURE = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
_QUESTIONS = ("/chat/completions", "/responses")


def client_of(
    base_url: str | None, api_key: str | None, api_version: str | None = None, http: httpx2.AsyncClient | None = None
) -> AsyncOpenAI:
    """Return a client; `api_version` is Azure's, which wants the key in a header of its own and in no other.

    An address may be copied with more or less of a path than is its base, and with Azure's version. The deadline is the
    caller's and nothing is retried here. A server of one's own often wants no key.

    Raises:
        ConfigError: the key has characters that no header can hold.
    """
    if api_key and not api_key.isascii():
        raise ConfigError("COPILOT_LLM_API_KEY: it has characters that no key has; copy it once more")
    address = urlsplit(base_url or "")
    version = api_version or parse_qs(address.query).get("api-version", [None])[0]
    if api_key and address.scheme == "http" and not _is_here(address.hostname or ""):
        log.warning("the key of the language model goes over plain http, for anybody on the way to read; use https")
    http = http or DefaultAsyncHttpx2Client(follow_redirects=False)
    http.event_hooks = {"request": [_as_azure_wants_it] if version else [], "response": [bounded]}
    return AsyncOpenAI(
        api_key=api_key or "none",
        base_url=_base(base_url) if base_url else None,
        max_retries=0,
        http_client=http,
        default_headers={"accept-encoding": "identity"},
        default_query={"api-version": version} if version else None,
    )


def _base(url: str) -> str:
    """Every server has its API below a path, most below /v1."""
    address = urlsplit(url)
    path = address.path.rstrip("/")
    for one in _QUESTIONS:
        path = path.removesuffix(one)
    return address._replace(path=path or "/v1", query="", fragment="").geturl()


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _as_azure_wants_it(request: httpx2.Request) -> None:
    """It takes a bearer for a token of its directory, which a key is not."""
    request.headers["api-key"] = request.headers.pop("authorization").removeprefix("Bearer ")


def speaks_responses(base_url: str | None) -> bool:
    """Whether an address is OpenAI's own, which alone is known to keep to the form of answers in that API."""
    return base_url is None or urlsplit(base_url).hostname == OPENAI


def has_tools(base_url: str | None) -> bool:
    """Whether an address is known to have its models use the tools that they are told to use.

    Servers of one's own often take tools and let the model write what it likes; to a form of JSON they do keep.
    """
    return speaks_responses(base_url) or str(urlsplit(base_url or "").hostname).endswith(AZURE)


async def bounded(response: httpx2.Response) -> None:
    """Have no more read of an answer than can be one; of an error page the SDK would take all."""
    response.stream = _Bounded(cast("httpx2.AsyncByteStream", response.stream))


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, whole: httpx2.AsyncByteStream) -> None:
        self._whole = whole

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._whole:
            size += len(chunk)
            if size > 2 * MOST_BYTES:
                raise httpx2.ReadError("the answer is too long")
            yield chunk

    async def aclose(self) -> None:
        await self._whole.aclose()
