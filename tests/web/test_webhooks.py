"""A webhook is stored before it is answered, and a bad one is told what is wrong with it."""

import asyncio
import json
import logging
import sqlite3
from contextlib import closing

import httpx
import pytest
from starlette.applications import Starlette

from incident_copilot.store.db import Db
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
