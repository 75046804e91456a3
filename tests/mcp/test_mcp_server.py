"""The copilot as a server of MCP: what agents may read, in whose name, and how it is said."""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from environment import own_environment
from incident_copilot import cli
from incident_copilot.domain.base import new_id
from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.log import LogKind, TimelineEntry, TimelineKind
from incident_copilot.domain.person import Person
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbook import Library
from incident_copilot.knowledge.runbooks import parse_runbook
from incident_copilot.mcp.protocol import CHARACTERS, Conversation
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_log, evidence, incidents, timeline
from test_cli_sources import typed
from whole import settings_for, with_tables, workspace

__all__ = ["own_environment", "typed"]

NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)
RUNBOOK = b"""---
title: Disk full
alerts: [DiskFull]
---
# Disk full
## First five minutes
1. See what grows.
"""


class People:
    """Who is in the workspace; guests are known by their id."""

    async def person(self, chat_id):
        return Person(id=chat_id, name=chat_id, is_guest=chat_id == "UGUEST")


@pytest.fixture
def deps(db):
    runbook, _ = parse_runbook("disk-full.md", RUNBOOK)
    return Deps(
        db=db,
        now=lambda: NOW,
        workspace_id="w",
        chat=People(),
        catalog=Catalog(),
        runbooks=RunbookIndex.build(Library(runbooks=(runbook,))),
    )


@pytest.fixture
def ask(deps):
    """Asks one thing and returns the result, or the error."""

    async def asked(method, asker="U1", **params):
        line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        answer = json.loads(await Conversation(deps, asker).answer(line))
        return answer.get("result") or answer["error"]

    return asked


@pytest.fixture
def tell(ask):
    """Calls a tool and returns its text."""

    async def told(name, asker="U1", **arguments):
        answer = await ask("tools/call", asker, name=name, arguments=arguments)
        return answer["content"][0]["text"]

    return told


@pytest.fixture
async def incident(db, open_incident):
    """INC-1, with evidence, a line on the timeline and one in the log."""
    opened = await open_incident(db, service="mailer", title="Mail fails", workspace_id="w")
    async with db.transaction() as tx:
        item = {"id": new_id(NOW), "incident_id": opened.id, "source": "Loki", "kind": EvidenceKind.LOG}
        text = "token ghp_" + "a" * 36
        await evidence.add_all(tx, [Evidence(**item, title="Lines", summary=text, taken_at=NOW, query="{app}")])
        entry = {"id": new_id(NOW), "incident_id": opened.id, "at": NOW, "kind": TimelineKind.MESSAGE}
        await timeline.add(tx, TimelineEntry(**entry, text="it is slow", author="U1", ref="m1"))
        said = {"workspace_id": "w", "incident_id": opened.id, "actor": "U1", "kind": LogKind.DECLARED}
        await action_log.append(tx, **said, payload={"title": "Mail fails"}, now=NOW)
    return opened


async def test_server_says_what_it_is_and_that_its_tools_only_read(ask):
    begun = await ask("initialize", protocolVersion="2024-11-05")
    newer = await ask("initialize", protocolVersion="2099-01-01")
    tools = (await ask("tools/list"))["tools"]

    assert (begun["protocolVersion"], newer["protocolVersion"]) == ("2024-11-05", "2025-06-18")
    assert [one["name"] for one in tools] == [
        "list_incidents",
        "get_incident",
        "get_evidence",
        "get_timeline",
        "get_action_log",
        "get_postmortem",
        "similar_incidents",
        "search_runbooks",
    ]
    assert all(one["annotations"]["readOnlyHint"] for one in tools)
    assert tools[1]["inputSchema"]["required"] == ["incident"]


async def test_incidents_are_told_with_what_was_found(tell, incident):
    assert (await tell("list_incidents")).startswith("INC-1 P1 open: Mail fails on mailer, since ")
    assert "Nobody leads it yet." in await tell("get_incident", incident="inc-1")
    assert json.loads(await tell("get_evidence", incident="INC-1"))["query"] == "{app}"
    assert (await tell("get_timeline", incident="1")).endswith("message: it is slow")
    assert json.loads(await tell("get_action_log", incident="INC-1"))["payload"] == {"title": "Mail fails"}
    assert await tell("get_postmortem", incident="INC-1") == "It is not written yet."
    assert await tell("similar_incidents", incident="INC-1") == "Nothing like INC-1 is known."


async def test_secrets_in_what_was_found_are_masked(tell, incident):
    assert "ghp_" not in await tell("get_evidence", incident="INC-1")


async def test_ended_incident_is_listed_for_two_weeks(tell, db, incident):
    async with db.transaction() as tx:
        current = await incidents.lock(tx, incident.id)
        await incidents.save(tx, current.model_copy(update={"ended_at": NOW, "opened_at": NOW - timedelta(days=1)}))

    assert (await tell("list_incidents")).startswith("INC-1 ")


async def test_without_incidents_that_is_said(tell):
    assert await tell("list_incidents") == "There is no incident, and was none in the last two weeks."


async def test_runbooks_are_found_by_alert_and_by_words(tell):
    found = await tell("search_runbooks", words="DiskFull")

    assert found.splitlines()[-1] == "1. See what grows."
    assert await tell("search_runbooks", words="printer jam") == "No runbook fits."


