"""A process that was stopped for a while does not do what may be somebody else's by then."""

import time

import aiohttp
import pytest

from incident_copilot.errors import ChatUnknown
from incident_copilot.sandbox import Sandbox
from incident_copilot.slack.calls import call, connected
from incident_copilot.store.db import Db


async def test_request_whose_deadline_passed_during_a_pause_is_not_sent():
    async def pause(*_):
        time.sleep(1.1)  # noqa: ASYNC251 -- it stands for SIGSTOP

    tracing = aiohttp.TraceConfig()
    tracing.on_request_start.append(pause)
    tracing.freeze()
    async with Sandbox.running() as sandbox, connected(sandbox.bot_token, sandbox.base_url) as client:
        await call(client, "conversations.join", repeatable=True, channel=sandbox.channel("#general").id)
        before = len(sandbox.ledger)
        client.timeout = 1
        client.session.trace_configs.append(tracing)
        with pytest.raises(ChatUnknown):
            await call(client, "chat.postMessage", repeatable=False, channel="#general", text="late")
        client.session.trace_configs.clear()
        await call(client, "chat.postMessage", repeatable=False, channel="#general", text="next")

        assert [effect.args["text"] for effect in sandbox.ledger[before:]] == ["next"]


async def test_transaction_of_a_stopped_process_gives_its_locks_back(fresh_postgres_url):
    db = Db.open(fresh_postgres_url)
    async with db.read() as view:
        shown = (await view.exec_driver_sql("SHOW idle_in_transaction_session_timeout")).scalar()
    await db.close()

    assert shown == "8s"
