"""What the demo stands on: alerts sent until they are taken, a free port, results only of what was written."""

import asyncio
import socket

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from incident_copilot.demo import files, results
from incident_copilot.demo.stage import Stage
from incident_copilot.demo.story import Story
from incident_copilot.errors import UnknownThing
from incident_copilot.sandbox import Sandbox
from incident_copilot.web.server import listening


async def test_alerts_are_sent_until_somebody_takes_them(tmp_path):
    statuses, taken = [503, 200], asyncio.Event()

    async def webhook(_):
        status = statuses.pop(0)
        if not statuses:
            taken.set()
        return PlainTextResponse("", status)

    stage = Stage(tmp_path)
    async with Sandbox.running() as stage.sandbox:
        await stage.play("no_change")
        delivering = asyncio.create_task(stage.deliver_alerts())
        async with listening(
            Starlette(routes=[Route("/webhooks/alertmanager", webhook, methods=["POST"])]), "127.0.0.1", stage.bot.port
        ):
            async with asyncio.timeout(10):
                await taken.wait()
        delivering.cancel()
        await asyncio.wait([delivering])

    assert statuses == []
    assert len(stage.sent_at) == 1


async def test_before_any_world_nothing_was_started(tmp_path):
    assert Stage(tmp_path).dispatches == []


async def test_a_step_that_fails_without_a_word_is_named(tmp_path, capsys):
    async def breaks(story):
        """It happens."""
        raise AssertionError

    stage = Stage(tmp_path)
    async with Sandbox.running() as stage.sandbox:
        happened = await Story(stage, tmp_path, "no_change").play(breaks)

    assert (happened, capsys.readouterr().out) == (False, "FAILED  It happens: AssertionError\n")


def test_a_port_that_is_taken_gives_way_to_a_free_one():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert files.port_or_free(port) == 0
    assert files.port_or_free(files.free_port()) != 0


async def test_there_are_no_results_of_what_was_not_written(tmp_path, db, open_incident):
    with pytest.raises(UnknownThing, match="there is no postmortem of INC-1"):
        await results.write(tmp_path, db, "w", 1, "")
    await open_incident(db)
    with pytest.raises(UnknownThing, match="there is no postmortem of INC-1"):
        await results.write(tmp_path, db, "w", 1, "")
    with pytest.raises(UnknownThing, match="there is no INC-2"):
        await results.log_lines(db, "w", 2)
