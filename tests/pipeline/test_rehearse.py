"""`source test`: what a body would become, and nothing stored."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from incident_copilot.domain.change import Change, ChangeKind, ChangeStatus
from incident_copilot.domain.grouping import Grouping, Inhibition, Mute, Rule
from incident_copilot.domain.noise import FromHistory, NoisePolicy, NoiseRule
from incident_copilot.domain.observation import Figure, Snapshot
from incident_copilot.domain.sampled import Sampled
from incident_copilot.domain.track_record import TurnedOut
from incident_copilot.pipeline import mute
from incident_copilot.pipeline.rehearse import rehearse
from incident_copilot.ports import Delivery
from incident_copilot.store import outcomes
from incident_copilot.store.tables import deliveries

from .life import CATALOG, Life, big, over, small, tiny
from .test_dead_letters import Source

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def said(life, **delivery):
    return await rehearse(life.deps, "prod", Source(Delivery(**delivery)), {}, b"{}")


async def test_alert_is_shown_with_the_incident_that_it_joins_and_nothing_is_stored(life):
    await life.opened(big())
    async with life.deps.db.read() as view:
        before = list(await view.execute(sa.select(deliveries.c.id)))

    lines = await said(life, alerts=(big("Slow"),), delivery_id="d-1")

    async with life.deps.db.read() as view:
        assert list(await view.execute(sa.select(deliveries.c.id))) == before
    assert lines[:2] == ["delivery id: d-1", "alert 1 of 1"]
    assert "  name: Slow" in lines
    assert lines[lines.index("  labels:") + 1] == "    alertname: Slow"
    assert lines[-1] == "  -> joins INC-1: same service checkout, same cluster eu-1"


async def test_alert_that_joins_nothing_or_ends_is_said(life, clock):
    lines = await said(life, alerts=(big(), over(big(), clock)))

    assert [line for line in lines if line.startswith("  ->")] == [
        "  -> joins no running incident; opens one as P1 high",
        "  -> ends where it fires, joins nothing",
    ]


def ruled(**sections):
    return CATALOG.model_copy(update=sections)


async def fate(db, clock, alert, catalog=CATALOG, *before):
    life = Life(db, clock, catalog=catalog)
    if before:
        await life.take(*before)
    return (await said(life, alerts=(alert,)))[-1].removeprefix("  -> ")


async def test_watchdog_is_said_to_be_one(db, clock):
    assert await fate(db, clock, big("Watchdog")) == (
        "is a watchdog: it shows that its source lives, and opens nothing"
    )


async def test_small_alert_goes_to_the_digest(db, clock):
    assert await fate(db, clock, tiny()) == "joins no running incident; goes to the hourly digest as P3 low"


async def test_mute_of_the_catalogue_is_said_with_its_reason(db, clock):
    moved = Mute(match={"service": "checkout"}, until=clock() + timedelta(hours=1), reason="being moved")

    muted = await fate(db, clock, big(), ruled(correlation=Grouping(mutes=(moved,))))

    assert muted == "is muted until 2026-11-21 13:00 UTC: being moved"


async def test_alert_that_another_one_mutes_is_said_with_that(db, clock):
    rule = Inhibition(name="n", source={"alertname": "Down"}, target={"alertname": "Slow"}, equal=("service",))
    catalog = ruled(correlation=Grouping(inhibit=(rule,)))

    assert await fate(db, clock, big("Slow"), catalog, big("Down")) == "is muted by Down on checkout, which fires"


async def test_what_people_muted_is_said_with_their_reason(db, clock):
    life = Life(db, clock)
    await mute.mute(life.deps, await life.person("ana"), ["service=checkout"], timedelta(hours=1), "deploy")

    assert (await said(life, alerts=(big(),)))[-1] == "  -> is muted until 2026-11-21 13:00 UTC: deploy"


async def test_noise_is_said_to_be_counted(db, clock):
    noisy = ruled(noise=NoisePolicy(rules=(NoiseRule(match={"alertname": "Slow"}, reason="by design"),)))

    assert await fate(db, clock, big("Slow"), noisy) == "is noise, counted and no more: by design"


async def test_noise_by_history_is_said_with_the_counts(db, clock):
    for number in range(3):
        async with db.transaction() as tx:
            told = {"name": "SlowSearch", "service": "search", "outcome": TurnedOut.FALSE_ALARM, "ended_at": clock()}
            await outcomes.note(tx, "w", str(number), **told)
    wanted = ruled(noise=NoisePolicy(from_history=FromHistory(of_at_least=3)))

    assert await fate(db, clock, small(), wanted) == (
        "is noise, counted and no more: 3 of the last 3 were false alarms"
    )


async def test_alert_that_a_rule_holds_back_is_said_with_the_number_that_wait(db, clock):
    rule = Rule(name="slow", match={"alertname": "Slow*"}, after=3)
    catalog = ruled(correlation=Grouping(rules=(rule,)))
    before = small(labels={"route": "a"})

    held = await fate(db, clock, small(labels={"route": "b"}), catalog, before)

    assert held == "waits for 3 alerts within 10 minutes; 1 wait so far"


async def test_without_tables_the_fields_are_shown_all_the_same(life):
    async with life.deps.db.transaction() as tx:
        await tx.execute(sa.text("DROP TABLE alembic_version"))

    assert (await said(life, alerts=(big(),)))[-1] == (
        "  -> which incident it would join is not known: the database has no tables yet: run `incident-copilot migrate`"
    )


async def test_changes_and_events_that_are_no_alerts_are_named(life, clock):
    change = Change(
        source="gh",
        key="k",
        kind=ChangeKind.DEPLOYMENT,
        status=ChangeStatus.FAILED,
        title="v2",
        at=clock() - timedelta(minutes=1),
    )

    assert await said(life, changes=(change,), ignored="ping", unknown="odd") == [
        "delivery id: none; told apart by the states of its alerts",
        "change 1 of 1",
        "  source: gh",
        "  key: k",
        "  kind: deployment",
        "  status: failed",
        "  title: v2",
        "  at: 2026-11-21T11:59:00Z",
        "ignored: ping",
        "unknown, kept as a dead letter: odd",
    ]


async def test_what_an_ai_system_tells_is_shown(life):
    snapshot = Snapshot(system="bot", id="1", at=NOW, figures=(Figure(metric="quality.f1", value=0.9),))
    one = Sampled(id="1", at=NOW, request="Hi")

    lines = await said(life, snapshots=(snapshot,), interactions=(one,), flagged=("quality_metrics.x is null",))

    assert lines[1:] == [
        "figure quality.f1",
        "1 interactions, redacted before they are kept",
        "left out: quality_metrics.x is null",
    ]
