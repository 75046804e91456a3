"""Every timer of incidents, travelled through over both changes of the clocks.

Spans are what they are in any other night; times on the wall are too, in the zone of whoever set them.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from incident_copilot.domain.catalog import Catalog, OnCall, Service, Team
from incident_copilot.domain.comms import CommsPolicy
from incident_copilot.domain.effect import ShowTo
from incident_copilot.domain.escalation import Escalation
from incident_copilot.domain.incident import Ending, Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.outside import Regulation
from incident_copilot.domain.proposal import ProposalKind
from incident_copilot.domain.worth import Worth
from incident_copilot.pipeline import resolve, run
from incident_copilot.pipeline.comms import stale
from incident_copilot.pipeline.wakeups import Work

from .life import CATALOG, Chat, Life, big

BERLIN = ZoneInfo("Europe/Berlin")
NIGHTS = ["2026-03-28T23:30", "2026-10-24T23:30"]
"""Saturdays in Berlin: before an hour is left out, and before an hour comes twice."""
TYPES = {"snoozed": "dependency", "leak": "security", "wrong": "quality_degradation"}
SERVICES = ("alone", "taken", "front", "asleep", *TYPES)
POLICY = {
    "last": {"who": "team:bosses"},
    "helper": {"who": "U0DEV"},
    "several_services": 2,
    "progress_min": {"P1": 40},
    "business": {"to": {"who": "U0CEO"}, "customers": ["gold"], "cost_per_minute": 500, "severities": ["P1"]},
    "quiet_hours": {"begin": "22:00", "end": "07:00", "zone": "Europe/Berlin"},
}
BANK = Regulation(name="bank", tell="the bank", within_h=24, remind_before_h=(4,))

CALLED = {
    "alone": [
        (0, "primary", "ANA"),
        (0, "business", "CEO"),
        (30, "secondary", "BEN"),
        (60, "still unacknowledged", "SAM"),
    ],
    "taken": [(0, "primary", "ANA"), (45, "no progress", "DEV")],
    "front": [
        (0, "primary", "ANA"),
        (0, "business", "CEO"),
        (0, "several services", "DEV"),
        (30, "secondary", "BEN"),
    ],
    "leak": [
        (0, "primary", "SEC"),
        (15, "secondary", "BEN"),
        (30, "still unacknowledged", "SAM"),
        *((minutes, "bank") for minutes in (1200, 1440, 1680)),
    ],
    "wrong": [(0, "primary", "ANA"), (60, "unknown cause", "DEV"), (120, "type:quality degradation", "BEN")],
    "snoozed": [(0, "primary", "ANA"), (130, "type:dependency", "BEN"), (130, "no progress", "DEV")],
}
"""Who is called after how many minutes, by what; or which deadline of an authority somebody is reminded of."""
ASLEEP = [("07:00", "primary", "ANA"), ("09:00", "secondary", "BEN"), ("11:00", "still unacknowledged", "SAM")]
"""A small incident of the night, by the clock on the wall."""
TOLD = [(55, "next-update"), (60, "next-update"), (75, "next-update"), (90, "next-update"), (125, "stale")]
"""What the commander of one of them is told privately."""
ACTS = {
    5: [("acknowledge", name) for name in ("taken", "wrong", "snoozed")],
    10: [("snooze", "snoozed")],
    40: [("keep", "wrong")],
    45: [("end", "front")],
    75: [("end", "alone"), ("keep", "wrong")],
    110: [("keep", "wrong")],
    130: [("end", name) for name in ("taken", "wrong", "snoozed")],
}
STOPS = [5, 10, 15, 30, 40, 45, 55, 60, 75, 90, 110, 120, 125, 130, 1200, 1440, 1680]
"""Minutes at which work is done, besides the hours of the morning."""


class Timed(Chat):
    """A chat that remembers what people were told privately, and when."""

    def __init__(self, clock):
        super().__init__()
        self.clock, self.private = clock, []

    async def deliver(self, effect, target):
        if isinstance(effect.deed, ShowTo):
            self.private.append((self.clock(), effect.incident_id, effect.deed.slot.removeprefix("notice:")))
        return await super().deliver(effect, target)


def catalog():
    services = tuple(Service(name=name, team="shop", tier=2, handles_personal_data=True) for name in SERVICES)
    costly = {"alone": {"worth": Worth(cost_per_minute=600)}, "front": {"depends_on": ("back",)}}
    services = tuple(one.model_copy(update=costly.get(one.name, {})) for one in services)
    shop = OnCall(primary="U0ANA", secondary="U0BEN")
    return Catalog(
        services=(*services, Service(name="back", team="shop", tier=2)),
        teams=(
            Team(name="shop", on_call=shop),
            Team(name="bosses", on_call=OnCall(primary="U0SAM")),
            Team(name="security", on_call=OnCall(primary="U0SEC", secondary="U0BEN")),
        ),
        people=CATALOG.people,
        escalation=Escalation.model_validate(POLICY),
        comms=CommsPolicy(timezone="Europe/Berlin", stale_min={Severity.P1: 120}),
        regulatory=(BANK,),
    )


def alert(name, clock, **fields):
    labels = {"cluster": name, **({"incident_type": TYPES[name]} if name in TYPES else {})}
    small = {"severity": "warning"} if name == "asleep" else {}
    about = {"service": name, "summary": f"{name} is in trouble", "starts_at": clock(), "labels": labels, **small}
    return big(f"Trouble{name.title()}", **(about | fields))


async def act(life, what, incident):
    ana = await life.person("ana")
    match what:
        case "acknowledge":
            await run.acknowledge(life.deps, incident.id, ana)
        case "snooze":
            await run.snooze(life.deps, incident.id, ana, timedelta(hours=2))
        case "keep":
            await stale.keep_open(life.deps, incident.id, ana)
        case "end":
            await resolve.resolve(life.deps, incident.id, ana, ending=Ending.FALSE_ALARM, note="", despite_red=True)


async def opened(life, clock):
    """All incidents, by service."""
    found = {}
    for name in SERVICES:
        more = [alert("back", clock, labels={"cluster": name, "customer_tier": "gold"})] if name == "front" else []
        found[name] = await life.opened(alert(name, clock), *more)
    return found


def stops(begun):
    """All minutes at which work is done, the earliest first."""
    morning = begun.astimezone(BERLIN) + timedelta(days=1)
    on_the_wall = [morning.replace(hour=hour, minute=0).astimezone(UTC) for hour in (7, 9, 11)]
    return sorted([*STOPS, *(int((at - begun).total_seconds() // 60) for at in on_the_wall)])


async def rows_of(life, incident):
    told = await life.log(incident, LogKind.PAGED, LogKind.AUTHORITY_DUE)
    return [(row.at, *_said(row.payload)) for row in told]


def _said(payload):
    return (payload["duty"],) if "duty" in payload else (payload["turn"], payload["person"].removeprefix("U0"))


@pytest.mark.parametrize("night", NIGHTS)
async def test_timers_call_after_the_same_time_whatever_the_clocks_on_the_wall_do(db, clock, night):
    begun = datetime.fromisoformat(night).replace(tzinfo=BERLIN).astimezone(UTC)
    clock.time = begun
    chat = Timed(clock)
    life = Life(db, clock, catalog=catalog(), chat=chat)
    incidents = await opened(life, clock)
    put = await life.put(incidents["taken"], ProposalKind.CHECK, rank=0)

    for stop in stops(begun):
        await life.go_on(seconds=(begun + timedelta(minutes=stop) - clock()).total_seconds())
        for what, name in ACTS.get(stop, ()):
            await act(life, what, incidents[name])
        if stop == 125:
            await life.run_job(Work.STALE, incidents["taken"])
        await life.work()

    def minutes(at):
        return int((at - begun).total_seconds() // 60)

    rows = {name: await rows_of(life, one) for name, one in incidents.items()}
    assert [(f"{at.astimezone(BERLIN):%H:%M}", *said) for at, *said in rows.pop("asleep")] == ASLEEP
    assert {name: [(minutes(at), *said) for at, *said in told] for name, told in rows.items()} == CALLED
    private = [(minutes(at), slot) for at, whose, slot in chat.private if whose == incidents["taken"].id]
    assert private == TOLD
    [expired] = [
        row for row in await life.log(incidents["taken"], LogKind.EXPIRED) if row.payload["proposal"] == put.id
    ]
    assert minutes(expired.at) == 60
