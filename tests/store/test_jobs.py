"""Jobs: keyed, leased one per lane, fenced, retried after a pause and parked in the end."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from incident_copilot.errors import LostLease
from incident_copilot.store import jobs
from incident_copilot.store.tables import jobs as table

LEASE = timedelta(seconds=30)
KINDS = ["gather", "review"]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def put(clock):
    """Enqueues a job; the key is its name, the lane is its own where none is named."""

    async def enqueue(db, key, **values):
        defaults = {"workspace_id": "w", "kind": "gather", "lane": f"lane of {key}", "run_at": clock()}
        async with db.transaction() as tx:
            await jobs.enqueue(tx, key=key, **(defaults | values))

    return enqueue


@pytest.fixture
def claim(clock):
    """Claims what is due."""

    async def take(db, who="me", limit=10, kinds=KINDS):
        async with db.transaction() as tx:
            return await jobs.claim(tx, who, kinds, limit, clock(), LEASE)

    return take


async def _rows(db):
    async with db.read() as view:
        found = await view.execute(sa.select(table))
        return sorted((row.key, row.state, row.attempts) for row in found)


async def _expire(db):
    """Let every lease run out."""
    async with db.transaction() as tx:
        await tx.execute(sa.update(table).values(lease_until=LONG_AGO))


async def test_due_job_is_claimed_once(any_db, put, claim):
    await put(any_db, "a", payload={"incident_id": "i"})
    [job] = await claim(any_db)

    assert (job.key, job.kind, job.payload, job.attempts, job.lease_by) == (
        "a",
        "gather",
        {"incident_id": "i"},
        1,
        "me",
    )
    assert await claim(any_db, "other") == []


async def test_job_of_the_future_waits_for_its_time(db, put, claim, clock):
    await put(db, "a", run_at=clock() + timedelta(seconds=5))
    early = await claim(db)
    clock.forward(5)

    assert (early, [job.key for job in await claim(db)]) == ([], ["a"])


async def test_jobs_of_kinds_nobody_asked_for_stay(db, put, claim):
    await put(db, "a")

    assert await claim(db, kinds=["review"]) == []


async def test_most_urgent_comes_first_then_the_longest_due(any_db, put, claim, clock):
    await put(any_db, "late", run_at=clock() - timedelta(seconds=1))
    await put(any_db, "later", run_at=clock())
    await put(any_db, "urgent", priority=1)

    assert [job.key for job in await claim(any_db, limit=2)] == ["urgent", "late"]


async def test_lane_has_one_leased_job_at_a_time(any_db, put, claim):
    await put(any_db, "first", lane="incident:1", priority=1)
    await put(any_db, "second", lane="incident:1")
    await put(any_db, "elsewhere", lane="incident:2")
    [first, elsewhere] = await claim(any_db)
    meanwhile = await claim(any_db)
    async with first.finish(any_db):
        pass
    [second] = await claim(any_db)

    assert (first.key, elsewhere.key, meanwhile, second.key) == ("first", "elsewhere", [], "second")


async def test_same_lane_of_another_workspace_is_another_lane(db, put, claim):
    await put(db, "a", lane="digest")
    await put(db, "a", lane="digest", workspace_id="v")

    assert sorted(job.workspace_id for job in await claim(db)) == ["v", "w"]


async def test_ready_key_stays_one_row_with_the_earlier_time_and_higher_urgency(any_db, put, claim, clock):
    await put(any_db, "a", run_at=clock() + timedelta(hours=1), priority=5)
    await put(any_db, "a", run_at=clock(), priority=7)
    await put(any_db, "a", run_at=clock() + timedelta(hours=2), priority=3)
    [job] = await claim(any_db)

    assert (job.run_at, job.priority) == (clock(), 3)
    assert await _rows(any_db) == [("a", "leased", 1)]


async def test_work_that_arrives_while_its_key_runs_makes_it_run_again(any_db, put, claim):
    await put(any_db, "a")
    [first] = await claim(any_db)
    await put(any_db, "a")
    async with first.finish(any_db):
        pass
    [again] = await claim(any_db)

    assert (again.key, again.id == first.id) == ("a", False)


async def test_tick_is_left_once_for_ever(any_db, claim, clock):
    tick = {"workspace_id": "w", "kind": "gather", "key": "digest:12", "lane": "digest", "run_at": clock()}
    async with any_db.transaction() as tx:
        first = await jobs.enqueue_tick(tx, **tick)
    [job] = await claim(any_db)
    async with job.finish(any_db):
        pass
    async with any_db.transaction() as tx:
        second = await jobs.enqueue_tick(tx, **tick)

    assert (first, second, job.tick) == (True, False, True)
    assert await _rows(any_db) == [("digest:12", "done", 1)]


async def test_finish_commits_results_with_the_job(any_db, put, claim, clock):
    await put(any_db, "a")
    [job] = await claim(any_db)
    async with job.finish(any_db) as tx:
        await jobs.enqueue(tx, workspace_id="w", kind="gather", key="next", lane="l", run_at=clock())

    assert await _rows(any_db) == [("a", "done", 1), ("next", "ready", 0)]


async def test_expired_lease_is_taken_over_and_the_stale_holder_is_fenced(any_db, put, claim, clock):
    await put(any_db, "a")
    [stale] = await claim(any_db, "paused")
    await _expire(any_db)
    [taken] = await claim(any_db, "other")

    async def finish_late():
        async with stale.finish(any_db) as tx:
            await jobs.enqueue(tx, workspace_id="w", kind="gather", key="never", lane="l", run_at=clock())

    with pytest.raises(LostLease, match="job a is leased to somebody else"):
        await finish_late()
    async with any_db.read() as view:
        held = [await jobs.is_held(view, stale), await jobs.is_held(view, taken)]

    assert (taken.attempts, held) == (2, [False, True])
    assert await _rows(any_db) == [("a", "leased", 2)]


async def test_same_worker_with_an_older_attempt_is_fenced_too(db, put, claim, clock):
    await put(db, "a")
    [older] = await claim(db)
    await _expire(db)
    await claim(db)

    with pytest.raises(LostLease):
        async with db.transaction() as tx:
            await older.complete(tx)


async def test_renewed_lease_is_kept_and_a_lost_one_reported(any_db, put, claim):
    await put(any_db, "mine")
    await put(any_db, "lost")
    claimed = {job.key: job.id for job in await claim(any_db)}
    await _expire(any_db)
    async with any_db.transaction() as tx:
        kept = await jobs.renew(tx, "me", [claimed["mine"]], LEASE)
    taken = await claim(any_db, "other")
    async with any_db.transaction() as tx:
        later = await jobs.renew(tx, "me", claimed.values(), LEASE)

    assert (kept, [job.key for job in taken], later) == ({claimed["mine"]}, ["lost"], {claimed["mine"]})


async def test_failed_job_runs_again_after_a_pause_that_doubles(db, put, claim, clock):
    await put(db, "a")
    pauses = []
    for _ in range(3):
        [job] = await claim(db)
        async with db.transaction() as tx:
            assert await jobs.fail(tx, job, "ValueError: no", clock()) is False
        async with db.read() as view:
            due_at = await jobs.next_due(view, KINDS, clock())
        pauses.append((due_at - clock()).total_seconds())
        clock.forward(pauses[-1])

    assert pauses == [2, 4, 8]


async def test_job_that_fails_too_often_is_parked_with_its_error(db, put, claim, clock):
    await put(db, "a")
    parked = []
    for _ in range(jobs.MAX_ATTEMPTS):
        [job] = await claim(db)
        async with db.transaction() as tx:
            parked.append(await jobs.fail(tx, job, "ValueError: no", clock()))
        clock.forward(60)
    async with db.read() as view:
        [dead] = await jobs.dead(view, "w")

    assert parked == [False] * 7 + [True]
    assert (dead.key, dead.error, await claim(db)) == ("a", "ValueError: no", [])


async def test_job_whose_process_dies_each_time_is_parked(db, put, claim):
    await put(db, "a")
    attempts = []
    for _ in range(jobs.MAX_ATTEMPTS):
        attempts += [job.attempts for job in await claim(db)]
        await _expire(db)
    async with db.transaction() as tx:
        parked = await jobs.park_abandoned(tx, KINDS)
    nothing = await claim(db)
    async with db.read() as view:
        [dead] = await jobs.dead(view, "w")

    assert (attempts, nothing, parked) == ([1, 2, 3, 4, 5, 6, 7, 8], [], [dead])
    assert dead.error == "its process stopped during attempt 8"


async def test_failure_is_handed_to_the_row_that_became_ready_meanwhile(any_db, put, claim, clock):
    await put(any_db, "a")
    [job] = await claim(any_db)
    await put(any_db, "a")
    async with any_db.transaction() as tx:
        await jobs.fail(tx, job, "ValueError: no", clock())
    early = await claim(any_db)
    clock.forward(2)
    [again] = await claim(any_db)

    assert (early, again.attempts, again.error) == ([], 2, "ValueError: no")
    assert await _rows(any_db) == [("a", "done", 1), ("a", "leased", 2)]


async def test_failed_tick_runs_again(db, claim, clock):
    async with db.transaction() as tx:
        await jobs.enqueue_tick(tx, workspace_id="w", kind="gather", key="t", lane="t", run_at=clock())
    [job] = await claim(db)
    async with db.transaction() as tx:
        await jobs.fail(tx, job, "ValueError: no", clock())
    clock.forward(2)

    assert [job.attempts for job in await claim(db)] == [2]


async def test_released_job_is_due_at_once(db, put, claim):
    await put(db, "a")
    [job] = await claim(db)
    async with db.transaction() as tx:
        await jobs.release(tx, job)

    assert [job.attempts for job in await claim(db, "other")] == [2]


async def test_cancelled_job_does_not_run(db, put, claim, clock):
    await put(db, "a")
    async with db.transaction() as tx:
        first, second = await jobs.cancel(tx, "w", "a"), await jobs.cancel(tx, "w", "a")

    assert (first, second, await claim(db)) == (True, False, [])


async def test_next_due_is_the_earliest_of_ready_times_and_running_leases(any_db, put, claim, clock):
    async with any_db.read() as view:
        nothing = await jobs.next_due(view, KINDS, clock())
    await put(any_db, "later", run_at=clock() + timedelta(hours=1))
    async with any_db.read() as view:
        timer = await jobs.next_due(view, KINDS, clock())
    await put(any_db, "now")
    await claim(any_db)
    async with any_db.read() as view:
        lease_end = await jobs.next_due(view, KINDS, clock())

    assert (nothing, timer) == (None, clock() + timedelta(hours=1))
    assert timedelta(seconds=20) < lease_end - clock() <= LEASE


async def test_old_done_jobs_are_deleted(db, put, claim, clock):
    await put(db, "old")
    [old] = await claim(db)
    async with old.finish(db):
        pass
    await put(db, "waiting")
    clock.forward(60)
    async with db.transaction() as tx:
        deleted = await jobs.purge(tx, clock())

    assert (deleted, await _rows(db)) == (1, [("waiting", "ready", 0)])


async def test_two_replicas_never_claim_the_same_job(postgres_db, put, claim):
    for number in range(20):
        await put(postgres_db, f"job {number}")
    claimed = await asyncio.gather(*(claim(postgres_db, who, limit=10) for who in ("a", "b")))

    keys = [job.key for jobs_of_one in claimed for job in jobs_of_one]
    assert len(keys) == len(set(keys))


async def test_claim_that_loses_the_race_for_a_lane_says_so(postgres_db, put, claim, clock):
    await put(postgres_db, "first", lane="incident:1")
    async with postgres_db.transaction() as tx:
        await jobs.claim(tx, "faster", KINDS, 1, clock(), LEASE)
        await put(postgres_db, "more urgent", lane="incident:1", priority=1)
        slower = asyncio.create_task(claim(postgres_db, "slower"))
        while not await _somebody_waits(postgres_db):  # noqa: ASYNC110 -- the server tells nobody when one waits
            await asyncio.sleep(0)

    with pytest.raises(LostLease):
        await slower
    assert await _rows(postgres_db) == [("first", "leased", 1), ("more urgent", "ready", 0)]


async def test_ready_row_is_not_claimed_between_enqueue_and_its_commit(postgres_db, put, claim, clock):
    await put(postgres_db, "a")
    async with postgres_db.transaction() as tx:
        await jobs.enqueue(tx, workspace_id="w", kind="gather", key="a", lane="lane of a", run_at=clock())
        before = await claim(postgres_db)

    assert (before, [job.key for job in await claim(postgres_db)]) == ([], ["a"])


async def _somebody_waits(db):
    async with db.read() as view:
        query = sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return (await view.execute(query)).scalar()
