"""A storm of several causes at once becomes one incident for each cause, and the card says where the trouble is."""

import itertools
import random
from datetime import timedelta

import pytest

from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.domain.grouping import Grouping, Rule
from incident_copilot.domain.incident import Ending
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.pairing import pairs
from incident_copilot.domain.proposal import ProposalKind
from incident_copilot.pipeline import merging, resolve, run, show
from incident_copilot.store import pairings

from . import samples
from .life import Life

CAUSES = {"postgres": ("orders", "checkout", "cart"), "kafka": ("billing", "mail", "ledger"), "auth": ("login", "sso")}
CATALOG = Catalog(
    services=(
        *(Service(name=cause, tier=1) for cause in CAUSES),
        *(
            Service(name=name, tier=1, depends_on=(cause if place != 1 else names[0],))
            for cause, names in CAUSES.items()
            for place, name in enumerate(names)
        ),
    )
)


def storm(count, *, seconds=20, seed=1):
    """Alerts of all services, each in its own second, pods by the dozen; dependents begin when their cause does."""
    chance = random.Random(seed)
    services = [name for cause, names in CAUSES.items() for name in (cause, *names)]
    for number in range(count):
        service = chance.choice(services)
        since = samples.NOON + timedelta(seconds=seconds * number / count)
        name = chance.choice(("HighErrorRate", "HighLatency", "RequestsFailing"))
        labels = {"pod": f"{service}-{number}", "route": str(number)}
        yield samples.alert(f"{name}{number % 7}", service=service, labels=labels, starts_at=since, description="")


async def rages(life, alerts, size):
    """Let alerts come in so many at a time."""
    remaining = iter(alerts)
    while batch := list(itertools.islice(remaining, size)):
        life.clock.time = max(life.clock(), batch[-1].starts_at + timedelta(seconds=5))
        await life.take(*batch)


async def cards(life):
    async with life.deps.db.read() as db:
        numbers = await life.running()
        return [await show.card_of(db, life.deps, (await life.by_number(number)).id) for number in numbers]


@pytest.mark.parametrize("size", [64, 8], ids=["all in each batch", "symptoms before their cause"])
async def test_three_causes_at_once_are_three_incidents(db, clock, size):
    life = Life(db, clock, catalog=CATALOG)

    await rages(life, storm(128), size)

    shown = await cards(life)
    assert sorted(one.source for one in shown) == [
        "auth: login, sso depend on it",
        "kafka: billing, ledger, mail depend on it",
        "postgres: cart, checkout, orders depend on it",
    ]
    assert sum(one.firing for one in shown) == 128


async def fire(life, *services, name="HighErrorRate"):
    """An alert of each service, one webhook after another, some seconds apart."""
    for service in services:
        life.clock.forward(5)
        await life.take(samples.alert(name, service=service, starts_at=life.clock(), description=""))


async def test_symptoms_that_came_before_their_cause_are_merged_into_the_older_and_people_see_why(db, clock):
    life = Life(db, clock, catalog=CATALOG)
    await fire(life, "orders", "cart")
    assert await life.running() == [1, 2]

    await fire(life, "postgres")

    merged, kept = await life.by_number(2), await life.by_number(1)
    assert (await life.running(), merged.ending) == ([1], Ending.MERGED)
    [row] = await life.log(kept, LogKind.MERGED)
    assert (row.actor, row.payload["label"]) == ("policy:correlation", "INC-2")
    assert row.payload["why"] == "orders depends on postgres, 10 s apart, same cluster eu-1"
    told = "INC-2 High 5xx ratio on checkout was merged into this incident because one cause explains both."
    assert told in life.chat.notices()


async def test_incident_that_the_cause_does_not_wholly_explain_stays(db, clock):
    torn = Catalog(
        services=(
            Service(name="shop", depends_on=("postgres", "kafka")),
            Service(name="cart", depends_on=("postgres",)),
        )
    )
    life = Life(db, clock, catalog=torn)
    await fire(life, "kafka", "shop", "cart")
    assert await life.running() == [1, 2]

    await fire(life, "postgres")

    assert await life.running() == [1, 2]


async def test_incidents_that_people_keep_apart_are_not_merged_for_one_cause(db, clock):
    life = Life(db, clock, catalog=CATALOG)
    await fire(life, "orders", "cart")
    alike = [[f"HighErrorRate on {service}"] for service in ("orders", "cart")]
    async with db.transaction() as tx:
        await pairings.say(tx, "w", pairs(*alike), together=False, now=clock())

    await fire(life, "postgres")

    assert await life.running() == [1, 2]


async def test_incident_that_people_have_touched_is_put_to_them_once(db, clock):
    life = Life(db, clock, catalog=CATALOG)
    await fire(life, "orders", "cart")
    await run.acknowledge(life.deps, (await life.by_number(2)).id, await life.person("ana"))

    await fire(life, "postgres", "postgres")
    await fire(life, "postgres", name="ConnectionsRunOut")

    assert await life.running() == [1, 2]
    put = await life.proposals(await life.by_number(2))
    assert [one.title for one in put if one.kind is ProposalKind.MERGE] == ["Merge INC-2 into INC-1"]


async def test_nothing_is_merged_into_what_has_ended_meanwhile(db, clock):
    life = Life(db, clock, catalog=CATALOG)
    await fire(life, "orders", "cart")
    first, second = await life.by_number(1), await life.by_number(2)
    ana = await life.person("ana")
    await resolve.resolve(life.deps, first.id, ana, ending=Ending.RESOLVED, note="", despite_red=True)

    async with life.deps.db.transaction() as tx:
        await merging.merge_by_policy(tx, life.deps, first.id, second.id, "why")

    assert await life.running() == [2]


async def test_incident_of_a_rule_is_left_to_the_rule(db, clock):
    rule = Rule(name="by-service", match={"service": "cart"}, group_by=("service",))
    life = Life(db, clock, catalog=CATALOG.model_copy(update={"correlation": Grouping(rules=(rule,))}))
    await fire(life, "orders", "cart")

    await fire(life, "postgres", "cart")

    assert await life.running() == [1, 2]
