"""The weekly digest: posted once a week in working hours, with what comes back; a quiet week is one line."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from incident_copilot.domain.advice import Came
from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.hypothesis import Hypothesis, Verdict
from incident_copilot.jobs.worker import Worker
from incident_copilot.pipeline import weekly
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import evidence, incidents, jobs, trials

from . import samples
from .life import Life


@pytest.fixture
def life(db, clock):
    return Life(db, clock, weekly_channel="reliability")


async def opened(life, number, days_ago, cause=None):
    """Keep an incident that was opened so many days ago, with its brief; return it."""
    at = life.clock() - timedelta(days=days_ago)
    one = samples.incident(
        id=f"{number:032x}", number=number, correlation_key=f"k{number}", opened_at=at, started_at=at, ended_at=at
    )
    async with life.deps.db.transaction() as tx:
        kept = await incidents.open_new(tx, one)
        if cause:
            await evidence.add_brief(tx, samples.brief(incident_id=one.id, as_of=at, hypotheses=(cause,)))
    return kept


def cause(**fields):
    return Hypothesis(cause="x", verdict=Verdict.LIKELY, confidence=0.6, **fields)


async def test_what_comes_back_and_what_stands_out_is_told(life):
    change = samples.change(id="c1", incident_id=f"{1:032x}")
    for number in range(1, 5):
        suspect = cause(kind="change", change_id="c1") if number < 4 else cause(kind="saturation", object="db")
        await opened(life, number, 7 * number - 6, suspect)
        if number == 1:
            async with life.deps.db.transaction() as tx:
                await evidence.add_all(tx, [change])
    await opened(life, 5, 29)
    async with life.deps.db.transaction() as tx:
        for number in range(6):
            await trials.note(
                tx,
                "w",
                ["rule:dns"],
                proposal_id=str(number),
                incident_id="i",
                came=Came.DID_NOT,
                at=life.clock(),
            )

    shown = await weekly.digest(life.deps)

    part = f"{life.clock() - timedelta(days=1):%A}s between 12:00 and 18:00 (UTC)"
    assert shown.heading == "This week: 1 incident in 7 days"
    assert shown.lines[0].startswith("MTTD (to detect): median ")
    assert [line for line in shown.lines if not line.startswith("MTT")] == [
        "checkout: 5 of 5 incidents in 90 days, which comes by chance once in 256.",
        "The same likely cause in 3 incidents: change (checkout).",
        f"A change told of by {change.source} was the suspect in 3 incidents.",
        f"5 of 5 incidents began {part}, which comes by chance once in 614,656.",
        "Comes last by its record: rule dns, worked 0 of 6 times.",
    ]
    assert change.kind is EvidenceKind.CHANGE


async def test_the_digest_is_posted_once_a_week_in_working_hours(life):
    async def tick(deps=life.deps):
        at = life.clock()
        async with deps.db.transaction() as tx:
            await jobs.enqueue(tx, workspace_id="w", kind=Work.WEEKLY, key=f"w{at}", lane="w", run_at=at, payload={})
        await Worker(deps.db, {Work.WEEKLY.value: partial(weekly.post, deps)}, life.clock).run_due()
        await life.outbox.run_due()
        await life.outbox.run_due()

    def posts():
        return [(channel, thread is not None, content.text) for channel, thread, content in life.chat.posts]

    life.clock.forward((7 - life.clock().weekday()) * 86_400)  # a Monday, noon
    await tick(replace(life.deps, policy=replace(life.deps.policy, weekly_channel="")))
    assert posts() == []
    await tick()
    life.clock.forward(3_600)
    await tick()
    assert posts() == [("reliability", False, weekly.QUIET)]
    life.clock.forward(7 * 86_400)
    await opened(life, 1, 1)
    await tick()

    assert posts()[1:] == [
        ("reliability", False, "This week: 1 incident in 7 days"),
        ("reliability", True, "In detail:"),
    ]
    life.clock.forward(7 * 86_400 + 12 * 3_600)
    await tick()
    assert len(posts()) == 3
