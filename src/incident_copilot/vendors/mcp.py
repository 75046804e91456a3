"""A client of the Model Context Protocol over HTTP, as far as tools are listed and called.

https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#streamable-http
"""

import itertools
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from incident_copilot.errors import OutcomeUnknown, VendorRefused
from incident_copilot.vendors.http import MAX_BYTES, VendorHttp, call

Model = TypeVar("Model", bound=BaseModel)
VERSION = "2025-06-18"
_PAGES = 10


class Hints(BaseModel):
    """What a server says of a tool; a hint it does not give is no promise."""

    read_only: bool = Field(default=False, alias="readOnlyHint")


class Tool(BaseModel):
    """A tool that a server offers."""

    name: str
    hints: Hints = Field(default=Hints(), alias="annotations")
    input_schema: dict[str, Any] = Field(default={}, alias="inputSchema")


class Content(BaseModel):
    """A part of an answer; only texts are read."""

    type: str
    text: str = ""


class Called(BaseModel):
    """What a tool answered."""

    content: list[Content] = []
    is_error: bool = Field(default=False, alias="isError")

    @property
    def text(self) -> str:
        """Its texts, one below the other."""
        return "\n".join(part.text for part in self.content if part.type == "text")


class Session:
    """One conversation with a server; `begin` opens it."""

    def __init__(self, http: VendorHttp) -> None:
        self._http = http
        self._ids = itertools.count(1)
        self._more: dict[str, str] = {}

    async def begin(self) -> None:
        """Agree with the server on the protocol. Raises VendorError."""
        client = {"name": "incident-copilot", "version": "1"}
        params = {"protocolVersion": VERSION, "capabilities": {}, "clientInfo": client}
        await self._ask("initialize", params, _Anything)
        self._more["mcp-protocol-version"] = VERSION
        await self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    async def tools(self) -> dict[str, Tool]:
        """Return the tools by name. Raises VendorError."""
        found: dict[str, Tool] = {}
        cursor: str | None = None
        for _ in range(_PAGES):
            page = await self._ask("tools/list", {"cursor": cursor} if cursor else {}, _Tools)
            found |= {tool.name: tool for tool in page.tools}
            cursor = page.next_cursor
            if cursor is None:
                break
        return found

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Called:
        """Return what a tool that only reads answers. Raises VendorError."""
        return await self._ask("tools/call", {"name": tool, "arguments": dict(arguments)}, Called)

    async def act(self, tool: str, arguments: Mapping[str, Any]) -> Called:
        """Call a tool that changes something, once.

        Raises:
            VendorUnavailable: nothing was done, and it may be tried again.
            VendorRefused: the server said that it was not done.
            OutcomeUnknown: it was asked for, and no answer came that can be understood.
        """
        number = next(self._ids)
        params = {"name": tool, "arguments": dict(arguments)}
        asked = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}
        body = await self._send(asked, reads=False)
        try:
            reply = _reply(self._http.vendor, body, number)
            if reply and reply.result is not None:
                return _as(self._http.vendor, "tools/call", reply.result, Called)
        except VendorRefused as error:
            raise OutcomeUnknown(str(error)) from error
        if reply and reply.error:
            raise VendorRefused(f"{self._http.vendor}: {tool}: {reply.error.message}"[:300], 200)
        raise OutcomeUnknown(f"{self._http.vendor}: {tool}: no answer in the body")

    async def _ask(self, method: str, params: Mapping[str, Any], answer: type[Model]) -> Model:
        number = next(self._ids)
        body = await self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        reply = _reply(self._http.vendor, body, number)
        if reply is None or reply.error:
            said = reply.error.message if reply and reply.error else "no answer in the body"
            raise VendorRefused(f"{self._http.vendor}: {method}: {said}"[:300], 200)
        return _as(self._http.vendor, method, reply.result, answer)

    async def _send(self, message: Mapping[str, Any], *, reads: bool = True) -> str:
        headers = {**self._http.headers, "accept": "application/json, text/event-stream", **self._more}
        response = await call(
            self._http.http,
            self._http.vendor,
            "POST",
            self._http.base_url,
            deadline_s=self._http.deadline_s,
            max_bytes=MAX_BYTES,
            headers=headers,
            json=message,
            reads=reads,
        )
        if session := response.headers.get("mcp-session-id"):
            self._more["mcp-session-id"] = session
        return response.content.decode(errors="replace")


class _Anything(BaseModel):
    pass


class _Tools(BaseModel):
    tools: list[Tool]
    next_cursor: str | None = Field(default=None, alias="nextCursor")


class _Error(BaseModel):
    message: str


class _Message(BaseModel):
    id: int | str | None = None
    result: Any = None
    error: _Error | None = None


def _reply(vendor: str, body: str, number: int) -> _Message | None:
    return next((one for one in _messages(vendor, body) if one.id == number), None)


def _messages(vendor: str, body: str) -> list[_Message]:
    """Return the messages of a body: one object, or a stream of events."""
    texts = [line.removeprefix("data:").strip() for line in body.splitlines() if line.startswith("data:")]
    try:
        return [_Message.model_validate_json(text) for text in (texts or [body])]
    except ValidationError:
        raise VendorRefused(f"{vendor}: unexpected answer: it is not a message of the protocol", 200) from None


def _as(vendor: str, method: str, result: Any, answer: type[Model]) -> Model:
    try:
        return TypeAdapter(answer).validate_python(result)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise VendorRefused(f"{vendor}: unexpected answer to {method}: {place}: {first['msg']}", 200) from None
