"""Who sends updates is reminded privately when one is due, until it is out; promises are kept in the review."""

from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.domain.comms import CommsPolicy
from incident_copilot.domain.content import Press
from incident_copilot.domain.incident import Duty, Ending, Severity
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Choice, ProposalKind
from incident_copilot.pipeline import decide, resolve, roles, run
from incident_copilot.pipeline.comms import promised
from incident_copilot.pipeline.reviewing import sections
from pipeline.life import CATALOG, Life, big
from pipeline.review_records import at, record, row
from pipeline.samples import INCIDENT_ID, incident, proposal

DUE = "INC-1 High 5xx ratio on checkout: the next update for"


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def led(life):
    opened = await life.opened(big())
    await run.acknowledge(life.deps, opened.id, await life.person("ben"))
    await life.work()
    return opened


async def publish(life, opened, text="We look.", audience="customers"):
    put = await life.put(opened, ProposalKind.UPDATE, rank=0, shown={"audience": audience, "text": text})
    await decide.vote(
        life.deps, put.id, 1, Choice.APPROVE, await life.person("cara" if audience == "customers" else "ana")
    )
    await life.work()


def told(life, who="U0BEN"):
    return [content.text.removeprefix(f"{DUE} ") for channel, _, content in life.chat.posts if channel == who]


async def test_commander_is_reminded_by_the_cadence_a_few_times_and_not_for_ever(life):
    await led(life)
    for _ in range(30):
        await life.go_on(minutes=5)

    assert told(life) == [
        "colleagues is due by 13:00 UTC, in 5 min.",
        "colleagues was due by 13:00 UTC, now.",
        "colleagues was due by 13:00 UTC, 15 min ago.",
        "colleagues was due by 13:00 UTC, 30 min ago.",
    ]


async def test_reminder_is_snoozed_by_whoever_gets_it_and_goes_on_afterwards(life):
    opened = await led(life)
    await life.go_on(minutes=55)
    await run.snooze(life.deps, opened.id, await life.person("ben"), timedelta(minutes=20))
    for _ in range(6):
        await life.go_on(minutes=5)

    [first, *_] = [content for channel, _, content in life.chat.posts if channel == "U0BEN"]
    assert [button.press for button in first.buttons] == [Press.DRAFT, Press.SNOOZE]
    assert told(life) == [
        "colleagues is due by 13:00 UTC, in 5 min.",
        "colleagues was due by 13:00 UTC, 15 min ago.",
    ]


async def test_comms_lead_of_the_incident_is_reminded_before_its_commander(life):
    opened = await led(life)
    await roles.assign(life.deps, opened.id, await life.person("ben"), "U0CARA", Duty.COMMS)
    await life.go_on(minutes=55)

    assert (told(life), told(life, "U0CARA")) == ([], ["colleagues is due by 13:00 UTC, in 5 min."])


async def test_promised_time_is_the_timer_and_an_update_stops_it(life):
    opened = await led(life)
    await publish(life, opened, "We look. Next update by 12:30 UTC.")
    await life.go_on(minutes=25)
    await publish(life, opened, "Still looking.")
    for _ in range(6):
        await life.go_on(minutes=5)

    assert told(life) == ["customers was promised by 12:30 UTC, in 5 min."]
    rows = await life.log(opened, LogKind.PUBLISHED)
    assert [one.payload.get("next_update") for one in rows] == ["2026-11-21T12:30:00+00:00", None]


async def test_promise_is_kept_in_the_zone_of_the_catalogue_over_a_change_of_the_clocks(db, clock):
    clock.time = datetime(2026, 10, 25, 0, 10, tzinfo=UTC)  # 02:10 in Berlin; at 03:00 it is 02:00 again
    comms = CommsPolicy(timezone="Europe/Berlin", lead="U0CARA")
    life = Life(db, clock, catalog=CATALOG.model_copy(update={"comms": comms}))
    opened = await led(life)
    await publish(life, opened, "Next update by 02:30.")
    await life.go_on(minutes=16)

    assert told(life, "U0CARA") == ["customers was promised by 02:30 CEST, in 4 min."]


async def test_higher_severity_wants_updates_sooner(life):
    opened = await led(life)
    await life.go_on(minutes=10)
    await run.set_severity(life.deps, opened.id, await life.person("ben"), Severity.P0)
    await life.go_on(minutes=16)

    assert told(life) == ["colleagues is due by 12:30 UTC, in 4 min."]


async def test_nobody_is_reminded_while_it_is_quiet_or_after_the_end(life):
    opened = await led(life)
    ben = await life.person("ben")
    await run.quiet(life.deps, opened.id, ben, True)
    await life.go_on(minutes=56)
    assert told(life) == []
    await run.quiet(life.deps, opened.id, ben, False)
    await life.work()
    assert told(life) == ["colleagues is due by 13:00 UTC, in 4 min."]

    await resolve.resolve(life.deps, opened.id, ben, ending=Ending.RESOLVED, note="", despite_red=True)
    await life.go_on(hours=2)
    assert len(told(life)) == 1


async def test_where_nobody_leads_only_a_promise_is_worth_a_message(life):
    opened = await life.opened(big())
    await life.go_on(minutes=56)
    await publish(life, opened, "Next update in 10 minutes.")
    await life.go_on(minutes=5)

    assert [text for text in life.chat.notices() if "the next update for" in text] == [
        f"{DUE} customers was promised by 13:06 UTC, in 5 min."
    ]


async def test_timer_that_is_out_of_date_sets_itself_anew(life, clock):
    opened = await led(life)
    async with life.deps.db.transaction() as tx:
        await promised.plan(tx, life.deps, opened.model_copy(update={"severity": Severity.P0}))
    await life.go_on(minutes=25)

    assert told(life) == []
    await life.go_on(minutes=30)
    assert told(life) == ["colleagues is due by 13:00 UTC, in 5 min."]


def test_comms_lead_sends_updates_before_the_commander(life):
    led = incident(commander="U0BEN")

    assert promised.sends_updates(life.deps, led) == "U0BEN"
    assert promised.sends_updates(life.deps, led.with_holder(Duty.COMMS, "U0CARA")) == "U0CARA"


@pytest.mark.parametrize(
    ("second", "ended", "said"),
    [
        (1500, 3600, "that came at 12:25:00 UTC"),
        (2100, 3600, "that came 5 min late"),
        (None, 1200, "that was not needed: the incident ended before"),
        (None, 3600, "that did not come"),
    ],
)
def test_review_says_whether_a_promise_was_kept(second, ended, said):
    first = {"proposal": "p1", "audience": "customers"}
    rows = [
        row(1, LogKind.PUBLISHED, "copilot", seconds=60, **first, next_update=at(1800).isoformat()),
        row(2, LogKind.PUBLISHED, "copilot", seconds=61, **first, outlet="page"),
    ]
    puts = [proposal(ProposalKind.UPDATE, id=name, incident_id=INCIDENT_ID) for name in ("p1", "p2")]
    if second:
        rows.append(row(3, LogKind.PUBLISHED, "copilot", seconds=second, proposal="p2", audience="customers"))
    over = incident(ended_at=at(ended), resolved_at=at(ended), ending=Ending.RESOLVED, status="resolved")

    part = sections.communications(record(*rows, incident=over, proposals=tuple(puts))).parts[0]

    assert [line.text for line in part.lines[1:]] == [
        "An update for customers was published at page.",
        f"It promised the next update by 12:30:00 UTC; {said}.",
    ]
