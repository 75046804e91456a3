"""Alerts that another one mutes open nothing; they are counted on its card, and weighed anew when it is over."""

from dataclasses import replace

import pytest

from incident_copilot.domain.content import Announcement, Card
from incident_copilot.domain.effect import Show
from incident_copilot.domain.grouping import Grouping, Inhibition, Rule
from incident_copilot.domain.incident import Ending
from incident_copilot.pipeline import resolve, run

from .life import CATALOG, Life, again, big, over, small

PODS = Inhibition(
    name="cluster-down", source={"alertname": "ClusterDown"}, target={"alertname": "KubePod*"}, equal=("cluster",)
)
UPSTREAM = Inhibition(name="upstream", source={"alertname": "Down"}, target={"severity": "warning"}, downstream=True)


def told(db, clock, *inhibit, **more):
    grouping = Grouping(inhibit=inhibit or (PODS,), **more)
    return Life(db, clock, catalog=CATALOG.model_copy(update={"correlation": grouping}))


@pytest.fixture
def life(db, clock):
    return told(db, clock)


def down(cluster="eu-1", **fields):
    return big("ClusterDown", service=None, labels={"cluster": cluster}, **fields)


def pod(number=1, cluster="eu-1", **fields):
    return small("KubePodNotReady", labels={"pod_name": f"p{number}", "cluster": cluster}, **fields)


def card_of(life, number):
    """The card of an incident as people see it last."""
    contents = [deed.content for deed in life.chat.deeds if isinstance(deed, Show)]
    cards = [one.card if isinstance(one, Announcement) else one for one in contents]
    return [one for one in cards if isinstance(one, Card) and one.incident.number == number][-1]


async def test_cluster_that_is_down_mutes_its_pods_and_its_card_counts_them(life):
    await life.take(down(), *[pod(number) for number in range(12)])

    assert await life.running() == [1]
    assert (await life.by_number(1)).title == down().summary
    assert card_of(life, 1).muted == {"ClusterDown": 12}
    assert "KubePodNotReady" not in str(life.chat.posts)


async def test_pods_that_come_before_their_cluster_in_one_batch_are_muted_too(life):
    await life.take(*[pod(number) for number in range(3)], down())

    assert await life.running() == [1]
    assert card_of(life, 1).muted == {"ClusterDown": 3}


async def test_pods_of_another_cluster_are_heard(life):
    await life.take(down())
    await life.take(pod(cluster="us-2"))

    assert await life.running() == [1, 2]
    assert card_of(life, 1).muted == {}


async def test_what_still_fires_when_the_cluster_is_back_is_weighed_anew(life):
    await life.take(down(), pod(1), pod(2))
    await life.take(over(pod(1), life.clock))

    await life.go_on(minutes=1)
    assert card_of(life, 1).muted == {"ClusterDown": 1}
    await life.take(over(down(), life.clock))

    assert (await life.alert(pod(2))).incident_id == (await life.by_number(2)).id
    assert (await life.alert(pod(1))).incident_id is None
    await life.go_on(minutes=1)
    assert card_of(life, 1).muted == {}


async def test_cluster_that_fires_again_mutes_again(life):
    await life.take(down(), pod(1))
    await life.take(over(down(), life.clock), over(pod(1), life.clock))
    await life.take(again(down(), life.clock))

    await life.take(again(pod(1), life.clock))

    assert await life.running() == [1]
    await life.go_on(minutes=1)
    assert card_of(life, 1).muted == {"ClusterDown": 1}


async def test_what_people_say_is_over_mutes_nothing_any_more(life):
    await life.take(down(), pod(1))
    ana = await life.person("ana")
    opened = await life.by_number(1)

    await resolve.resolve(life.deps, opened.id, ana, ending=Ending.FALSE_ALARM, note="", despite_red=True)
    await life.work()

    assert await life.running() == [2]
    assert (await life.alert(pod(1))).incident_id == (await life.by_number(2)).id


async def test_alert_of_an_incident_that_runs_stays_there(life):
    await life.take(pod(1))
    await life.take(over(pod(1), life.clock))
    await life.take(down())

    await life.take(again(pod(1), life.clock))

    assert (await life.alert(pod(1))).incident_id == (await life.by_number(1)).id


async def test_trouble_upstream_mutes_the_warnings_of_what_depends_on_it(db, clock):
    life = told(db, clock, PODS, UPSTREAM)
    await life.take(big("Down", service="payments"))

    await life.take(small("Slow", service="checkout"), small("Slow", service="search"), small("Slow", service=None))

    await life.take(small("Slower", service="checkout"), small("Slowest", service="checkout"))
    placed = [(await life.alert(small("Slow", service=name))).muted_by for name in ("checkout", "search", None)]
    assert placed == [f"alert:{big('Down', service='payments').fingerprint}", None, None]


async def test_what_matches_both_sides_is_not_muted_by_its_like(db, clock):
    both = Inhibition(name="all", source={"alertname": "*Down"}, target={"alertname": "*"}, equal=("rack",))
    life = told(db, clock, both)

    await life.take(big("NodeDown", service="batch"), big("SwitchDown", service="search"))

    assert await life.running() == [1, 2]


async def test_rules_that_are_gone_leave_nothing_muted_for_good(life):
    await life.take(down(), pod(1))
    life.deps = replace(life.deps, catalog=CATALOG)
    life.worker = Life(life.deps.db, life.clock).worker

    await life.take(over(down(), life.clock))

    assert (await life.alert(pod(1))).incident_id is not None


async def test_people_may_make_an_incident_of_a_muted_alert(life):
    await life.take(down(), pod(1))
    ana = await life.person("ana")

    await run.promote(life.deps, pod(1).fingerprint, ana)
    await life.work()

    stored = await life.alert(pod(1))
    assert (stored.muted_by, stored.incident_id) == (None, (await life.newest()).id)


async def test_a_source_of_the_digest_mutes_too_though_no_card_counts(db, clock):
    quiet = Rule(name="later", match={"alertname": "ClusterDown"}, after=5)
    life = told(db, clock, PODS, rules=(quiet,))

    await life.take(down(), pod(1))

    assert await life.running() == []
    assert (await life.alert(pod(1))).muted_by == f"alert:{down().fingerprint}"