async def test_incident_is_a_resource(ask, incident):
    (one,) = (await ask("resources/list"))["resources"]
    (text,) = (await ask("resources/read", uri=one["uri"]))["contents"]

    assert (one["uri"], one["name"]) == ("incident-copilot://incidents/INC-1", "INC-1 Mail fails")
    assert text["text"].startswith("INC-1 P1 open: Mail fails on mailer")
    (template,) = (await ask("resources/templates/list"))["resourceTemplates"]
    assert template["uriTemplate"] == "incident-copilot://incidents/{incident}"


async def test_private_incident_is_told_to_nobody(ask, tell, db, incident):
    async with db.transaction() as tx:
        await incidents.save(tx, (await incidents.lock(tx, incident.id)).model_copy(update={"private": True}))

    assert await tell("list_incidents") == "There is no incident, and was none in the last two weeks."
    assert await tell("get_evidence", incident="INC-1") == "there is no incident INC-1"
    assert (await ask("resources/list"))["resources"] == []
    assert await ask("resources/read", uri="incident-copilot://incidents/INC-1") == {
        "code": -32602,
        "message": "there is no incident INC-1",
    }


async def test_guest_reads_nothing(ask, tell, incident):
    said = "Guests and people from outside this workspace cannot read incidents."

    assert await tell("get_incident", asker="UGUEST", incident="INC-1") == said
    assert (await ask("resources/list", "UGUEST"))["message"] == said


async def test_long_answer_is_cut_and_says_so(tell, db, incident):
    async with db.transaction() as tx:
        for place in range(80):
            entry = {"id": new_id(NOW), "incident_id": incident.id, "at": NOW, "kind": TimelineKind.MESSAGE}
            await timeline.add(tx, TimelineEntry(**entry, text="x" * 1000, author="U1", ref=f"long{place}"))

    text = await tell("get_timeline", incident="INC-1")

    assert text[CHARACTERS:] == "\n(cut: there is more)"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{", -32700),
        ("[]", -32600),
        ('{"id": 1, "method": "tools/delete"}', -32601),
        ('{"id": 1, "method": "tools/call", "params": {"name": "delete"}}', -32602),
        ('{"id": 1, "method": "tools/call", "params": {"name": "get_incident"}}', -32602),
    ],
)
async def test_request_of_another_shape_is_refused(deps, line, code):
    assert json.loads(await Conversation(deps, "U1").answer(line))["error"]["code"] == code


async def test_notification_has_no_answer_and_a_ping_has(deps):
    conversation = Conversation(deps, "U1")

    assert await conversation.answer('{"method": "notifications/initialized"}') is None
    assert json.loads(await conversation.answer('{"id": "a", "method": "ping"}')) == {
        "jsonrpc": "2.0",
        "id": "a",
        "result": {},
    }


ASKED = [
    '{"id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18"}}',
    '{"method": "notifications/initialized"}',
    "x" * 1_100_000,
    '{"id": 2, "method": "tools/call", "params": {"name": "list_incidents"}}',
    "",
]


@pytest.fixture
async def settings(own_environment, tmp_path):
    """The settings of a copilot beside a sandbox workspace, with its tables."""
    async with workspace(tmp_path) as whole:
        yield await with_tables(settings_for(whole))


def said_in(out):
    """What a conversation said, in a few words."""
    answers = [json.loads(line) for line in out.splitlines()]
    first, second, *_, last = answers
    return (
        first["result"]["serverInfo"]["name"],
        second["error"]["message"],
        last["result"]["content"][0]["text"],
    )


SAID = (
    "incident-copilot",
    "the message is too long",
    "There is no incident, and was none in the last two weeks.",
)


async def test_agent_talks_to_the_command_over_standard_input_and_output(settings):
    given = {
        "COPILOT_DATABASE_URL": settings.database_url,
        "COPILOT_SLACK_BOT_TOKEN": settings.slack_bot_token.get_secret_value(),
        "COPILOT_SLACK_APP_TOKEN": settings.slack_app_token.get_secret_value(),
        "COPILOT_SLACK_BASE_URL": settings.slack_base_url,
        "PYTHONPATH": str(Path(cli.__file__).parents[1]),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "incident_copilot", "mcp", "--as", "U0ANA"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | given,
    )

    out, error = await process.communicate("\n".join(ASKED).encode())

    assert (process.returncode, error) == (0, b"")
    assert said_in(out) == SAID


async def test_conversation_ends_with_the_input(settings, monkeypatch, capsys):
    ours, theirs = os.pipe()
    monkeypatch.setattr(sys, "stdin", os.fdopen(ours))

    def write():
        with os.fdopen(theirs, "w") as stream:
            stream.write("\n".join(ASKED))

    await asyncio.gather(cli._serve_agent(settings, "U0ANA"), asyncio.to_thread(write))

    assert said_in(capsys.readouterr().out) == SAID


def test_command_says_what_it_lacks(own_environment, typed):
    code, _, error = typed("mcp", "--as", "U0ANA")

    assert (code, error.startswith("COPILOT_SLACK_BOT_TOKEN")) == (1, True)
