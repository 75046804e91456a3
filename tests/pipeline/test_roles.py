"""Who does what in an incident: one person a role, logged, handed over, and taken only where it is free."""

import asyncio

import pytest

from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import Invite
from incident_copilot.domain.incident import Duty, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.errors import DecisionRefused
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
        ("U0GUS", Duty.COMMANDER, "<@U0GUS> is not a full member of this workspace and cannot lead an incident."),
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


async def test_a_role_is_given_back_and_everybody_is_told(life):
    incident = await life.opened(big())
    ana, ben = await life.person("ana"), await life.person("ben")
    await roles.assign(life.deps, incident.id, ana, "U0BEN", Duty.SCRIBE)
    await roles.assign(life.deps, incident.id, ana, "U0ANA")

    outcomes = [
        await roles.give_back(life.deps, incident.id, ana, Duty.SCRIBE),
        await roles.give_back(life.deps, incident.id, ana, Duty.COMMANDER, "U0ANA"),
    ]
    refused = await refusal(roles.give_back(life.deps, incident.id, ben, Duty.SCRIBE))
    await roles.assign(life.deps, incident.id, ana, "U0ANA", Duty.SCRIBE)
    stale = await refusal(roles.give_back(life.deps, incident.id, ben, Duty.SCRIBE, "U0BEN"))
    guest = await refusal(roles.give_back(life.deps, incident.id, await life.person("gus"), Duty.SCRIBE))
    await life.work()

    rows = await life.log(incident, LogKind.UNASSIGNED)
    assert [one.text for one in outcomes] == [
        "Nobody is the scribe of INC-1 now.",
        "Nobody is the commander of INC-1 now.",
    ]
    assert refused == "Nobody is the scribe of INC-1."
    assert stale == "<@U0ANA> is the scribe of INC-1 by now."
    assert guest.startswith("Guests and people from outside")
    assert [(row.actor, row.payload) for row in rows] == [
        ("U0ANA", {"role": "scribe", "from": "U0BEN"}),
        ("U0ANA", {"role": "commander", "from": "U0ANA"}),
    ]
    said = [content.text for _, thread, content in life.chat.posts if isinstance(content, Notice) and thread]
    assert said == ["Ana made the role scribe free, which <@U0BEN> had.", "Ana made the role commander free."]
    now = await life.newest()
    assert (now.commander, now.duties) == (None, {Duty.SCRIBE: "U0ANA"})
    assert life.chat.shown[incident.channel_id, "card"].incident == now


async def test_of_two_who_give_a_role_back_at_once_one_row_is_logged(life):
    incident = await life.opened(big())
    people = [await life.person(name) for name in ("ana", "ben")]
    await roles.assign(life.deps, incident.id, people[0], "U0BEN", Duty.OPS)

    said = await asyncio.gather(
        *(roles.give_back(life.deps, incident.id, person, Duty.OPS, "U0BEN") for person in people),
        return_exceptions=True,
    )

    assert sorted(str(getattr(one, "text", one)) for one in said) == [
        "Nobody is the operations lead of INC-1 now.",
        "Nobody is the operations lead of INC-1.",
    ]
    assert len(await life.log(incident, LogKind.UNASSIGNED)) == 1


async def refusal(asked):
    with pytest.raises(DecisionRefused) as found:
        await asked
    return str(found.value)


def test_a_role_of_a_teams_own_is_one_word():
    assert (Duty("liaison").word, Duty("liaison") == Duty("liaison")) == ("liaison", True)
    for wrong in ("Two words", "", 7):
        with pytest.raises(ValueError, match="not a valid Duty"):
            Duty(wrong)
