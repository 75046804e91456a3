"""People see incidents in the order in which they should look at them, and why."""

from datetime import timedelta

import pytest

from incident_copilot.domain.incident import Ending
from incident_copilot.domain.support_hours import SupportHours
from incident_copilot.pipeline import read, resolve, run, show

from . import samples
from .life import CATALOG, Life, again, big, small


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def order(life):
    return [(incident.label, priority.text) for incident, priority in await read.in_order(life.deps)]


async def test_what_nobody_has_taken_comes_before_what_somebody_is_on_though_it_is_less_severe(life, clock):
    first = await life.opened(big())
    await run.acknowledge(life.deps, first.id, await life.person("ana"))
    await life.take(small())
    assert await order(life) == [("INC-1", "30: P1 30"), ("INC-2", "23: P2 20, nobody has acknowledged +3")]

    await life.take(*[small(labels={"route": str(number)}) for number in range(3)])
    clock.forward(3 * 3600)

    late = "26: P2 20, nobody has acknowledged in time +6"
    assert await order(life) == [("INC-1", "30: P1 30"), ("INC-2", late)]


async def test_of_equals_the_one_that_has_waited_longest_comes_first(life, clock):
    await life.take(big())
    clock.forward(60)
    await life.take(big("SearchDown", service="search"))

    assert [label for label, _ in await order(life)] == ["INC-1", "INC-2"]


async def test_trend_hours_and_availability_count(db, clock):
    hours = SupportHours(days=("mon",))  # it is a Saturday
    services = [
        one.model_copy(update={"support_hours": hours, "team": "nobody"}) if one.name == "search" else one
        for one in CATALOG.services
    ]
    life = Life(db, clock, catalog=CATALOG.model_copy(update={"services": tuple(services)}))

    await life.take(*[small(labels={"route": str(number)}) for number in range(4)])

    told = (
        "23: P2 20, nobody has acknowledged +3, nobody is on call +3, 4 alerts began in the last 10 min +3, "
        "outside support hours -6"
    )
    assert await order(life) == [("INC-1", told)]


async def test_record_of_the_alert_counts_and_the_card_says_so(life, clock):
    ana, alert = await life.person("ana"), big()
    for _ in range(4):
        alert = again(alert, clock)
        await life.take(alert)
        ended = await life.newest()
        await resolve.resolve(life.deps, ended.id, ana, ending=Ending.FALSE_ALARM, note="", despite_red=True)
    await life.take(again(alert, clock))

    incident = await life.newest()
    async with life.deps.db.read() as db:
        assert (await show.card_of(db, life.deps, ended.id)).priority is None
        card = await show.card_of(db, life.deps, incident.id)
    assert card.priority.text == "29: P1 30, nobody has acknowledged +3, its alert was mostly nothing -4"


async def test_without_teams_nobody_is_missed(db, clock):
    life = Life(db, clock, catalog=CATALOG.model_copy(update={"teams": ()}))
    await life.take(samples.alert("Odd", service=None, description="", starts_at=clock() - timedelta(minutes=1)))

    assert [text for _, text in await order(life)] == ["43: P0 40, nobody has acknowledged +3"]
