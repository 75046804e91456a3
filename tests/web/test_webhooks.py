"""A webhook is stored before it is answered, and a bad one is told what is wrong with it."""

import asyncio
import json
import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import httpx
import pytest
from starlette.applications import Starlette

from incident_copilot.domain.change import Change, ChangeKind, ChangeStatus
from incident_copilot.errors import BadPayload, Forbidden, VendorUnavailable
from incident_copilot.pipeline import dead_letters
from incident_copilot.ports import Delivery, PluginEnv
from incident_copilot.store.db import Db
from incident_copilot.vendors.secrets import Secrets
from incident_copilot.web.server import application, listening
from incident_copilot.web.webhooks import Webhooks

from .conftest import SECRET

ALERT = {
    "status": "firing",
    "labels": {"alertname": "HighErrorRate", "service": "checkout", "severity": "critical"},
    "annotations": {"summary": "Errors"},
    "startsAt": "2026-11-21T11:59:00Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "",
    "fingerprint": "f3f4a0e2c1d2b3a4",
}
BODY = {"version": "4", "status": "firing", "alerts": [ALERT]}


async def send(client, body=BODY, secret=SECRET, to="/webhooks/prod"):
    """Post a body and return status and answer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = await client.post(to, content=content, headers={"Authorization": f"Bearer {secret}"})
    return answer.status_code, answer.json()


async def begin(port):
    """Connect, and send the beginning of a request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /webhooks/prod HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
    await writer.drain()
    return reader, writer


class Talker:
    """A source whose secret is in the address, and whose certificate has to be fetched; it parses as it is told to."""

    def __init__(self, answer):
        self.answer = answer
        self._secrets = Secrets(PluginEnv(http=None, now=None, secret=SECRET, instance="talker"), "talker")

    async def authenticate(self, headers, body):
        self._secrets.require_token(headers)

    def parse(self, headers, body):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def tell(deps, answer, to=f"/webhooks/talker?token={SECRET}"):
    """Post something to a talker and return status and answer."""
    app = application(deps, {"talker": Talker(answer)}, page_token=None, local_only=True)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
        answered = await client.post(to, content=b"{}", headers={"x-github-event": "odd"})
    return answered.status_code, answered.json()


class NotForUs(Talker):
    """A source that knows its sender, and is not to take this from it."""

    async def authenticate(self, headers, body):
        raise Forbidden("SNS: this topic is not listed")


class OutOfReach(Talker):
    """A source whose certificate cannot be fetched for now."""

    async def authenticate(self, headers, body):
        raise VendorUnavailable("SNS: no answer")


async def test_request_that_cannot_be_checked_for_now_is_to_be_sent_again(deps):
    app = application(deps, {"talker": OutOfReach(Delivery())}, page_token=None, local_only=True)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
        answered = await client.post("/webhooks/talker", content=b"{}")

    assert (answered.status_code, answered.json()) == (503, {"error": "not recorded; send it again"})


async def letters(deps):
    """What is kept: source, reason, headers."""
    found, _ = await dead_letters.waiting(deps, 10)
    return [(one.source, one.why, one.headers) for one in found]


async def rows(deps, table):
    """How many rows a table has."""
    async with deps.db.read() as view:
        return (await view.exec_driver_sql(f"SELECT count(*) FROM {table}")).scalar_one()


async def test_an_alert_is_stored_with_its_delivery_and_a_job_before_the_answer(ask, deps):
    async with ask() as client:
        assert await send(client) == (200, {"alerts": 1, "changed": 1})

    assert [await rows(deps, table) for table in ("deliveries", "alerts", "jobs")] == [1, 1, 1]


async def test_the_same_request_again_changes_nothing(ask, deps):
    async with ask() as client:
        await send(client)
        assert await send(client) == (200, {"alerts": 1, "changed": 0})

    assert [await rows(deps, table) for table in ("deliveries", "alerts", "jobs")] == [1, 1, 1]


