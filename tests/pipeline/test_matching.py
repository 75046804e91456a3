"""Which running incident an alert belongs to: storms, flapping, another trouble, operators' rules."""

from datetime import timedelta

import pytest

from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.domain.footprint import Footprint
from incident_copilot.domain.grouping import Grouping, Mute, Rule
from incident_copilot.domain.log import TimelineKind
from incident_copilot.domain.proposal import ProposalKind, ProposalState
from incident_copilot.pipeline import run
from incident_copilot.store import incidents

from .life import CATALOG, Life, again, big, over, small, tiny

FAR = timedelta(minutes=11)
CHAINS = Catalog(
    services=tuple(
        Service(name=name, depends_on=on)
        for chain in ("shop", "media", "mail")
        for name, on in (
            (f"{chain}-web", (f"{chain}-api",)),
            (f"{chain}-api", (f"{chain}-db",)),
            (f"{chain}-db", ()),
        )
    )
)


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


def ruled(db, clock, *rules, mutes=()):
    grouping = Grouping(rules=rules, mutes=mutes)
    return Life(db, clock, catalog=CATALOG.model_copy(update={"correlation": grouping}))


def node(name, rack="r7", **fields):
    return big("NodeDown", service=None, labels={"node": name, "rack": rack}, **fields)


async def reasons(life, number):
    incident = await life.by_number(number)
    async with life.deps.db.read() as db:
        return [member.reason for member in await incidents.memberships(db, incident.id)]


async def placed(life, alert):
    stored = await life.alert(alert)
    for number in await life.running():
        if (await life.by_number(number)).id == stored.incident_id:
            return number
    return None


# --- storms ---


async def test_storm_of_three_causes_gives_three_incidents_that_name_them(db, clock):
    life = Life(db, clock, catalog=CHAINS)
    storm = [
        small(f"{part.title()}Slow{pod}", service=f"{chain}-{part}", labels={"pod_name": str(pod), "namespace": "all"})
        for pod in range(6)
        for part in ("db", "api", "web")
        for chain in ("shop", "media", "mail")
    ]

    await life.take(*[small("KubePodCrashLooping", service=f"{name}-db") for name in ("shop", "media", "mail")])
    await life.take(*storm)

    assert await life.running() == [1, 2, 3]
    assert {(await life.by_number(number)).service for number in (1, 2, 3)} == {"shop-db", "media-db", "mail-db"}
    assert {await placed(life, alert) for alert in storm} == {1, 2, 3}


async def test_symptom_two_hops_away_joins_where_the_place_agrees(db, clock):
    life = Life(db, clock, catalog=CHAINS)
    await life.take(small(service="shop-db"))

    await life.take(small("SlowPages", service="shop-web"))

    assert (await reasons(life, 1))[1] == "shop-web depends on shop-db through shop-api, 0 s apart, same cluster eu-1"


async def test_an_alert_joins_the_incident_it_is_tied_to_most(db, clock):
    life = Life(db, clock, catalog=CHAINS)
    await life.take(small("KubePodCrashLooping", service="shop-db"))
    await life.take(small("KubePodCrashLooping", service="shop-web"))

    await life.take(small(service="shop-api"))

    assert await placed(life, small(service="shop-api")) == 1


# --- again, or something else ---


async def test_an_alert_that_flaps_stays_though_it_has_been_long(life, clock):
    incident = await life.opened(big())
    neighbour = small(service="payments")
    await life.take(neighbour)
    clock.forward(FAR.total_seconds())
    await life.take(over(neighbour, clock))
    clock.forward(60)

    await life.take(again(neighbour, clock))

    assert await placed(life, neighbour) == 1
    async with life.deps.db.read() as db:
        kept = (await incidents.footprints(db, "w"))[incident.id]
    assert kept.last == big().starts_at


