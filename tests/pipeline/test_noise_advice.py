"""What could make alerts quieter is said with the incidents behind it."""

from datetime import timedelta

import pytest

from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.incident import Ending
from incident_copilot.domain.log import TimelineEntry, TimelineKind
from incident_copilot.domain.track_record import TurnedOut
from incident_copilot.pipeline import noise, noise_advice, resolve
from incident_copilot.store import episodes, evidence, outcomes, timeline

from . import samples
from .life import Life, big, small


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def turned_out(life, name, service, *those):
    """Note how incidents of an alert turned out: outcome, how long it fired, its worst value."""
    async with life.deps.db.transaction() as tx:
        for number, (outcome, lasted_s, worst) in enumerate(those):
            await outcomes.note(
                tx,
                "w",
                f"{name}-{number}",
                name=name,
                service=service,
                outcome=outcome,
                ended_at=life.clock() - timedelta(days=number + 1),
                lasted_s=lasted_s,
                worst=worst,
                bound=None if worst is None else 5.0,
            )


async def test_another_duration_and_another_limit_are_proposed_with_what_they_would_have_changed(life):
    idle, real = (TurnedOut.SELF_HEALED, 200.0, 6.0), (TurnedOut.TROUBLE, 4_000.0, 20.0)
    await turned_out(life, "SlowSearch", "search", *[idle] * 6, real)

    said = await noise_advice.advice(life.deps)

    assert said == [
        (
            "SlowSearch on search: with for: 5 min longer 6 of 6 pages with nothing to do would not have come, and 0 "
            "of 1 real ones would have been missed, and all others would have come that much later."
        ),
        (
            "SlowSearch on search: with a limit of 13 instead of 5 6 of 6 pages with nothing to do would not have "
            "come, and 0 of 1 real ones would have been missed."
        ),
        "SlowSearch on search: nothing was to do in 6 of 7 incidents. Is it worth a page?",
    ]
    assert noise.lines(await noise.lane(life.deps))[-4:] == [noise.ADVISED, *said]


async def test_alerts_that_flap_come_twice_or_belong_to_nobody_are_named(life):
    real = (TurnedOut.TROUBLE, None, None)
    await turned_out(life, "Odd", "nowhere", real)
    await turned_out(life, "Nameless", None, real)
    first = await life.opened(big("A"), big("B"))
    ana = await life.person("ana")
    async with life.deps.db.transaction() as tx:
        for number in range(3):
            state = f"alert:{samples.alert('A').fingerprint}|2026-11-2{number}T00:00:00+00:00|firing"
            entry = TimelineEntry(
                id=f"t{number}", incident_id=first.id, at=life.clock(), kind=TimelineKind.ALERT, text="x", ref=state
            )
            await timeline.add(tx, entry)
    await resolve.resolve(life.deps, first.id, ana, ending=Ending.RESOLVED, note="", despite_red=True)

    said = await noise_advice.advice(life.deps)

    assert said == [
        "A on checkout: it flapped in 1 incident. keep_firing_for: would hold it.",
        "Nameless names no service: nobody is called for it by rule (1 in 90 days).",
        "Odd is on nowhere, which no team of the catalogue owns: nobody is called for it by rule (1 in 90 days).",
    ]
    async with life.deps.db.read() as db:
        alike = await episodes.together(db, [first.id])
    assert set(alike[first.id].values()) == {("A", "checkout"), ("B", "checkout")}


def test_two_alerts_that_always_come_together_are_one():
    pair = {("A", "shop"), ("B", None)}

    assert list(noise_advice._doubled([pair] * 3)) == [
        "A on shop and B came together in all 3 incidents: one of them is enough."
    ]
    assert list(noise_advice._doubled([pair, pair, pair, {("A", "shop")}])) == []


async def test_how_far_a_metric_went_is_noted_at_the_end(life):
    alert = small(expression="rate(x) > 5", starts_at=life.clock())
    incident = await life.opened(alert)
    at = life.clock().timestamp()
    points = [[at - 60, 99.0], [at, 6.0], [at + 60, 8.0]]
    read = samples.evidence(
        EvidenceKind.METRIC, incident_id=incident.id, query="rate(x)", data={"points": points, "unit": "s"}
    )
    async with life.deps.db.transaction() as tx:
        await evidence.add_all(tx, [read])
    life.clock.forward(60)
    ana = await life.person("ana")
    await resolve.resolve(life.deps, incident.id, ana, ending=Ending.FALSE_ALARM, note="", despite_red=True)

    async with life.deps.db.read() as db:
        [kept] = await episodes.since(db, "w", life.clock() - timedelta(days=1))
    assert (kept.lasted_s, kept.worst, kept.bound, kept.outcome) == (60.0, 8.0, 5.0, TurnedOut.FALSE_ALARM)