async def test_ten_senders_at_once_leave_one_delivery(ask, deps):
    async with ask() as client:
        answers = await asyncio.gather(*(send(client) for _ in range(10)))

    assert sorted(body["changed"] for _, body in answers) == [0] * 9 + [1]
    assert await rows(deps, "deliveries") == 1


async def test_an_unknown_source_is_not_found(ask):
    async with ask() as client:
        assert await send(client, to="/webhooks/other") == (404, {"error": "there is no such webhook"})


async def test_a_webhook_is_not_for_reading(ask):
    async with ask() as client:
        answer = await client.get("/webhooks/prod")

    assert (answer.status_code, answer.json()) == (405, {"error": "webhooks are sent with POST"})
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", "Ω"])
async def test_a_wrong_secret_is_refused_and_nothing_is_stored(ask, deps, secret):
    async with ask() as client:
        answer = await client.post("/webhooks/prod", json=BODY, headers={"Authorization": f"Bearer {secret}".encode()})

    said = {"error": "prod: missing or wrong secret in the Authorization header"}
    assert (answer.status_code, answer.json(), answer.headers["WWW-Authenticate"]) == (401, said, "Bearer")
    assert await rows(deps, "deliveries") == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "prod: the body is not JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
        (b"[]", "prod: the body is not a JSON object"),
        (b"\xff", "prod: the body is not UTF-8"),
        (b"[" * 100_000, "prod: the body is nested deeper than 64 levels"),
        ({"version": "4"}, "prod: alerts is not a list"),
        (BODY | {"alerts": [ALERT, 7]}, "prod: alerts[1] "),
        (BODY | {"alerts": [ALERT | {"labels": []}]}, "prod: alerts[0].labels "),
    ],
)
async def test_a_malformed_body_is_told_by_source_and_field(ask, deps, body, said):
    async with ask() as client:
        status, answer = await send(client, body)

    assert (status, answer["error"].startswith(said)) == (400, True), answer
    assert await rows(deps, "deliveries") == 0


async def test_a_body_over_one_megabyte_is_refused(ask, deps):
    async with ask() as client:
        assert await send(client, b" " * (1024 * 1024 + 1)) == (413, {"error": "prod: the body is over 1024 KB"})

    assert await rows(deps, "deliveries") == 0


async def test_a_body_that_does_not_come_to_its_end_is_to_be_sent_again(deps, sources):
    app = Webhooks(deps, sources, Starlette(), slowest_body_s=0.05)
    async with listening(app, "127.0.0.1", 0) as port:
        reader, writer = await begin(port)
        head = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1" in head


async def test_a_sender_that_hangs_up_leaves_nothing(deps, sources, caplog):
    app = Webhooks(deps, sources, Starlette())
    async with listening(app, "127.0.0.1", 0) as port:
        _, writer = await begin(port)
        writer.close()
        await writer.wait_closed()

        async with asyncio.timeout(5):
            while "did not come to its end" not in caplog.text:  # noqa: ASYNC110 -- a log has no event
                await asyncio.sleep(0.01)

    assert await rows(deps, "deliveries") == 0


async def test_while_the_database_is_held_the_sender_is_told_to_repeat(ask, deps, sqlite_url, sources):
    held = Db.open(sqlite_url, lock_wait_s=0.05)
    other = application(type(deps)(**(vars(deps) | {"db": held})), sources, page_token=None, local_only=True)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=other), base_url="http://127.0.0.1") as client:
        with closing(sqlite3.connect(sqlite_url.partition("///")[2])) as somebody:
            somebody.execute("BEGIN IMMEDIATE")
            answer = await client.post("/webhooks/prod", json=BODY, headers={"Authorization": f"Bearer {SECRET}"})

        assert (answer.status_code, answer.json()) == (503, {"error": "not recorded; send it again"})
        assert answer.headers["Retry-After"] == "1"
        assert await send(client) == (200, {"alerts": 1, "changed": 1})
    await held.close()


