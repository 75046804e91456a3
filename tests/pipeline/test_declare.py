"""A person declares an incident that no alert has announced."""

import asyncio
from datetime import timedelta

import pytest

from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import Invite, OpenChannel, Target
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.log import LogKind, TimelineKind
from incident_copilot.domain.said import Said
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import declare, housing, read
from incident_copilot.store import effects, gauges

from .life import Life, big, small


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def test_declared_incident_opens_in_the_name_of_who_declared_it(life, clock):
    outcome = await declare.declare(
        life.deps,
        await life.person("ana"),
        title="  Checkout is slow ",
        severity=Severity.P1,
        service="checkout",
        summary="Carts hang",
    )
    await life.work()

    incident = await life.newest()
    [row] = await life.log(incident, LogKind.DECLARED)
    [note] = await life.timeline(incident, TimelineKind.NOTE)
    assert outcome.text == "INC-1 is open."
    assert (incident.title, incident.severity, incident.service) == ("Checkout is slow", Severity.P1, "checkout")
    assert (incident.team, incident.environment, incident.declared_by) == ("shop", "production", "U0ANA")
    assert incident.correlation_key == f"declared={incident.id}"
    assert incident.score_sheet.floors == ("P1 was set by the person who declared",)
    assert (row.actor, row.payload) == ("U0ANA", {"number": 1, "severity": "P1", "type": "performance"})
    assert (note.author, note.text, note.at) == ("U0ANA", "Carts hang", clock())
    assert incident.channel_id == "C-inc-1-checkout-is-slow"


async def test_without_a_severity_the_score_sheet_says_how_bad_it_is(life):
    outcome = await declare.declare(life.deps, await life.person("ana"), title="Complete outage of the shop")

    incident = outcome.incident
    [note] = await life.timeline(incident, TimelineKind.NOTE)
    assert (incident.severity, incident.service, incident.team) == (Severity.P0, None, None)
    assert note.text == "Complete outage of the shop"


async def test_two_may_be_declared_at_once(life):
    ana = await life.person("ana")

    for title in ("One", "Two"):
        await declare.declare(life.deps, ana, title=title, service="checkout")

    assert await life.running() == [1, 2]


async def test_start_flags_and_the_message_it_begins_with_are_kept(life, clock):
    at = clock() - timedelta(minutes=20)
    link = "https://acme.slack.com/archives/C1/p1"
    said = Said(channel="C1", ts="1.0", at=at, text="Is checkout slow?", author="U0DEV", link=link)
    ana = await life.person("ana")

    outcome = await declare.declare(life.deps, ana, title="Checkout is slow", said=said, test=True)
    earlier = await declare.declare(life.deps, ana, title="Other", said=said, started_at=at - timedelta(hours=1))

    [entry] = await life.timeline(outcome.incident, TimelineKind.PINNED, TimelineKind.NOTE)
    [row] = await life.log(outcome.incident, LogKind.DECLARED)
    assert (entry.kind, entry.text, entry.at, entry.author) == (TimelineKind.PINNED, said.text, at, "U0DEV")
    assert (outcome.text, outcome.incident.links) == ("INC-1 [TEST] is open.", {"message": link})
    assert (outcome.incident.started_at, outcome.incident.opened_at) == (at, clock())
    assert earlier.incident.started_at == at - timedelta(hours=1)
    assert row.payload["test"] is True


async def test_test_is_marked_wherever_it_is_seen_and_takes_no_alerts(life):
    ana = await life.person("ana")
    drill = await declare.declare(
        life.deps, ana, title="Checkout is down", service="checkout", severity=Severity.P1, test=True
    )
    await life.work()

    real = await life.opened(big())

    texts = [content.text for _, _, content in life.chat.posts if isinstance(content, Notice)]
    async with life.deps.db.read() as db:
        counted = await gauges.measure(db, "w", life.clock(), life.clock())
    assert (await life.by_number(1)).channel_id == "C-test-inc-1-checkout-is-down"
    assert drill.incident.label == "INC-1 [TEST]"
    assert real.number == 2
    assert counted.incidents == {"P1": 1}
    assert texts


async def test_private_incident_is_known_in_its_channel_alone(life):
    ana = await life.person("ana")

    await declare.declare(
        life.deps, ana, title="Checkout leaks", service="checkout", severity=Severity.P2, private=True
    )
    await life.go_on(hours=3)
    public = await life.opened(big())
    await life.work()

    private = await life.by_number(1)
    [opened, *_] = [deed for deed in life.chat.deeds if isinstance(deed, OpenChannel)]
    invited = [deed.people for deed in life.chat.deeds if isinstance(deed, Invite)]
    elsewhere = [post for post in life.chat.posts if post[0] != private.channel_id]
    assert (opened.private, private.channel_id) == (True, "C-inc-1-checkout-leaks")
    assert invited[0] == ("U0ANA",)
    assert not await life.log(private, LogKind.PAGED)
    assert "leaks" not in str(elsewhere)
    assert public.number == 2
    assert [one.number for one in await read.running(life.deps)] == [2]
    assert await read.by_number(life.deps, 1) is None
    assert [number for number, _ in await alike_to(life, "Checkout leaks")] == [2]
    assert await life.refused(private, declare.join(life.deps, private.id, ana, "me too")) == (
        "Ask a member of its channel to invite you."
    )


