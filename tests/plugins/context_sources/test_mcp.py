"""MCP: tools that only read are called; what they answer are notes."""

import json

import httpx
import pytest
from pydantic import ValidationError

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.errors import VendorRefused, VendorUnavailable
from incident_copilot.plugins.context_sources.mcp import Options, create
from incident_copilot.ports import ToolSource

URL = "https://mcp.test/mcp"
TICKETS = {"tool": "search_tickets", "title": "Tickets of {service}", "arguments": {"query": "{service}", "limit": 5}}


def options(*tools, **more):
    return Options.model_validate({"url": URL, "tools": tools or [TICKETS]} | more)


class Server:
    """Speaks the protocol: a session, two pages of tools, answers as JSON or as a stream of events."""

    def __init__(self, tools, *answers):
        self.tools, self.answers, self.asked = tools, list(answers), []

    def __call__(self, request):
        body = json.loads(request.content)
        self.asked.append((body["method"], request.headers.get("mcp-session-id")))
        match body["method"]:
            case "initialize":
                result = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "t"}}
                return httpx.Response(200, json=self.reply(body, result), headers={"mcp-session-id": "s-1"})
            case "notifications/initialized":
                return httpx.Response(202)
            case "tools/list" if "cursor" not in body["params"]:
                return httpx.Response(200, json=self.reply(body, {"tools": [], "nextCursor": "2"}))
            case "tools/list":
                return httpx.Response(200, json=self.reply(body, self.tools["result"]))
        self.asked.append(body["params"])
        reply = json.dumps(self.reply(body, self.answers.pop(0)))
        return httpx.Response(200, text=f"event: message\ndata: {reply}\n\n")

    def reply(self, body, result):
        return {"jsonrpc": "2.0", "id": body["id"], "result": result}


def said(text, **more):
    return {"content": [{"type": "text", "text": text}, {"type": "image", "data": "x", "mimeType": "image/png"}]} | more


async def test_answer_of_a_tool_is_a_note(env, question, fixture, respx_mock):
    server = Server(fixture("mcp_tools"), said("T-7 mail is late\nT-8 mail is lost"))
    asked = respx_mock.post(URL).mock(side_effect=server)

    (found,) = await create(env, options()).gather(question)

    headers = asked.calls.last.request.headers
    assert [headers[name] for name in ("authorization", "mcp-session-id", "mcp-protocol-version")] == [
        "Bearer s3cret",
        "s-1",
        "2025-06-18",
    ]
    assert server.asked[-1] == {"name": "search_tickets", "arguments": {"query": "mailer", "limit": 5}}
    assert (found.kind, found.source, found.title) == (EvidenceKind.NOTE, "MCP", "Tickets of mailer")
    assert (found.summary, found.data) == (
        "T-7 mail is late T-8 mail is lost",
        {"text": "T-7 mail is late\nT-8 mail is lost"},
    )
    assert found.query == "search_tickets(query=mailer, limit=5)"


async def test_tool_without_a_service_is_called_once_with_the_window(env, question, fixture, respx_mock):
    server = Server(fixture("mcp_tools"), said(" "))
    respx_mock.post(URL).mock(side_effect=server)
    window = {"tool": "search_tickets", "title": "Tickets", "arguments": {"from": "{since}", "to": "{until}"}}
    two = question.model_copy(update={"services": ("mailer", "search")})

    assert await create(env, options(window)).gather(two) == []

    arguments = {"from": "2026-11-21T08:10:00+00:00", "to": "2026-11-21T09:10:00+00:00"}
    assert [one for one in server.asked if isinstance(one, dict)] == [
        {"name": "search_tickets", "arguments": arguments}
    ]


async def test_answer_that_is_an_error_is_told(env, question, fixture, respx_mock):
    respx_mock.post(URL).mock(side_effect=Server(fixture("mcp_tools"), said("no such project", isError=True)))

    with pytest.raises(VendorRefused, match=r"^MCP: search_tickets: no such project$"):
        await create(env, options()).gather(question)


