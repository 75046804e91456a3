"""Tools of an MCP server: one that is allowed, with the arguments of actions.yaml, called once; reading only reads."""

import json
from dataclasses import replace

import httpx
import pytest

from incident_copilot.errors import OutcomeUnknown, VendorRefused, VendorUnavailable
from incident_copilot.plugins.actions.mcp import Options, create
from incident_copilot.ports import ActionResult

from .acting import approved, request_of

URL = "https://mcp.test/mcp"
PARAMS = {
    "tool": "restart",
    "arguments": '{"service": "checkout", "pods": 3}',
    "read": "status_of",
    "read_arguments": '{"service": "checkout"}',
    "state": '{"pods": "pods.ready", "mode": "mode"}',
    "wanted": '{"pods": 3}',
    "effect": "Three pods start anew.",
}
WANTED = {"pods": "3"}


class Server:
    """Speaks the protocol; `answers` are those to changes, `reads` what the reading tool says."""

    def __init__(self, *answers, tools=None, reads='{"pods": {"ready": 2}}'):
        self.tools = {"restart": False, "status_of": True} if tools is None else tools
        self.answers, self.reads, self.called = list(answers), reads, []

    def __call__(self, request):
        body = json.loads(request.content)
        match body["method"]:
            case "initialize":
                return self.says(body, {"protocolVersion": "2025-06-18"})
            case "notifications/initialized":
                return httpx.Response(202)
            case "tools/list":
                listed = [{"name": name, "annotations": {"readOnlyHint": reads}} for name, reads in self.tools.items()]
                return self.says(body, {"tools": listed})
        self.called.append(body["params"])
        if self.tools.get(body["params"]["name"]):
            return self.says(body, text(self.reads))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer(body) if callable(answer) else self.says(body, answer)

    def says(self, body, result):
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": body["id"], "result": result})


def text(said, **more):
    return {"content": [{"type": "text", "text": said}], **more}


def refuses(body):
    return httpx.Response(
        200, json={"jsonrpc": "2.0", "id": body["id"], "error": {"code": 1, "message": "no such pod"}}
    )


def changed(server):
    return [one for one in server.called if one["name"] == "restart"]


@pytest.fixture
def action(env, respx_mock):
    """`action(server)`: the action on a server that answers so."""

    def on(server):
        respx_mock.post(URL).mock(side_effect=server)
        return create(replace(env, instance="platform"), Options(url=URL, tools=["restart"]))

    return on


async def test_dry_run_shows_the_exact_call_and_calls_only_what_reads(action):
    server = Server()

    shown = await action(server).dry_run(PARAMS)

    assert request_of(shown) == (f"tools/call restart at {URL}", {"service": "checkout", "pods": 3})
    assert (shown.target, shown.state, shown.wanted) == ("platform: restart", {"pods": "2", "mode": "none"}, WANTED)
    assert (changed(server), server.called) == ([], [{"name": "status_of", "arguments": {"service": "checkout"}}])


async def test_tool_is_called_once_with_what_was_approved(action, fixture):
    server = Server(fixture("mcp_called"))

    result = await action(server).execute(approved(PARAMS, WANTED))

    assert result == ActionResult(ok=True, summary="Three pods start anew: platform took it.")
    assert changed(server) == [{"name": "restart", "arguments": {"service": "checkout", "pods": 3}}]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (text("quota\nreached", isError=True), "platform: restart: quota reached"),
        (refuses, "platform: restart: no such pod"),
    ],
)
async def test_refusal_is_a_result(action, answer, said):
    assert await action(Server(answer)).execute(approved(PARAMS, WANTED)) == ActionResult(ok=False, summary=said)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadTimeout("late"),
        lambda _: httpx.Response(502),
        lambda _: httpx.Response(200, text="<html>"),
        lambda _: httpx.Response(200, json={"jsonrpc": "2.0", "id": 99, "result": {}}),
        {"content": "no list"},
    ],
)
async def test_lost_answer_leaves_the_outcome_unknown_and_is_looked_for(action, answer):
    server = Server(answer)
    restart = action(server)

    with pytest.raises(OutcomeUnknown):
        await restart.execute(approved(PARAMS, WANTED))

    assert (len(changed(server)), await restart.find(approved(PARAMS, WANTED), None)) == (1, None)
    server.reads = '{"pods": {"ready": 3}}'
    assert (await restart.find(approved(PARAMS, WANTED), None)).summary == "Found done: pods 3 at platform: restart."


async def test_nothing_is_done_where_the_conversation_cannot_begin(action, respx_mock):
    restart = action(Server())
    respx_mock.post(URL).respond(503)

    with pytest.raises(VendorUnavailable):
        await restart.execute(approved({"tool": "restart"}))


@pytest.mark.parametrize(
    ("change", "server", "said"),
    [
        ({"tool": "drop_database"}, Server(), "copilot.yaml does not allow the tool drop_database"),
        ({"arguments": '{"service": ["a"]}'}, Server(), "these parameters cannot be right: arguments"),
        ({}, Server(tools={"status_of": False}), "status_of is not marked as read-only, so it is not asked"),
        ({}, Server(tools={}), "status_of is not marked as read-only, so it is not asked"),
        ({}, Server(reads="fine"), "status_of: its answer is not JSON"),
    ],
)
async def test_what_is_not_allowed_is_not_called(action, change, server, said):
    with pytest.raises(VendorRefused, match=said):
        await action(server).dry_run(PARAMS | change)

    assert changed(server) == []


async def test_check_finds_a_tool_that_is_not_there(action):
    await action(Server()).check()

    with pytest.raises(VendorRefused, match="there is no tool restart"):
        await action(Server(tools={"status_of": True})).check()


async def test_what_cannot_be_read_is_said_so(action):
    shown = await action(Server()).dry_run({"tool": "restart"})

    assert (shown.current, shown.state) == ("It cannot be read.", {})
