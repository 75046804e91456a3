"""A whole incident is measured by what it left in the database; people rate it, and private ones do not count."""

from datetime import timedelta

import pytest

from incident_copilot.domain.incident import Ending
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.measures import Rule
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import rate, resolve, run
from incident_copilot.pipeline.stats import told
from incident_copilot.pipeline.stats.measured import LONGEST, lately, measure
from incident_copilot.store import incidents, model_calls
from pipeline.life import Life, again, big


async def test_a_whole_incident_is_measured_and_rated(db, clock):
    life = Life(db, clock)
    ana, ben = await life.person("ana"), await life.person("ben")
    first = await life.opened(big())
    await run.acknowledge(life.deps, first.id, ana)
    with pytest.raises(DecisionRefused, match="runs still"):
        await rate.rate(life.deps, first.id, ana, 4)
    clock.forward(1_200)
    await resolve.resolve(life.deps, first.id, ana, ending=Ending.RESOLVED, note="", despite_red=True)
    call = ModelCall(
        model="m", prompt="p", latency_ms=1, input_tokens=900, output_tokens=100, cost_usd=0.02, outcome="answered"
    )
    async with db.transaction() as tx:
        await model_calls.add(tx, workspace_id="w", incident_id=first.id, purpose="p", call=call, now=clock())
    said = [(await rate.rate(life.deps, first.id, who, stars)).text for who, stars in ((ana, 2), (ben, 5), (ana, 4))]
    with pytest.raises(DecisionRefused, match="from 1, no use"):
        await rate.rate(life.deps, first.id, ben, 6)
    clock.forward(3_600)
    await life.take(again(big(), clock))
    second = await life.newest()
    async with db.transaction() as tx:
        await incidents.save(tx, second.model_copy(update={"private": True}))

    found = await measure(life.deps)
    held = await lately(life.deps)
    clock.forward(60)

    assert found.incidents == 1
    assert (found.times["resolve"].median, found.times["acknowledge"].median) == (1_200, 0)
    assert (found.rating.number, found.rating.mean, found.usd.median, found.tokens.median) == (2, 4.5, 0.02, 1_000)
    assert (found.recurring.part, found.recurring.whole) == (0, 1)
    assert [(one.name, one.calls) for one in found.load] == [("Ana", 1)]
    assert told.quality(found)[0].startswith("False alarms among incidents opened by alerts: 0 of 1")
    assert said[-1] == "You rated INC-1 4 of 5. Press another number to change it."
    assert [(row.actor, row.payload) for row in await life.log(first, LogKind.RATED)] == [
        ("U0ANA", {"stars": 2}),
        ("U0BEN", {"stars": 5}),
        ("U0ANA", {"stars": 4, "before": 2}),
    ]
    assert (await lately(life.deps), held.until) == (held, found.until)
    clock.forward(600)
    assert (await lately(life.deps)).until == clock()
    assert (await measure(life.deps, timedelta(days=900), Rule(service="search"))).days == LONGEST.days
