"""Who is called: by a schedule elsewhere, by the rotation, by fixed people; what cannot be read is said."""

from datetime import timedelta

import pytest

from incident_copilot.domain.catalog import OnCall, Team
from incident_copilot.domain.rotation import OnDuty, Rotation
from incident_copilot.errors import VendorUnavailable
from incident_copilot.pipeline import on_call
from incident_copilot.pipeline.on_call import Called
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import jobs

from . import samples
from .life import CATALOG, Life, big

ROTATION = Rotation(people=("U0ANA", "U0BEN"), starts="2026-11-16T09:00")
PEOPLE = tuple(
    one.model_copy(update={"email": f"{one.slack[2:].lower()}@acme.test", "name": one.slack[2:].title()})
    for one in CATALOG.people
)


class Schedule:
    """A paging service that says who is on call, or is away."""

    name = "pagerduty"

    def __init__(self, *people):
        self.people, self.is_away = people, False

    async def on_duty(self, schedule):
        if self.is_away:
            raise VendorUnavailable("PagerDuty: HTTP 503")
        return [one for one in self.people if schedule == "PSHOP"]


def catalog(**fields):
    team = Team(name="shop", on_call=OnCall(**fields))
    return CATALOG.model_copy(update={"teams": (team,), "people": PEOPLE})


@pytest.fixture
def life_with(db, clock):
    def build(*people, **fields):
        return Life(db, clock, catalog=catalog(**fields), schedules={"pagerduty": Schedule(*people)})

    return build


async def read(life):
    """Tick, as the clock does every minute."""
    async with life.deps.db.transaction() as tx:
        key = f"duties:{life.clock().isoformat()}"
        await jobs.enqueue_tick(
            tx, workspace_id="w", kind=Work.DUTIES, key=key, lane="tick:duties", run_at=life.clock()
        )
    await life.work()


async def called(life):
    async with life.deps.db.read() as db:
        return await on_call.of(db, life.deps, samples.incident(team="shop"))


async def test_rotation_says_who_is_first_and_second(life_with, clock):
    life = life_with(rotation=ROTATION)

    found = await called(life)

    assert found == Called("U0ANA", "U0BEN", clock().replace(day=23, hour=9), "the rotation of catalog.yaml")
    assert await on_call.lines(life.deps) == [
        "shop: <@U0ANA>, then <@U0BEN>, until 23 Nov 09:00 UTC, by the rotation of catalog.yaml"
    ]


async def test_person_of_the_rotation_is_the_one_who_is_called(life_with):
    life = life_with(rotation=ROTATION)

    await life.opened(big())

    assert "You are on call for checkout. Please acknowledge within 30 min." in life.chat.notices()


async def test_schedule_elsewhere_goes_first_and_what_it_said_last_counts_while_it_is_away(life_with, clock):
    people = (OnDuty(name="x", email="BEN@acme.test", until=clock() + timedelta(hours=2)), OnDuty(name="Ana", level=2))
    life = life_with(*people, source="pagerduty", schedule="PSHOP", primary="U0CARA")
    unread = await called(life)
    await read(life)
    now = await called(life)
    life.deps.schedules["pagerduty"].is_away = True
    clock.forward(60)
    await read(life)
    away = await called(life)
    clock.forward(2 * 3600)

    assert unread == Called("U0CARA", problem="pagerduty was not read yet")
    assert (now.primary, now.secondary, now.by, now.problem) == ("U0BEN", "U0ANA", "pagerduty", None)
    assert (away.primary, away.problem) == ("U0BEN", "PagerDuty: HTTP 503")
    assert (await called(life)).primary == "U0ANA"


async def test_schedule_that_names_nobody_we_know_falls_back_and_says_so(life_with):
    life = life_with(OnDuty(name="Zoe", chat_id=None), source="pagerduty", schedule="PSHOP")

    await read(life)

    assert await on_call.lines(life.deps) == [
        "shop: nobody is on call (pagerduty names nobody that catalog.yaml knows)"
    ]


async def test_first_read_that_fails_is_told(life_with):
    life = life_with(source="pagerduty", schedule="PSHOP")
    life.deps.schedules["pagerduty"].is_away = True

    await read(life)

    assert await on_call.lines(life.deps) == ["shop: nobody is on call (PagerDuty: HTTP 503)"]


async def test_id_of_the_chat_that_a_source_knows_is_taken(life_with):
    life = life_with(OnDuty(name="z", chat_id="U0ZOE"), source="pagerduty", schedule="PSHOP", secondary="U0ZOE")

    await read(life)

    assert (await called(life)).primary == "U0ZOE"
    assert (await called(life)).secondary is None


async def test_team_without_people_has_nobody_on_call(life_with):
    life = life_with()
    async with life.deps.db.read() as db:
        ghosts = await on_call.of(db, life.deps, samples.incident(team="ghosts"))

    assert ghosts == Called()
    assert await on_call.lines(life.deps) == ["shop: nobody is on call"]
