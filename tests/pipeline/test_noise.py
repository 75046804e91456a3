"""Noise opens no incident, is counted, can be promoted; and how incidents turned out is remembered and told."""

from datetime import timedelta

import pytest

from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.domain.noise import FromHistory, NoisePolicy, NoiseRule
from incident_copilot.domain.track_record import TrackRecord, TurnedOut
from incident_copilot.pipeline import declare, history, noise, resolve, run
from incident_copilot.store import outcomes

from .life import CATALOG, Life, again, big, over, small, tiny

RULES = NoisePolicy(rules=(NoiseRule(match={"alertname": "Slow*"}, reason="slow by design"),))


def life_with(db, clock, policy):
    return Life(db, clock, catalog=CATALOG.model_copy(update={"noise": policy}))


@pytest.fixture
def life(db, clock):
    return life_with(db, clock, RULES)


async def record(life, name="HighErrorRate", service="checkout"):
    async with life.deps.db.read() as db:
        return (await outcomes.of(db, "w", name, service)).latest


async def end(life, incident, ending):
    ana = await life.person("ana")
    await resolve.resolve(life.deps, incident.id, ana, ending=ending, note="", despite_red=True)
    await life.work()


async def false_alarms(life, number, alert):
    """Let an alert open so many incidents that people end as false alarms."""
    for _ in range(number):
        alert = again(alert, life.clock)
        await life.take(alert)
        await end(life, await life.newest(), Ending.FALSE_ALARM)
    return again(alert, life.clock)


async def test_noise_opens_nothing_is_in_no_digest_and_is_counted(life, clock):
    first, second = small("SlowSearch"), small("SlowSearch", labels={"route": "b"})
    await life.take(first, second)
    await life.take(over(first, clock))
    await life.take(again(first, clock))
    await life.take(tiny("Odd", severity="none"))
    clock.forward(3600)
    await life.tick_digest()

    assert (await life.running(), life.chat.posts) == ([], [])
    lane = await noise.lane(life.deps)
    assert [(one.name, one.service, one.times, one.why) for one in lane.counted] == [
        ("SlowSearch", "search", 3, "slow by design"),
        ("Odd", "batch", 1, "its severity is none"),
    ]
    assert noise.lines(lane) == [
        "SlowSearch on search, 3 times  last 2026-11-21 12:00  slow by design",
        "Odd on batch, 1 time  last 2026-11-21 12:00  its severity is none",
    ]


async def test_noise_that_is_promoted_opens_an_incident_and_stays_with_it(life, clock):
    await life.take(small("SlowSearch"))
    [counted] = (await noise.lane(life.deps)).counted

    outcome = await run.promote(life.deps, counted.fingerprint, await life.person("ana"))
    await life.take(again(small("SlowSearch"), clock))

    assert outcome.text == (
        "INC-1 is open for SlowSearch.\n"
        "To have it open incidents from now on, add to catalog.yaml:\n"
        'noise:\n  never:\n    - {alertname: "SlowSearch", service: "search"}'
    )
    assert await life.running() == [1]
    assert (await noise.lane(life.deps)).counted == (counted,)


async def test_without_noise_the_lane_says_so(life):
    assert noise.lines(await noise.lane(life.deps)) == ["Nothing was noise."]


async def test_record_of_an_alert_is_told_on_the_next_score_sheet_and_counts_nothing(life):
    before = await life.opened(big())
    await end(life, before, Ending.FALSE_ALARM)
    await life.take(again(big(), life.clock))
    await end(life, await life.newest(), Ending.RESOLVED)
    life.clock.forward(3600)

    await life.take(again(big(), life.clock))

    incident = await life.newest()
    told = incident.score_sheet.factors[-1]
    assert (told.name, told.reason, told.weight) == (history.FACTOR, "1 of the last 2 were false alarms", 0.0)
    assert (incident.score_sheet.score, incident.severity) == (before.score_sheet.score, before.severity)


async def test_how_incidents_turned_out_is_remembered_by_what_happened(life, clock):
    await life.opened(big())
    clock.forward(120)
    await life.take(over(big(), clock))
    await end(life, await life.newest(), Ending.SELF_RECOVERED)
    assert await record(life) == (TurnedOut.SELF_HEALED,)

    clock.forward(3600)
    later = again(big(), clock)
    await life.take(later)
    clock.forward(1200)
    await life.take(over(later, clock))
    await end(life, await life.newest(), Ending.SELF_RECOVERED)
    assert await record(life) == (TurnedOut.TROUBLE, TurnedOut.SELF_HEALED)


async def test_incident_that_somebody_took_did_not_heal_by_itself(life, clock):
    incident = await life.opened(big())
    await run.acknowledge(life.deps, incident.id, await life.person("ana"))
    await life.take(over(big(), clock))
    await end(life, incident, Ending.SELF_RECOVERED)

    assert await record(life) == (TurnedOut.TROUBLE,)


async def test_incident_that_runs_again_has_not_turned_out_yet(life):
    incident = await life.opened(big())
    await end(life, incident, Ending.FALSE_ALARM)
    await run.reopen(life.deps, incident.id, await life.person("ana"))

    assert await record(life) == ()


async def test_what_no_alert_opened_or_whose_alert_is_gone_has_no_record(life, open_incident):
    declared = (await declare.declare(life.deps, await life.person("ana"), title="Odd", service="checkout")).incident
    await end(life, declared, Ending.FALSE_ALARM)
    lost = await open_incident(life.deps.db, test=True)
    await end(life, lost, Ending.FALSE_ALARM)

    async with life.deps.db.read() as db:
        assert await outcomes.lately(db, "w") == {}


async def test_history_makes_noise_where_operators_want_it(db, clock):
    wanted = NoisePolicy(from_history=FromHistory(of_at_least=3))
    life = life_with(db, clock, wanted)
    fifth = await false_alarms(life, 3, small())

    await life.take(fifth)

    assert await life.running() == []
    [counted] = (await noise.lane(life.deps)).counted
    assert counted.why == "3 of the last 3 were false alarms"


async def test_history_alone_never_silences_a_big_alert(db, clock):
    life = life_with(db, clock, NoisePolicy(from_history=FromHistory(of_at_least=3)))

    await life.take(await false_alarms(life, 3, big()))

    assert (await life.newest()).severity is Severity.P1
    assert await life.running() == [4]


async def test_rule_is_proposed_for_what_was_mostly_nothing(life):
    await false_alarms(life, 5, big("Flaky"))
    await false_alarms(life, 4, big("Rare", service="payments"))

    lane = await noise.lane(life.deps)

    assert lane.rules == (
        "noise:\n  rules:\n"
        '    - {match: {alertname: "Flaky", service: "checkout"}, reason: "5 of the last 5 were false alarms"}'
    )
    assert noise.lines(lane)[:3] == ["Nothing was noise.", "", noise.PROPOSED]


async def test_records_are_of_the_latest_ten(db, clock):
    async with db.transaction() as tx:
        for number in range(12):
            outcome = TurnedOut.TROUBLE if number < 3 else TurnedOut.FALSE_ALARM
            at = clock() + timedelta(minutes=number)
            await outcomes.note(tx, "w", f"{number:032x}", name="n" * 300, service=None, outcome=outcome, ended_at=at)
    async with db.read() as view:
        found = await outcomes.of(view, "w", "n" * 300, None)
        assert await outcomes.lately(view, "w") == {("n" * 200, None): found}

    assert found == TrackRecord(latest=(TurnedOut.FALSE_ALARM,) * 9 + (TurnedOut.TROUBLE,))
