"""Who is told what when they catch up: parts, turns on call, private incidents, and messages worth their room."""

from dataclasses import replace
from datetime import timedelta

import pytest

from incident_copilot.domain.change import Change, ChangeKind, ChangeStatus
from incident_copilot.domain.incident import Ending, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import ModelUnavailable
from incident_copilot.pipeline import for_managers, ledger, look_back, recap, recorded, run, seeing
from incident_copilot.pipeline.recap import MOST_CHARACTERS, Moment, selected
from incident_copilot.store import changes, incidents

from . import samples
from .life import Life, big, small

CALL = ModelCall(model="small", outcome="no answer", latency_ms=7)


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


def test_pinned_messages_come_first_then_the_newest_as_far_as_there_is_room():
    long = "x" * (MOST_CHARACTERS // 2)
    said = [
        Moment(at=samples.NOON + timedelta(minutes=n), text=f"{n} {long}", ref=f"C:{n}", pinned=n == 1)
        for n in range(4)
    ]

    assert [one.text[:1] for one in selected(said)] == ["1"]
    assert [one.text for one in selected([])] == []


@pytest.mark.parametrize(
    ("viewer", "fields", "here", "may"),
    [
        (samples.VIC, {}, None, True),
        (samples.GUS, {}, "C1", False),
        (samples.VIC, {"private": True, "channel_id": "C1"}, None, False),
        (samples.VIC, {"private": True, "channel_id": "C1"}, "C1", True),
        (samples.VIC, {"private": True, "channel_id": "C1", "thread_ts": "1.1"}, "C1", False),
        (samples.VIC, {"private": True, "commander": "U0VIC"}, "C2", True),
        (Person(id="U0ZOE", name="Zoe", roles=frozenset({Role.RESPONDER})), {"private": True}, "C2", False),
    ],
)
def test_private_incidents_are_seen_by_those_inside(viewer, fields, here, may):
    assert seeing.may_see(viewer, samples.incident(**fields), here=here) is may


async def test_recap_names_ones_part_and_remembers_that_one_looked(life, clock):
    incident = await life.opened(big())
    ana = samples.ANA.model_copy(update={"roles": frozenset({Role.RESPONDER})})
    async with life.deps.db.transaction() as tx:
        await incidents.save(tx, incident.model_copy(update={"commander": ana.id, "team": "shop"}))
    clock.forward(600)

    first = await recap.recap(life.deps, incident.id, ana)
    clock.forward(60)
    again = await recap.recap(life.deps, incident.id, ana)
    clock.forward(1)
    await run.acknowledge(life.deps, incident.id, samples.ANA)
    third = await recap.recap(life.deps, incident.id, ana)

    assert first.for_you[:2] == ("You lead it.", "You are on call for checkout.")
    assert (first.since, again.since) == (None, samples.NOON + timedelta(minutes=10))
    assert (again.is_empty, again.note, [one.text for one in third.done]) == (True, "", ["Ana acknowledged INC-1."])
    assert [one.text for one in first.done if "called" in one.text] == [
        "The on-call policy called <@U0ANA> (primary on call)."
    ]


async def test_newcomers_of_threads_and_those_just_called_are_told_nothing(life, clock):
    opened = await life.opened(big())
    thread = (await life.opened(small())) and await life.by_number(2)
    called = await recap.for_newcomer(life.deps, opened.channel_id, samples.ANA, invited_by_us=True)
    in_thread = await recap.for_newcomer(life.deps, thread.channel_id, samples.ANA, invited_by_us=False)
    clock.forward(61)
    later = await recap.for_newcomer(life.deps, opened.channel_id, samples.ANA, invited_by_us=True)

    assert (called, in_thread) == (None, None)
    assert await recap.for_newcomer(life.deps, opened.channel_id, samples.GUS, invited_by_us=False) is None
    assert later.incident.id == opened.id


async def test_changes_told_by_webhook_are_among_those_before_the_start(life, clock):
    incident = await life.opened(big())
    told = [
        samples_change(f"k{n}", service, clock() - timedelta(minutes=n))
        for n, service in enumerate(["payments", *(f"other{k}" for k in range(13))], 1)
    ]
    async with life.deps.db.transaction() as tx:
        await changes.record_all(tx, "w", told)

    back = await look_back.look_back(life.deps, incident)

    assert [(one.service, one.before, one.is_near) for one in back.changes[:2]] == [
        ("payments", "60 s before", True),
        ("other0", "2 min before", False),
    ]
    assert (len(back.changes), back.left_out) == (12, 2)


class Away:
    """A model that does not answer."""

    def room(self, role):
        return None

    async def ask(self, prompt, leaving, answer_type, *, deadline, role):
        raise ModelUnavailable("no answer", CALL)


async def test_model_that_does_not_answer_or_may_not_be_asked_adds_nothing(life, clock):
    incident = await life.opened(big())
    said = tuple(Moment(at=samples.NOON, text=str(n), ref=f"C:{n}") for n in range(3))
    shown = await recap.told_since(life.deps, incident.id, samples.VIC, None)
    long = replace(shown, messages=said, said=said[:1])
    asked = replace(life.deps, llm=Away())
    private = replace(long, incident=incident.model_copy(update={"private": True}))
    never = replace(asked, policy=replace(asked.policy, model_calls_per_hour=0))

    away = await recap.in_short(asked, long)

    assert shown.for_you == ()
    assert (away.sentences, away.note) == ((), "3 of 3 messages used; 1 of 1 parts without an answer")
    assert [await recap.in_short(*one) for one in ((asked, private), (never, long), (asked, shown))] == [None] * 3
    assert await recorded.model_for(life.deps, incident) == "no language model is connected"
    assert await recorded.model_for(asked, private.incident) == "no model may see this incident: it is private"


def samples_change(key, service, at):
    return Change(
        source="github",
        key=key,
        kind=ChangeKind.DEPLOYMENT,
        status=ChangeStatus.SUCCEEDED,
        title=f"Deploy {service}",
        service=service,
        version=key,
        at=at,
    )


@pytest.mark.parametrize(
    ("fields", "impact", "expectation"),
    [
        ({"environment": "staging"}, "It is in staging; customers do not meet it.", "Nobody has taken it yet."),
        ({"service": "batch"}, "Customers do not use it directly.", "Nobody has taken it yet."),
        ({"service": "search"}, "Customers use it directly.", "Nobody has taken it yet."),
        (
            {"status": Status.RESOLVED, "ending": Ending.RESOLVED, "ended_at": samples.NOON},
            "Customers use it directly.",
            "It is over.",
        ),
    ],
)
async def test_managers_read_no_jargon(life, open_incident, fields, impact, expectation):
    incident = await open_incident(life.deps.db, **({"service": "checkout"} | fields))

    told = await for_managers.for_managers(life.deps, incident.id)

    assert (told.impact[1], told.expectation[0]) == (impact, expectation)
    assert told.resources[0] == ("It needs somebody to lead it." if incident.is_running else "Nobody led it.")


async def test_managers_are_told_the_share_that_fails_and_that_an_update_is_late(life, clock):
    incident = await life.opened(samples.alert())
    async with life.deps.db.transaction() as tx:
        await ledger.write(tx, life.deps, incident.id, LogKind.PUBLISHED, "copilot", {"audience": "customers"})
    clock.forward(3700)

    told = await for_managers.for_managers(life.deps, incident.id)

    assert told.impact[0] == "checkout works with faults: about 20% of what is asked of it fails."
    assert told.expectation[-1].endswith("the next update is due by 13:00 UTC, which is overdue.")