@pytest.mark.parametrize(
    ("tool", "told"),
    [
        ("close_ticket", "close_ticket is not marked as read-only, so it is not called"),
        ("delete", "there is no tool delete; there are: search_tickets, close_ticket"),
    ],
)
async def test_only_tools_that_read_are_called(env, fixture, respx_mock, tool, told):
    server = Server(fixture("mcp_tools"))
    respx_mock.post(URL).mock(side_effect=server)

    with pytest.raises(VendorRefused, match=f"^MCP: {told}$"):
        await create(env, options({"tool": tool, "title": "x"})).check()

    assert "tools/call" not in [method for method, *_ in server.asked]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"jsonrpc": "2.0", "id": 1, "error": {"code": -32602, "message": "bad version"}}, "initialize: bad version"),
        ({"jsonrpc": "2.0", "id": 9, "result": {}}, "initialize: no answer in the body"),
        ([1], "unexpected answer: it is not a message of the protocol"),
        ({"jsonrpc": "2.0", "id": 1, "result": 7}, "unexpected answer to initialize: : Input should be"),
    ],
)
async def test_answer_of_another_shape_is_told(env, respx_mock, body, told):
    respx_mock.post(URL).respond(json=body)

    with pytest.raises(VendorRefused, match=f"^MCP: {told}"):
        await create(env, options()).check()


async def test_endless_pages_of_tools_end(env, respx_mock):
    def endless(request):
        body = json.loads(request.content)
        result = {"tools": [], "nextCursor": "more"} if body["method"] == "tools/list" else {}
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": body.get("id"), "result": result})

    asked = respx_mock.post(URL).mock(side_effect=endless)

    with pytest.raises(VendorRefused, match="there is no tool search_tickets; there are: none"):
        await create(env, options()).check()

    assert asked.call_count == 12


def for_model(*names, **more):
    values = {"url": URL, "for_model": dict.fromkeys(names, "Tickets by words."), "characters": 100}
    return Options.model_validate(values | more)


async def test_model_is_given_tools_by_name_with_a_purpose_that_the_operators_wrote(env, fixture, respx_mock):
    server = Server(fixture("mcp_tools"), said("T-7 " + "late " * 50), said("gone", isError=True))
    respx_mock.post(URL).mock(side_effect=server)
    source = create(env, for_model("search_tickets"))

    (tool,) = await source.tools()
    answer = await tool.call(tool.parameters(query="mail"))
    with pytest.raises(VendorRefused, match=r"^MCP: search_tickets: gone$"):
        await tool.call(tool.parameters())

    assert isinstance(source, ToolSource)
    assert (tool.name, tool.description) == ("mcp_search_tickets", "Tickets by words.")
    assert (len(answer), answer[:9]) == (100, "T-7 late ")
    assert [one["arguments"] for one in server.asked if isinstance(one, dict)] == [{"query": "mail"}, {}]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("close_ticket", "close_ticket is not marked as read-only, so no model is given it"),
        ("delete", "there is no tool delete"),
        ("by_filter", "by_filter requires parameters that are no plain values"),
    ],
)
async def test_tool_that_no_model_may_be_given_is_named_by_check(env, fixture, respx_mock, name, told):
    body = fixture("mcp_tools")
    needs = {"properties": {"filter": {"type": "object"}}, "required": ["filter"]}
    body["result"]["tools"] += [
        {"name": "by_filter", "annotations": {"readOnlyHint": True}, "inputSchema": needs},
    ]
    respx_mock.post(URL).mock(side_effect=Server(body))

    with pytest.raises(VendorRefused, match=f"^MCP: {told}$"):
        await create(env, for_model(name)).check()


async def test_without_tools_of_a_kind_nobody_is_asked(env, question):
    assert await create(env, options()).tools() == ()
    assert await create(env, for_model("search_tickets")).gather(question) == []
    with pytest.raises(ValidationError, match="name tools, or for_model"):
        Options.model_validate({"url": URL})


async def test_server_that_is_away_is_named(env, question, respx_mock):
    respx_mock.post(URL).respond(503)

    with pytest.raises(VendorUnavailable, match=r"^MCP: HTTP 503 for POST https://mcp.test/mcp$"):
        await create(env, options()).gather(question)
