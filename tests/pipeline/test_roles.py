"""Who does what in an incident: one person a role, logged, handed over, and taken only where it is free."""

import asyncio

import pytest

from incident_copilot.domain.effect import Invite
from incident_copilot.domain.incident import Duty, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.pipeline import roles

from .life import Life, big, small


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def test_commander_is_assigned_invited_and_logged(life):
    incident = await life.opened(big())

    outcome = await roles.assign(life.deps, incident.id, await life.person("ana"), "U0BEN")
    await life.work()

    [row] = await life.log(incident, LogKind.ASSIGNED)
    assert (outcome.text, outcome.incident.commander) == ("<@U0BEN> now leads INC-1.", "U0BEN")
    assert (row.actor, row.payload) == ("U0ANA", {"role": "commander", "person": "U0BEN"})
    assert life.chat.deeds.count(Invite(people=("U0BEN",))) == 1
    assert (await life.newest()).status is Status.OPEN


async def test_commander_of_a_thread_is_not_invited_anywhere(life):
    incident = await life.opened(small())

    await roles.assign(life.deps, incident.id, await life.person("ana"), "U0BEN")
    await life.work()

    assert not [deed for deed in life.chat.deeds if isinstance(deed, Invite)]


async def test_who_takes_the_lead_has_acknowledged_by_that(life):
    incident = await life.opened(big())
    ana = await life.person("ana")

    first = await roles.assign(life.deps, incident.id, ana, "U0ANA")
    again_ = await roles.assign(life.deps, incident.id, ana, "U0ANA")

    assert (first.incident.status, first.incident.acknowledged_by) == (Status.ACKNOWLEDGED, "U0ANA")
    assert again_.text == "<@U0ANA> now leads INC-1."
    assert len(await life.log(incident, LogKind.ACKNOWLEDGED)) == 1


@pytest.mark.parametrize(
    ("who", "duty", "said"),
    [
        ("U0GUS", Duty.COMMANDER, "Gus is not a full member of this workspace and cannot lead an incident."),
        ("U0VIC", Duty.COMMANDER, "Vic has not the role responder and cannot lead an incident."),
        ("U0VIC", Duty.SCRIBE, "Vic has not the role responder and cannot be its scribe."),
    ],
)
async def test_who_cannot_lead_is_not_assigned(life, who, duty, said):
    incident = await life.opened(big())

    assert (
        await life.refused(incident, roles.assign(life.deps, incident.id, await life.person("ana"), who, duty)) == said
    )
    assert (await life.newest()).commander is None


async def test_each_role_has_one_holder_and_its_handing_over_is_logged(life):
    incident = await life.opened(big())
    ana = await life.person("ana")

    first = await roles.assign(life.deps, incident.id, ana, "U0CARA", Duty.COMMS)
    second = await roles.assign(life.deps, incident.id, ana, "U0BEN", Duty.COMMS)
    await roles.assign(life.deps, incident.id, ana, "U0ANA", Duty.SCRIBE)
    await life.work()

    now = await life.newest()
    rows = await life.log(incident, LogKind.ASSIGNED)
    assert (first.text, second.text) == (
        "<@U0CARA> is now the comms lead of INC-1.",
        "<@U0BEN> is now the comms lead of INC-1.",
    )
    assert now.duties == {Duty.COMMS: "U0BEN", Duty.SCRIBE: "U0ANA"}
    assert (now.commander, now.status) == (None, Status.OPEN)
    assert [row.payload for row in rows] == [
        {"role": "comms", "person": "U0CARA"},
        {"role": "comms", "person": "U0BEN", "from": "U0CARA"},
        {"role": "scribe", "person": "U0ANA"},
    ]
    assert life.chat.shown[incident.channel_id, "card"].incident == now
    assert roles.lines(now) == [
        "Commander: nobody yet",
        "Comms lead: <@U0BEN>",
        "Scribe: <@U0ANA>",
        "Operations lead: nobody yet",
    ]
    assert roles.duties_of(now, "U0ANA") == [Duty.SCRIBE]


async def test_of_two_who_take_a_role_at_once_one_has_it_and_the_other_is_told(life):
    incident = await life.opened(big())
    people = [await life.person(name) for name in ("ana", "ben")]

    said = await asyncio.gather(
        *(roles.assign(life.deps, incident.id, person, person.id, Duty.OPS, only_if_free=True) for person in people),
        return_exceptions=True,
    )

    holder = (await life.newest()).duties[Duty.OPS]
    assert sorted(str(one) if isinstance(one, Exception) else one.text for one in said) == [
        f"<@{holder}> is now the operations lead of INC-1.",
        f"<@{holder}> is the operations lead of INC-1. To take over: /incident assign me ops.",
    ]