async def test_private_incident_that_loses_its_channel_goes_on_nowhere_else(life):
    ana = await life.person("ana")
    await declare.declare(life.deps, ana, title="Checkout leaks", service="checkout", private=True)
    await life.work()
    private = await life.by_number(1)

    async with life.deps.db.transaction() as tx:
        card = await effects.latest(tx, "w", private.id, "card")
        lost = Target(channel=private.channel_id)
        moved = await housing.rehouse(life.deps, tx, card, lost, "is_archived")
    await life.work()

    assert moved is False
    assert {channel for channel, _, _ in life.chat.posts} == {private.channel_id}


async def alike_to(life, title, **fields):
    """What a declaration is told that runs already."""
    ana = await life.person("ana")
    found = await declare.declare(life.deps, ana, title=title, unless_alike=True, **fields)
    return [(one.incident.number, one.reason) for one in found.alike]


async def test_what_looks_alike_is_named_and_may_be_joined_instead(life):
    incident = await life.opened(big())
    await life.opened(small())

    by_service = await alike_to(life, "Carts hang", service="checkout")
    by_name = await alike_to(life, "something with Checkout")
    by_words = await alike_to(life, f"{incident.title} again")
    running = await life.running()
    outcome = await declare.join(life.deps, incident.id, await life.person("dev"), " Carts hang ")
    await life.work()

    assert by_service == by_name == [(1, "same service checkout")]
    assert by_words[0][0] == 1
    assert await alike_to(life, "Payroll is late") == []
    assert running == [1, 2]
    [note] = await life.timeline(incident, TimelineKind.NOTE)
    assert (note.author, note.text) == ("U0DEV", "Carts hang")
    assert outcome.text == "Your report is on the timeline of INC-1. You are being invited to its channel."
    assert Invite(people=("U0DEV",)) in life.chat.deeds
    assert (life.chat.notices()[-1], life.chat.posts[-1][2].detail) == ("Dev reports this.", "Carts hang")


async def test_incident_of_a_thread_is_joined_there_without_another_word(life):
    incident = await life.opened(small())

    outcome = await declare.join(life.deps, incident.id, await life.person("dev"), "")
    await life.work()

    assert outcome.text == "Your report is on the timeline of INC-1. It goes on in its thread."
    assert life.chat.notices()[-1] == "Dev reports the same."
    assert await life.timeline(incident, TimelineKind.NOTE) == []


async def test_of_two_who_declare_the_same_at_once_one_is_told_of_the_other(life):
    people = [await life.person(name) for name in ("ana", "ben")]

    found = await asyncio.gather(
        *(declare.declare(life.deps, one, title="Checkout is down", unless_alike=True) for one in people)
    )

    assert sorted(one.text for one in found) == [
        "INC-1 is open.",
        "INC-1 looks like this: 100% of the words are the same",
    ]
    assert await life.running() == [1]


@pytest.mark.parametrize(
    ("hours", "because"),
    [
        (1, "It cannot have started in the future. Look at the time zone."),
        (-24 * 31, "That is over a month ago. Look at the date."),
    ],
)
async def test_start_that_cannot_be_is_refused(life, clock, hours, because):
    with pytest.raises(DecisionRefused) as refusal:
        await declare.declare(
            life.deps, await life.person("ana"), title="x", started_at=clock() + timedelta(hours=hours)
        )

    assert str(refusal.value) == because


@pytest.mark.parametrize(
    ("name", "title", "said"),
    [
        ("ana", "  ", "Say in a few words what is broken; that is all I need."),
        (
            "vic",
            "x",
            "To declare incidents you need the role responder; ask an admin to add it in catalog.yaml.",
        ),
    ],
)
async def test_what_cannot_be_declared_is_refused_and_logged(life, name, title, said):
    with pytest.raises(DecisionRefused) as refusal:
        await declare.declare(life.deps, await life.person(name), title=title)

    [row] = await life.workspace_log()
    assert str(refusal.value) == said
    assert (row.kind, row.actor, row.payload) == (
        LogKind.DENIED,
        f"U0{name.upper()}",
        {"asked": "declare incidents", "because": said},
    )
    assert await life.running() == []
