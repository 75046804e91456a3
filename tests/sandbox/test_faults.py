"""Faults of Web API calls, rate limits, and what the ledger keeps of it all."""

import asyncio

import aiohttp
import pytest

from incident_copilot.sandbox import Fault, Sandbox, Timing

POST = {"channel": "general", "text": "hello"}


@pytest.fixture
def call(client_of, sandbox):
    return client_of(sandbox).api_call


async def test_a_rate_limited_call_does_nothing_and_says_when_to_come_back(sandbox, client_of):
    client = client_of(sandbox)
    sandbox.faults.add("chat.postMessage", Fault("ratelimited", retry_after=7, times=2))
    answers = [await client.api_call("chat.postMessage", json=POST, ok=False) for _ in range(2)]

    assert [one["error"] for one in answers] == ["ratelimited", "ratelimited"]
    assert (client.status, client.headers["Retry-After"]) == (429, "7")
    assert sandbox.ledger == []
    assert (await client.api_call("chat.postMessage", json=POST))["ok"]
    sandbox.assert_conformant()


async def test_a_server_error_does_nothing(sandbox, client_of):
    client = client_of(sandbox)
    sandbox.faults.add("*", Fault("error", status=503))
    answer = await client.api_call("chat.postMessage", json=POST, ok=False)

    assert (client.status, answer) == (503, {"ok": False, "error": "internal_error"})
    assert sandbox.messages("general") == []


async def test_a_refusal_names_its_code_and_does_nothing(sandbox, call):
    sandbox.faults.add("chat.postMessage", Fault("refuse", code="token_revoked"))

    assert await call("chat.postMessage", json=POST, ok=False) == {"ok": False, "error": "token_revoked"}
    assert sandbox.messages("general") == []


async def test_a_dropped_request_does_nothing(sandbox, call):
    sandbox.faults.add("chat.postMessage", Fault("drop"))
    await _dropped(call)

    assert sandbox.messages("general") == []


async def test_an_error_after_the_work_is_an_effect_nobody_heard_of(sandbox, client_of):
    client = client_of(sandbox)
    sandbox.faults.add("chat.postMessage", Fault("error_after", status=502))
    answer = await client.api_call("chat.postMessage", json=POST, ok=False)

    assert (client.status, answer) == (502, {"ok": False, "error": "internal_error"})
    assert [(one.method, one.reply_dropped) for one in sandbox.ledger] == [("chat.postMessage", True)]


async def test_a_message_is_read_only_after_the_lag(client_of):
    times = [1_800_000_000.0]
    async with Sandbox.running(timing=Timing(read_lag_s=2), now=lambda: times[0]) as sandbox:
        call = client_of(sandbox).api_call
        await call("conversations.join", json={"channel": sandbox.channel("general").id})
        await call("chat.postMessage", json=POST)
        before = await call("conversations.history", json={"channel": sandbox.channel("general").id})
        times[0] += 3
        after = await call("conversations.history", json={"channel": sandbox.channel("general").id})

    assert [[one["text"] for one in seen["messages"][:1]] for seen in (before, after)] == [[], ["hello"]]


async def test_a_dropped_reply_is_an_effect_nobody_heard_of(sandbox, call):
    sandbox.faults.add("conversations.create", Fault("error"))
    sandbox.faults.add("chat.postMessage", Fault("drop_reply"))
    async with aiohttp.ClientSession() as bystander, bystander.get(sandbox.page_url + "control/changes") as stream:
        await _dropped(call)
        assert stream.connection is not None

    [effect] = sandbox.ledger
    assert (effect.method, effect.args, effect.reply_dropped) == ("chat.postMessage", POST, True)
    assert effect.response["ts"] == sandbox.messages("general")[0].ts


async def _dropped(call):
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await call("chat.postMessage", json=POST)


async def test_a_hanging_call_never_answers_and_does_nothing(sandbox, call):
    sandbox.faults.add("chat.postMessage", Fault("hang"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(call("chat.postMessage", json=POST), 0.1)

    assert sandbox.messages("general") == []


async def test_a_hanging_call_does_not_keep_the_sandbox_running(client_of):
    async with Sandbox.running() as sandbox:
        sandbox.faults.add("api.test", Fault("hang"))
        hanging = asyncio.ensure_future(client_of(sandbox).api_call("api.test", json={}))
        await asyncio.sleep(0.05)
    with pytest.raises(aiohttp.ClientError):
        await hanging


async def test_a_slow_call_is_done_in_the_end(sandbox, call):
    sandbox.faults.add("chat.postMessage", Fault("slow", delay_s=0.05))
    began = asyncio.get_running_loop().time()
    assert (await call("chat.postMessage", json=POST))["ok"]

    assert asyncio.get_running_loop().time() - began >= 0.05


async def test_a_channel_takes_a_burst_and_then_one_message_a_second(client_of):
    now = [1000.0]
    async with Sandbox.running(now=lambda: now[0]) as sandbox:
        client = client_of(sandbox)
        answers = [await client.api_call("chat.postMessage", json=POST, ok=False) for _ in range(4)]
        status, retry_after = client.status, client.headers["Retry-After"]
        elsewhere = await client.api_call("chat.postMessage", json=POST | {"channel": "#random"}, ok=False)
        now[0] += 1
        later = await client.api_call("chat.postMessage", json=POST, ok=False)
        unknown = await client.api_call("chat.postMessage", json=POST | {"channel": "C1"}, ok=False)

    assert [one["ok"] for one in answers] == [True, True, True, False]
    assert (status, retry_after, answers[3]) == (429, "1", {"ok": False, "error": "ratelimited"})
    assert (elsewhere["ok"], later["ok"], unknown["error"]) == (True, True, "channel_not_found")
    assert [one.error for one in sandbox.refused] == ["ratelimited", "channel_not_found"]


async def test_a_method_has_so_many_calls_a_minute(client_of):
    now = [1000.0]
    async with Sandbox.running(now=lambda: now[0]) as sandbox:
        client = client_of(sandbox)
        for _ in range(20):
            await client.api_call("conversations.list", json={})
        answer = await client.api_call("conversations.list", json={}, ok=False)

    assert (answer["error"], client.headers["Retry-After"]) == ("ratelimited", "3")


def test_speed_shortens_paces_and_not_deadlines():
    assert Timing().faster(10) == Timing(retry_after_s=(0.0, 6.0, 30.0), post_interval_s=0.1, minute_s=6.0)


async def test_each_expectation_excuses_one_refusal(sandbox, call):
    await call("conversations.join", json={"channel": "general"})
    sandbox.expect_refusal("channel_not_found", times=2)
    sandbox.expect_refusal("no_item_specified", "pins.add")
    for channel in ("C1", "C2"):
        await call("conversations.info", json={"channel": channel}, ok=False)
    await call("pins.add", json={"channel": "general"}, ok=False)
    sandbox.assert_conformant()

    await call("conversations.info", json={"channel": "C3"}, ok=False)
    with pytest.raises(AssertionError) as failed:
        sandbox.assert_conformant()
    assert str(failed.value) == (
        "Slack would have refused:\n- conversations.info: channel_not_found (no channel C3)"
    )  # fmt: skip
