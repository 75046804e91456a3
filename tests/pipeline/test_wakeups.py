"""Jobs that steps leave for one another: one of a key waits at a time, in the lane of what it is about."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from incident_copilot.pipeline import wakeups
from incident_copilot.store.tables import jobs

from .life import Life


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def rows(life):
    query = sa.select(jobs.c.kind, jobs.c.key, jobs.c.lane, jobs.c.payload, jobs.c.run_at).order_by(jobs.c.kind)
    async with life.deps.db.read() as db:
        return [tuple(row) for row in await db.execute(query)]


@pytest.mark.parametrize(
    ("wake", "kind"),
    [
        (wakeups.gather, "gather_context"),
        (wakeups.remind, "remind"),
        (wakeups.end_quiet, "end_quiet"),
        (wakeups.review, "review"),
        (wakeups.last_update, "last_update"),
        (wakeups.word_brief, "word_brief"),
        (wakeups.investigate, "investigate_by_model"),
    ],
)
async def test_work_on_an_incident_waits_once_in_the_incidents_lane(life, clock, wake, kind):
    later = clock() + timedelta(minutes=1)
    async with life.deps.db.transaction() as tx:
        await wake(tx, life.deps, "i1", at=later)
        await wake(tx, life.deps, "i1", at=clock())

    [row] = await rows(life)
    assert row[:2] == (kind, f"{kind}:i1")
    assert row[3:] == ({"incident_id": "i1"}, clock())


async def test_other_work_names_what_it_is_about(life, clock):
    at, until = clock(), clock() + timedelta(minutes=10)
    async with life.deps.db.transaction() as tx:
        await wakeups.correlate(tx, life.deps, at)
        await wakeups.expire(tx, life.deps, "i1", "p1", at)
        await wakeups.observe(tx, life.deps, "Ev1", "C1", at)
        await wakeups.verify(tx, life.deps, "i1", "p1", at=at, until=until)
        await wakeups.without_chat(tx, life.deps, at)

    assert await rows(life) == [
        ("correlate", "correlate:w", "correlate:w", {}, at),
        ("expire", "expire:p1", "incident:i1", {"proposal_id": "p1"}, at),
        ("go_without_chat", "go_without_chat:w", "go_without_chat:w", {}, at),
        ("observe", "observe:Ev1", "observe:C1", {"event_id": "Ev1"}, at),
        (
            "verify",
            "verify:p1",
            "verify:p1",
            {"incident_id": "i1", "proposal_id": "p1", "until": until.isoformat()},
            at,
        ),
    ]


async def test_work_that_waits_is_taken_back(life, clock):
    async with life.deps.db.transaction() as tx:
        await wakeups.remind(tx, life.deps, "i1", at=clock())
        await wakeups.gather(tx, life.deps, "i1", at=clock())
        await wakeups.cancel(tx, life.deps, wakeups.Work.REMIND, "i1")

    assert [row[0] for row in await rows(life)] == ["gather_context"]