async def test_an_alert_that_flaps_is_counted_and_told_the_third_time_and_every_tenth(life, clock):
    flapping = big()
    incident = await life.opened(flapping)
    for _ in range(11):
        clock.forward(30)
        await life.take(over(flapping, clock))
        clock.forward(30)
        flapping = again(flapping, clock)
        await life.take(flapping)

    said = [entry.text.split(".")[0] for entry in await life.timeline(incident, TimelineKind.ALERT)]
    flaps = "HighErrorRate on checkout flaps: it fired again {} times moments after its end; it is counted, not told"
    assert said == [
        "HighErrorRate on checkout fires",
        *["HighErrorRate on checkout resolved", "HighErrorRate on checkout fires again"] * 2,
        "HighErrorRate on checkout resolved",
        f"{flaps.format(3)} each time",
        f"{flaps.format(10)} each time",
    ]


async def test_where_an_alert_flaps_the_end_is_proposed_only_once_it_has_been_quiet_for_five_minutes(life, clock):
    flapping = big()
    incident = await life.opened(flapping)
    for _ in range(3):
        await life.take(over(flapping, clock))
        flapping = again(flapping, clock)
        await life.take(flapping)

    await life.take(over(flapping, clock))
    await life.go_on(minutes=4)
    soon = [one.state for one in await life.proposals(incident) if one.kind is ProposalKind.RESOLVE]
    await life.go_on(minutes=1)

    ends = [one.state for one in await life.proposals(incident) if one.kind is ProposalKind.RESOLVE]
    assert (ProposalState.OPEN in soon, ProposalState.OPEN in ends) == (False, True)


async def test_an_alert_that_fires_again_much_later_opens_its_own_and_people_are_asked(life, clock):
    await life.take(big())
    neighbour = small(service="payments")
    await life.take(neighbour)
    await life.take(over(neighbour, clock))
    clock.forward(FAR.total_seconds())

    await life.take(again(neighbour, clock))

    [put] = [one for one in await life.proposals(await life.by_number(2)) if one.kind is ProposalKind.MERGE]
    assert await placed(life, neighbour) == 2
    assert (put.title, put.shown["why"]) == ("Merge INC-2 into INC-1", "SlowSearch fired in it before")


async def test_where_somebody_is_on_it_an_alert_that_fires_again_stays(life, clock):
    incident = await life.opened(big())
    neighbour = small(service="payments")
    await life.take(neighbour)
    await run.acknowledge(life.deps, incident.id, await life.person("ben"))
    await life.take(over(neighbour, clock))
    clock.forward(FAR.total_seconds())

    await life.take(again(neighbour, clock))

    assert await life.running() == [1]
    assert (await life.timeline(incident, TimelineKind.ALERT))[-1].text.startswith("SlowSearch on payments fires again")


async def test_an_alert_of_the_same_service_joins_however_late(life, clock):
    await life.take(big())
    clock.forward(3_600)

    await life.take(big("Other", starts_at=clock()))
    await life.take(small("Another", service="checkout", labels={"cluster": "us-1"}))

    assert await life.running() == [1, 2]
    assert (await reasons(life, 1))[1] == "same service checkout, same cluster eu-1"


async def test_an_alert_of_the_same_service_without_the_key_joins_however_late(life, clock):
    await life.take(big())
    clock.forward(3_600)
    bare = big("Other", starts_at=clock())
    bare = bare.model_copy(update={"labels": {}, "environment": None})

    await life.take(bare)

    assert (await reasons(life, 1))[1] == "same service checkout"


async def test_an_incident_that_covers_nothing_yet_is_known_by_its_service(life, open_incident, clock):
    incident = await open_incident(life.deps.db, service="checkout")
    async with life.deps.db.read() as db:
        assert await incidents.footprints(db, "w") == {}

    await life.take(small(service="payments"))

    async with life.deps.db.read() as db:
        assert list((await incidents.footprints(db, "w"))[incident.id].services) == ["payments"]


async def test_the_end_of_an_alert_of_an_ended_incident_changes_no_footprint(life, open_incident, clock):
    incident = await open_incident(life.deps.db)
    async with life.deps.db.transaction() as tx:
        await incidents.save_footprint(tx, incident.id, Footprint(names=("A",)))

    async with life.deps.db.read() as db:
        assert await incidents.footprints(db, "w") == {incident.id: Footprint(names=("A",))}


