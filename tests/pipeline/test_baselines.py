"""Baselines are read once and kept, and are right whoever writes: late figures, other processes, a restart."""

from datetime import timedelta

import pytest

from incident_copilot.analysis.monitoring.kept import Kept
from incident_copilot.domain.monitoring import MonitoredSystem
from incident_copilot.domain.observation import Figure, Observed, Snapshot
from incident_copilot.pipeline import baselines
from incident_copilot.store import observations

from .samples import NOON

BOT, HOUR = MonitoredSystem(name="bot"), timedelta(hours=1)


async def tell(db, ago, good, n=100):
    figure = Figure(metric="quality.accuracy", successes=good, n=n)
    async with db.transaction() as tx:
        told = [Snapshot(system="bot", id=f"{ago}", at=NOON - ago, figures=(figure,))]
        await observations.add_all(tx, "w", told)


@pytest.fixture
def read(db):
    async def read(kept, until=NOON, system=BOT):
        async with db.read() as view:
            return await baselines.read(view, "w", kept, system, until)

    return read


def good(figures):
    return [one.figure.successes for one in figures]


async def test_a_baseline_is_read_once_and_anew_when_something_of_it_is_told_late(db, read):
    kept = {}
    await tell(db, 5 * HOUR, 90)
    await tell(db, -HOUR, 10)
    first = await read(kept)

    assert (good(first), await read(kept) is first) == ([90], True)

    await tell(db, 6 * HOUR, 80)

    assert good(await read(kept)) == [80, 90]
    assert good(await read({})) == [80, 90]
    assert good(await read(kept, NOON + 2 * HOUR)) == [80, 90, 10]


async def test_a_figure_that_comes_while_others_are_folded_is_seen_though_their_number_is_the_same(db, read):
    kept = {}
    await tell(db, 5 * HOUR - timedelta(minutes=2), 90)
    await tell(db, 5 * HOUR - timedelta(minutes=1), 92)
    await read(kept)

    async with db.transaction() as tx:
        await observations.fold_before(tx, "w", NOON - HOUR)
    await tell(db, 8 * HOUR, 70)

    assert good(await read(kept)) == [70, 182]


async def test_of_many_figures_those_that_were_used_longest_ago_are_forgotten(read):
    one = Observed(at=NOON, figure=Figure(metric="m"))
    kept = {
        ("w", name): baselines.Baseline(name, Kept([one] * size))
        for name, size in (("old", 40_000), ("newer", 30_000), ("newest", 20_000))
    }

    await read(kept)

    assert list(kept) == [("w", "newer"), ("w", "newest"), ("w", "bot")]
    assert sum(len(one.figures) for one in kept.values()) <= baselines.MOST


async def test_figures_know_what_the_clock_of_their_business_showed(db, read):
    kept = {}
    for ago in (HOUR, 28 * timedelta(days=1) - HOUR):
        await tell(db, ago, 90)

    utc = await read(kept)
    berlin = await read(kept, system=BOT.model_copy(update={"zone": "Europe/Berlin"}))

    assert [one.ahead_s for one in utc] == [0.0, 0.0]
    assert [one.ahead_s for one in berlin] == [7200.0, 3600.0]