async def test_refusals_are_logged_without_secrets_or_payload(ask, caplog):
    caplog.set_level(logging.DEBUG, "incident_copilot")
    async with ask() as client:
        await send(client, secret="guessed-secret")
        await send(client, BODY | {"alerts": [ALERT | {"labels": "payload-text"}]})

    said = [record.getMessage() for record in caplog.records if record.name.startswith("incident_copilot")]
    assert [line.partition(":")[0] for line in said] == [
        "webhook prod was refused with 401",
        "webhook prod was refused with 400",
    ]
    assert [word for word in (SECRET, "guessed-secret", "payload-text") if word in caplog.text] == []


@pytest.mark.parametrize(
    "to", ["/webhooks/talker", "/webhooks/talker?token=wrong", "/webhooks/talker?x=1", "/webhooks/talker?token="]
)
async def test_wrong_token_in_the_address_is_refused_and_nothing_is_kept(deps, to):
    status, _ = await tell(deps, Delivery(unknown="odd"), to)

    assert (status, await letters(deps)) == (401, [])


async def test_token_in_the_address_opens_and_is_not_kept_or_logged(deps, caplog):
    caplog.set_level(logging.DEBUG, "incident_copilot")

    assert await tell(deps, BadPayload("talker", "event is odd")) == (400, {"error": "talker: event is odd"})

    assert await letters(deps) == [
        ("talker", "talker: event is odd", {"user-agent": f"python-httpx/{httpx.__version__}", "x-github-event": "odd"})
    ]
    assert SECRET not in caplog.text


async def test_event_that_says_nothing_is_answered_by_its_name_and_not_stored(deps):
    assert await tell(deps, Delivery(ignored="ping")) == (200, {"alerts": 0, "changed": 0, "ignored": "ping"})
    assert [await rows(deps, table) for table in ("deliveries", "dead_letters")] == [0, 0]


async def test_unknown_event_is_taken_and_kept(deps):
    assert await tell(deps, Delivery(unknown="event odd")) == (
        200,
        {"alerts": 0, "changed": 0, "unknown": "event odd"},
    )
    assert [(source, why) for source, why, _ in await letters(deps)] == [("talker", "talker: event odd")]


async def test_change_is_stored_before_the_answer(deps):
    at = datetime(2026, 11, 21, tzinfo=UTC)
    change = Change(
        source="talker", key="k", kind=ChangeKind.MERGE, status=ChangeStatus.SUCCEEDED, title="Fix it", at=at
    )

    assert await tell(deps, Delivery(changes=(change,))) == (200, {"alerts": 0, "changed": 0, "changes": 1})
    assert [await rows(deps, table) for table in ("deliveries", "changes", "jobs")] == [1, 1, 0]


async def test_plugin_that_breaks_loses_nothing(deps, caplog):
    status, answer = await tell(deps, KeyError("id"))

    said = "the plugin failed with KeyError; see the copilot's log"
    assert (status, answer["unknown"]) == (200, said)
    assert [why for _, why, _ in await letters(deps)] == [f"talker: {said}"]
    assert "alert source talker failed on a body" in caplog.text


@pytest.mark.parametrize("answer", [BadPayload("talker", "odd"), Delivery(unknown="odd")])
async def test_what_cannot_be_kept_is_to_be_sent_again(deps, answer):
    async with deps.db.transaction() as tx:
        await tx.exec_driver_sql("DROP TABLE dead_letters")

    assert await tell(deps, answer) == (503, {"error": "not recorded; send it again"})


async def test_what_a_known_sender_may_not_send_is_forbidden_and_not_kept(deps):
    app = application(deps, {"talker": NotForUs(Delivery())}, page_token=None, local_only=True)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
        answered = await client.post("/webhooks/talker", content=b"{}")

    assert (answered.status_code, answered.json()) == (403, {"error": "SNS: this topic is not listed"})
    assert await dead_letters.waiting(deps, 9) == ([], [])