# --- what operators say ---


async def test_a_rule_makes_alerts_with_the_same_label_one_incident(db, clock):
    life = ruled(db, clock, Rule(name="racks", match={"alertname": "Node*"}, group_by=("rack",)))

    await life.take(node("n1"), node("n2"), node("n3", rack="r8"))

    assert await life.running() == [1, 2]
    assert await reasons(life, 1) == ["opened the incident", "rule racks, same rack r7"]
    assert (await life.by_number(1)).correlation_key == "rule=racks|rack=r7"


async def test_after_the_window_of_a_rule_another_incident_opens(db, clock):
    life = ruled(db, clock, Rule(name="racks", match={"rack": "*"}, group_by=("rack",), window_min=5))
    await life.take(node("n1"))
    clock.forward(240)
    await life.take(node("n2", starts_at=clock()))
    clock.forward(301)

    await life.take(node("n3", starts_at=clock()))
    await life.take(node("n4", starts_at=clock()))

    assert [await placed(life, node(name)) for name in ("n1", "n2", "n3", "n4")] == [1, 1, 2, 2]


async def test_a_rule_opens_an_incident_only_after_so_many_alerts_in_so_many_minutes(db, clock):
    life = ruled(db, clock, Rule(name="racks", match={"rack": "*"}, group_by=("rack",), after=3, within_min=10))

    await life.take(node("n1"), node("n2"))
    waiting = [await life.alert(node("n1")), await life.running()]
    await life.take(node("n3"))

    assert (waiting[0].digest_hour, waiting[1]) == (clock(), [])
    assert await life.running() == [1]
    assert sorted(await reasons(life, 1)) == [
        "3 alerts within 10 minutes; it waited for 3",
        "3 alerts within 10 minutes; it waited for 3",
        "opened the incident",
    ]
    assert (await life.alert(node("n1"))).digest_hour is None


async def test_alerts_that_came_too_slowly_or_are_over_do_not_reach_the_threshold(db, clock):
    life = ruled(db, clock, Rule(name="racks", match={"rack": "*"}, group_by=("rack",), after=3, within_min=10))
    await life.take(node("n1"))
    clock.forward(660)
    await life.take(node("n2", starts_at=clock()), node("n3", starts_at=clock()))
    await life.take(over(node("n3", starts_at=clock()), clock))

    await life.take(node("n4", starts_at=clock()))
    await life.take(again(node("n4"), clock))

    assert await life.running() == []


async def test_without_labels_to_group_by_the_threshold_holds_for_each_service(db, clock):
    life = ruled(db, clock, Rule(name="latency", match={"alertname": "Slow*"}, after=2))

    await life.take(small("SlowA"), small("SlowB", service="payments"))
    nothing = await life.running()
    await life.take(small("SlowC"))

    assert (nothing, await life.running()) == ([], [1])
    assert (await life.by_number(1)).service == "search"


async def test_what_is_muted_waits_for_the_digest_until_the_mute_ends(db, clock):
    until = clock() + timedelta(hours=1)
    life = ruled(db, clock, mutes=(Mute(match={"service": "checkout"}, until=until, reason="moving to eu-2"),))

    await life.take(big())
    muted = await life.alert(big())
    clock.forward(3_600)
    await life.take(big("Other"))

    await life.tick_digest()

    [digest] = [shown for (_, slot), shown in life.chat.shown.items() if slot.startswith("digest:")]
    assert (muted.incident_id, muted.digest_hour) == (None, until - timedelta(hours=1))
    assert await life.running() == [1]
    assert digest.entries[0].summary == ("Muted until 2026-11-21 13:00 UTC: moving to eu-2. High 5xx ratio on checkout")


async def test_small_alert_of_a_rule_waits_for_the_digest_all_the_same(db, clock):
    life = ruled(db, clock, Rule(name="disks", match={"alertname": "Disk*"}, group_by=("service",)))

    await life.take(tiny())

    assert await life.running() == []
