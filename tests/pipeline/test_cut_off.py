"""An answer whose process dies while it writes is ended with a word by whoever runs next, and by nobody before."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from incident_copilot.errors import ChatRefused, ChatUnavailable
from incident_copilot.pipeline import cut_off, wakeups
from incident_copilot.store import open_streams
from incident_copilot.store.db import Db
from incident_copilot.store.open_streams import OpenStream

from .life import Life

HERE, THERE = OpenStream("C1", "1.1", "1.2"), OpenStream("C1", "2.1", "2.2")


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def looked(life):
    """Which answers the next look ends."""
    async with life.deps.db.transaction() as tx:
        await wakeups.cut_off(tx, life.deps, at=life.deps.now())
    await life.work()
    told, life.chat.ended = life.chat.ended, []
    return told


async def test_what_is_still_written_is_left_alone_and_ended_once_when_nobody_goes_on(life, clock):
    await cut_off.writes(life.deps, HERE)
    clock.forward(70)
    await cut_off.writes(life.deps, HERE)
    await cut_off.writes(life.deps, THERE)
    await cut_off.has_ended(life.deps, THERE)
    clock.forward(70)
    still_written = await looked(life)
    clock.forward(20)

    assert still_written == []
    assert await looked(life) == [(*HERE, cut_off.WORD)]
    assert await looked(life) == []


async def test_after_a_restart_nothing_is_waited_for(life):
    await cut_off.after_restart(life.deps)
    await cut_off.writes(life.deps, HERE)

    await cut_off.after_restart(life.deps)
    await life.work()

    assert life.chat.ended == [(*HERE, cut_off.WORD)]


async def test_with_slack_away_it_is_tried_again_and_what_slack_ended_needs_no_end(life):
    for one in (HERE, THERE):
        await cut_off.writes(life.deps, one)
    life.chat.trouble = {
        "1.2": ChatUnavailable("Slack is away", retry_after_s=1),
        "2.2": ChatRefused("Slack refuses", "message_not_in_streaming_state"),
    }
    await cut_off.after_restart(life.deps)
    await life.work()
    life.chat.trouble = {}

    assert await looked(life) == [(*HERE, cut_off.WORD)]


async def test_without_a_database_an_answer_is_written_all_the_same(life, caplog):
    caplog.set_level("INFO", "incident_copilot")
    async with life.deps.db.transaction() as tx:
        await tx.execute(sa.text("DROP TABLE open_streams"))

    await cut_off.writes(life.deps, HERE)
    await cut_off.has_ended(life.deps, HERE)

    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "an answer is written without a note of it",
        "an answer that has ended is ended once more later",
    ]


async def test_where_other_processes_may_write_a_restart_ends_nothing(life, clock):
    await cut_off.writes(life.deps, HERE)
    shared = Db.open("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")

    await cut_off.after_restart(replace(life.deps, db=shared))

    await shared.close()
    async with life.deps.db.read() as db:
        assert await open_streams.lapsed(db, "w", clock()) == []
