"""`source test`: what a body would become, and nothing stored."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from incident_copilot.domain.change import Change, ChangeKind, ChangeStatus
from incident_copilot.domain.grouping import Grouping, Inhibition, Mute
from incident_copilot.pipeline import mute
from incident_copilot.pipeline.rehearse import rehearse
from incident_copilot.ports import Delivery
from incident_copilot.store.tables import deliveries

from .life import CATALOG, Life, big, over
from .test_dead_letters import Source


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
        "  -> joins no running incident",
        "  -> ends where it fires, joins nothing",
    ]


async def test_alert_that_is_muted_is_said_with_the_reason(db, clock):
    rule = Inhibition(name="r", source={"alertname": "Down"}, target={"alertname": "Slow"}, equal=("cluster",))
    told = Mute(match={"alertname": "Moved"}, until=clock() + timedelta(hours=1), reason="moving racks")
    grouping = Grouping(inhibit=(rule,), mutes=(told,))
    life = Life(db, clock, catalog=CATALOG.model_copy(update={"correlation": grouping}))
    await life.take(big("Down"))
    await mute.mute(life.deps, await life.person("ana"), ["Known"], timedelta(hours=1), "being mended")

    lines = await said(life, alerts=(big("Slow"), big("Moved"), big("Known")))

    assert [line for line in lines if line.startswith("  ->")] == [
        "  -> opens nothing, muted: Down fires",
        "  -> opens nothing, muted: moving racks",
        "  -> opens nothing, muted: being mended",
    ]


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
