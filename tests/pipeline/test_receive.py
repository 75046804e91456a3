"""Webhooks: stored once, in whatever order they come, and looked at by a job."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from incident_copilot.domain.source_health import SourceHealth
from incident_copilot.errors import StoreUnavailable
from incident_copilot.pipeline import dead_letters, read, receive
from incident_copilot.ports import Delivery
from incident_copilot.store.tables import deliveries, jobs

from .life import Life, big, over


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def bodies(life):
    async with life.deps.db.read() as db:
        return list((await db.execute(sa.select(deliveries.c.body))).scalars())


async def test_webhook_is_stored_with_its_alerts_and_the_job_that_looks_at_them(life):
    fired = big()

    changed = await receive.receive(life.deps, "alertmanager", Delivery(alerts=(fired,)), b'{"a": 1}')

    async with life.deps.db.read() as db:
        kinds = list((await db.execute(sa.select(jobs.c.kind))).scalars())
    assert changed == 1
    assert await bodies(life) == ['{"a": 1}']
    assert (await life.alert(fired)).alert == fired
    assert kinds == ["correlate"]


async def test_the_same_body_twice_changes_nothing(life):
    incident = await life.opened(big())
    rows, posts = await life.log(incident), list(life.chat.posts)

    changed = await life.take(big())

    assert changed == 0
    assert await life.running() == [1]
    assert await life.log(incident) == rows
    assert life.chat.posts == posts
    assert len(await bodies(life)) == 1


async def test_delivery_id_seen_before_changes_nothing_whatever_the_body_says(life, clock):
    await life.take(big(), delivery_id="d-1")

    changed = await life.take(over(big(), clock), delivery_id="d-1")

    assert changed == 0
    assert (await life.alert(big())).alert == big()


async def test_delivery_ids_that_are_alike_for_long_are_still_two(life):
    first = await life.take(big("A"), delivery_id="x" * 400 + "1")
    second = await life.take(big("B"), delivery_id="x" * 400 + "2")

    assert (first, second) == (1, 1)
    assert len(await bodies(life)) == 2


async def test_end_of_a_firing_that_arrives_first_wins(life, clock):
    await life.take(over(big(), clock))

    changed = await life.take(big())

    assert changed == 0
    assert await life.running() == []


async def test_one_body_may_hold_the_same_alert_twice(life, clock):
    changed = await life.take(over(big(), clock), big())

    assert changed == 1
    assert (await life.alert(big())).alert.ends_at == clock()


async def test_body_that_is_no_text_is_stored_all_the_same(life):
    await receive.receive(life.deps, "alertmanager", Delivery(alerts=(big(),)), b"\xff\x00")

    assert await bodies(life) == ["\ufffd\ufffd"]


async def test_what_cannot_be_stored_is_said(life):
    async with life.deps.db.transaction() as tx:
        await tx.execute(sa.text("DROP TABLE deliveries"))

    with pytest.raises(StoreUnavailable):
        await receive.receive(life.deps, "alertmanager", Delivery(alerts=(big(),)), b"{}")


async def test_people_see_when_each_source_delivered_how_late_and_what_was_not_understood(life, clock):
    deps = replace(life.deps, alert_sources=("alertmanager", "grafana"))
    fired = big(starts_at=clock() - timedelta(seconds=9))
    delivered = Delivery(alerts=(fired, over(big("Other", starts_at=clock() - timedelta(hours=2)), clock)))

    await receive.receive(deps, "alertmanager", delivered, b"1")
    first_at = clock()
    clock.forward(5)
    await receive.receive(deps, "alertmanager", Delivery(alerts=(big("B"),)), b"2")
    await dead_letters.keep(deps, "zabbix", "value is missing", {}, b"3")

    alertmanager, grafana, zabbix = await read.sources(deps)
    assert alertmanager == SourceHealth(source="alertmanager", last_at=first_at, lag_s=9.0)
    assert grafana == SourceHealth(source="grafana")
    assert zabbix == SourceHealth(source="zabbix", not_understood=1)


async def test_a_source_is_noted_again_after_a_while(life, clock):
    await receive.receive(life.deps, "alertmanager", Delivery(alerts=(big(),)), b"1")
    clock.forward(10)
    await receive.receive(life.deps, "alertmanager", Delivery(alerts=(over(big(), clock),)), b"2")

    (heard,) = await read.sources(life.deps)
    assert (heard.last_at, heard.lag_s) == (clock(), (clock() - big().starts_at).total_seconds() - 10)
