"""Programs declare incidents: with the token, once for each key, and told what runs already."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.domain.person import Person, Role
from incident_copilot.pipeline.deps import Policy
from incident_copilot.store import action_log, incidents
from incident_copilot.store.db import Db

TOKEN = {"Authorization": "Bearer t0ken"}
DOWN = {"title": "Checkout is down", "severity": "P1"}


@pytest.fixture
async def client(ask, deps):
    policy = Policy(public_url="https://copilot.example.net/")
    known = {
        "U0ANA": Person(id="U0ANA", name="Ana", roles=frozenset({Role.RESPONDER})),
        "U0GUS": Person(id="U0GUS", name="Gus", is_guest=True),
    }
    seen = {one: (deps.now() + timedelta(hours=1), person) for one, person in known.items()}
    async with ask(deps=replace(deps, policy=policy, people_seen=seen), api_token="t0ken") as opened:
        yield opened


async def post(client, body, headers=TOKEN):
    answer = await client.post("/api/incidents", json=body, headers=headers)
    return answer.status_code, answer.json()


async def test_incident_is_declared_once_for_each_key_and_names_what_looks_alike(client, deps):
    started = (datetime.now(UTC) - timedelta(minutes=9)).replace(microsecond=0)
    keyed = TOKEN | {"Idempotency-Key": "run-7"}
    body = DOWN | {"started_at": started.isoformat(), "summary": "Carts hang"}

    first = await post(client, body, keyed)
    again = await post(client, body, keyed)
    alike = await post(client, DOWN | {"unless_alike": True})
    other = await post(client, DOWN | {"test": True, "declared_by": "U0ANA"})

    opened = {
        "number": 1,
        "label": "INC-1",
        "severity": "P1",
        "status": "open",
        "started_at": started.isoformat(),
        "url": "https://copilot.example.net/incidents/1",
        "looks_like": [],
    }
    assert first == (201, opened)
    assert again == (200, opened)
    why = [{"label": "INC-1", "why": "100% of the words are the same"}]
    text = "INC-1 looks like this: 100% of the words are the same"
    assert alike == (409, {"error": text, "looks_like": why})
    assert (other[0], other[1]["label"]) == (201, "INC-2 [TEST]")
    async with deps.db.read() as db:
        running = await incidents.running(db, "w")
        actors = [(await action_log.entries(db, one.id))[0].actor for one in running]
    assert [(one.number, one.declared_by) for one in running] == [(2, "U0ANA"), (1, None)]
    assert actors == ["U0ANA", "api:token"]


@pytest.mark.parametrize(
    ("body", "headers", "status", "error"),
    [
        (DOWN, {}, 401, "send COPILOT_API_TOKEN as Authorization: Bearer"),
        (DOWN, {"Authorization": "Bearer wrong"}, 401, "send COPILOT_API_TOKEN as Authorization: Bearer"),
        (DOWN, {"Authorization": "Basic t0ken"}, 401, "send COPILOT_API_TOKEN as Authorization: Bearer"),
        ({}, TOKEN, 400, "title: Field required"),
        ([], TOKEN, 400, "the body: Input should be an object"),
        (DOWN | {"started_at": "2026-11-28T09:00:00"}, TOKEN, 400, "started_at: Input should have timezone info"),
        (DOWN | {"owner": "x"}, TOKEN, 400, "owner: Extra inputs are not permitted"),
        (DOWN, TOKEN | {"Idempotency-Key": "k" * 201}, 400, "Idempotency-Key: 1 to 200 characters"),
        (DOWN | {"summary": "x" * 70_000}, TOKEN, 413, "the body is over 64 KB"),
        (
            DOWN | {"started_at": "2099-01-01T00:00:00Z"},
            TOKEN,
            403,
            "It cannot have started in the future. Look at the time zone.",
        ),
        (
            DOWN | {"declared_by": "U0GUS"},
            TOKEN,
            403,
            "Guests and people from outside this workspace cannot declare incidents.",
        ),
    ],
)
async def test_what_cannot_be_declared_is_refused_with_the_reason(client, body, headers, status, error):
    assert await post(client, body, headers) == (status, {"error": error})


async def test_private_incident_has_no_page(client):
    assert (await post(client, DOWN | {"private": True}))[1]["url"] is None
    assert (await client.get("/incidents/1")).status_code == 404


async def test_without_a_token_nothing_is_declared_by_programs(ask):
    async with ask() as client:
        assert (await client.post("/api/incidents", json=DOWN, headers=TOKEN)).status_code == 404


async def test_what_is_not_recorded_is_to_be_sent_again(ask, deps, tmp_path):
    nowhere = replace(deps, db=Db.open(f"sqlite+aiosqlite:///{tmp_path}/empty.db"))
    async with ask(deps=nowhere, api_token="t0ken") as client:
        assert await post(client, DOWN) == (503, {"error": "not recorded; send it again"})
    await nowhere.db.close()
