"""How far the copilot goes for a service: two people raise it on its record, one lowers it, and it counts at once."""

import asyncio
from dataclasses import replace

import pytest

from incident_copilot.domain.automation import Automation, AutomationPolicy, ChangeState
from incident_copilot.domain.catalog import ApprovalPolicy, CatalogPerson
from incident_copilot.domain.effect import Place
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Role
from incident_copilot.domain.proposal import Choice, ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused, UnknownThing
from incident_copilot.pipeline import act, automation, decide, lower_level, my_work, proposing, raise_level, suggest
from incident_copilot.pipeline.reviewing.record import read
from incident_copilot.pipeline.reviewing.words import sentence
from incident_copilot.store import incidents

from . import samples
from .life import CATALOG, PLACES, Life, big

EASY = AutomationPolicy(decisions=1, accepted=0.2)
FREE = AutomationPolicy(decisions=0, accepted=0)
WHY = "All of them helped."


def catalog(checkout="suggest", **more):
    """The usual catalogue, with checkout at a level and search only observed; one decision is record enough."""
    levels = {"checkout": checkout, "search": "observe"}
    services = tuple(
        one.model_copy(update={"automation": Automation(levels.get(one.name, "supervised"))})
        for one in CATALOG.services
    )
    return CATALOG.model_copy(update={"services": services, "automation": EASY, **more})


def within(life, **more):
    """The same life after its catalogue was changed."""
    life.deps = replace(life.deps, catalog=catalog(**({"automation": life.deps.catalog.automation} | more)))
    life.deps.people_seen.clear()
    return life


def without_record(db, clock, **more):
    """A life in which nothing happened yet, and two people are enough."""
    return Life(db, clock, catalog=catalog(automation=FREE, **more))


async def begun(db, clock, **more):
    """A life with an incident in which people did one action by hand."""
    life = Life(db, clock, catalog=catalog(**more))
    incident = await life.opened(big())
    done = await life.put(incident, ProposalKind.CHECK, key="act:flag-off", rank=0)
    await decide.vote(life.deps, done.id, 1, Choice.DONE, await life.person("ben"))
    return life, incident


async def asked(life, who="ana"):
    """Have somebody ask that checkout be raised; return the request."""
    await raise_level.ask(life.deps, await life.person(who), "checkout", WHY)
    return (await standing(life)).changes[ChangeState.ASKED]


async def standing(life, service="checkout"):
    [found] = await automation.shown(life.deps, service)
    return found


async def told_operators(life):
    await life.work()
    return [content for (place, _), content in life.chat.shown.items() if place == PLACES[Place.OPERATOR]]


async def refusal(life, doing):
    with pytest.raises(DecisionRefused) as refused:
        await doing
    row = (await life.workspace_log())[-1]
    assert (row.kind, row.payload["because"]) == (LogKind.DENIED, str(refused.value))
    return str(refused.value)


async def test_level_is_raised_by_two_people_and_counts_from_then_on(db, clock):
    life, incident = await begun(db, clock)
    request = await asked(life)
    [waiting] = await told_operators(life)
    again = await raise_level.ask(life.deps, await life.person("ana"), "checkout", WHY)
    for_ben = await my_work.my_work(life.deps, await life.person("ben"))
    for_ana, for_vic = [await my_work.my_work(life.deps, await life.person(name)) for name in ("ana", "vic")]
    ben = await life.person("ben")

    both = await asyncio.gather(*[raise_level.agree(life.deps, ben, request.id) for _ in range(2)])

    assert again.text == "You have asked for that; checkout goes to supervised once another agrees."
    assert (for_ben.levels, for_ana.levels, for_vic.levels) == ((request,), (), ())
    assert {one.text for one in both} == {
        "checkout is set to supervised from now on.",
        "checkout is raised to supervised already.",
    }
    assert (waiting.detail, [one.label for one in waiting.buttons]) == (WHY, ["Agree", "Refuse"])
    [over] = await told_operators(life)
    assert over.text == "Ana and Ben raised how far I go for checkout, from suggest to supervised."
    assert over.text.replace("Ana and ", "") in life.chat.notices()
    now = await standing(life)
    assert (now.level, now.declared, now.source) == (Automation.SUPERVISED, Automation.SUGGEST, "set by people")
    rows = [row for row in await life.workspace_log() if row.kind.startswith("automation:")]
    assert [row.kind for row in rows] == [LogKind.LEVEL_ASKED, LogKind.LEVEL_RAISED]
    assert rows[1].payload == {
        "change": request.id,
        "service": "checkout",
        "from": "suggest",
        "to": "supervised",
        "asked_by": "U0ANA",
        "solo": False,
        "decided": 1,
        "accepted": 1,
    }
    [row] = await life.log(incident, LogKind.LEVEL_RAISED)
    assert sentence(await read(life.deps, incident.id), row) == (
        "The primary on call and responder 1 raised how far the copilot goes for checkout from suggest to supervised."
    )


async def test_request_is_refused_or_taken_back_and_a_new_one_is_possible(db, clock):
    life = without_record(db, clock)
    ben, ana = await life.person("ben"), await life.person("ana")
    request = await asked(life)

    said = [(await raise_level.refuse(life.deps, ben, request.id)).text for _ in range(2)]

    assert said == ["Refused; checkout stays at suggest.", "It is refused already; checkout stays at suggest."]
    assert await refusal(life, raise_level.agree(life.deps, ben, request.id)) == (
        "This request was refused by <@U0BEN>. Nothing happened."
    )
    own = await asked(life)
    await raise_level.refuse(life.deps, ana, own.id)
    assert (await standing(life)).changes == {}


async def test_request_expires_and_can_be_made_again(db, clock):
    life = without_record(db, clock)
    ben = await life.person("ben")
    request = await asked(life)
    clock.forward(24 * 3600)

    assert await refusal(life, raise_level.agree(life.deps, ben, request.id)) == (
        "This request expired: nobody agreed in time. Ask again."
    )
    assert (await asked(life, "ben")).asked_by == "U0BEN"
    [row] = [row for row in await life.workspace_log() if row.kind is LogKind.LEVEL_EXPIRED]
    assert row.payload["change"] == request.id


async def test_who_may_not_or_has_too_poor_a_record_is_told_what_is_missing(db, clock):
    life, _ = await begun(db, clock)
    asked_for = [
        ("vic", "checkout", WHY),
        ("leo", "checkout", WHY),
        ("ana", "nothing", WHY),
        ("ana", "checkout", "  "),
        ("ana", "payments", WHY),
        ("ana", "search", WHY),
    ]

    said = [
        await refusal(life, raise_level.ask(life.deps, await life.person(who), service, why))
        for who, service, why in asked_for
    ]

    assert said == [
        "To raise how far I go for a service you need the role approver; ask an admin to add it in catalog.yaml.",
        "You may approve actions up to low risk; this one is high risk.",
        "catalog.yaml has no service nothing.",
        "Say why.",
        "payments is set to supervised; there is nothing above.",
        "search cannot go to suggest yet: 0 decisions in 90 days, and it takes 1.",
    ]


async def test_agreement_is_refused_where_something_changed_since_the_request(db, clock):
    life = without_record(db, clock)
    request = await asked(life)
    ben = await life.person("ben")

    async def agreed(who=ben):
        return await refusal(life, raise_level.agree(life.deps, who, request.id))

    assert await agreed(await life.person("ana")) == "You asked for this, so somebody else has to agree."
    by_ben = raise_level.ask(life.deps, ben, "checkout", WHY)
    assert await refusal(life, by_ben) == "<@U0ANA> has asked for that already. Agree to it: /incident automation."
    within(life, people=(*CATALOG.people[1:], CatalogPerson(slack="U0ANA", roles=frozenset({Role.COMMS}))))
    assert await agreed() == "Ana may not ask for it any more. Ask for it yourself."
    within(life, automation=FREE.model_copy(update={"at_most": Automation.SUGGEST}))
    assert await agreed() == "checkout is set to suggest; catalog.yaml allows no more."
    within(life, automation=FREE, checkout="observe")
    assert await agreed() == "checkout is set to observe meanwhile. Ask again."
    within(life)
    await raise_level.agree(life.deps, await life.person("ben"), request.id)
    by_dora = await life.person("dora")
    assert "role approver" in await agreed(by_dora)
    within(life, people=(*CATALOG.people, CatalogPerson(slack="U0DORA", roles=frozenset({Role.APPROVER}))))
    assert await agreed(await life.person("dora")) == "This request was agreed to by <@U0BEN>. Nothing happened."
    with pytest.raises(UnknownThing):
        await raise_level.agree(life.deps, ben, "0" * 32)


async def test_one_person_raises_it_alone_where_the_house_allows_that(db, clock):
    life = without_record(db, clock, approvals=ApprovalPolicy(solo=True))
    request = await asked(life)

    await raise_level.agree(life.deps, await life.person("ana"), request.id)

    row = (await life.workspace_log())[-1]
    assert (row.kind, row.payload["solo"]) == (LogKind.LEVEL_RAISED, True)
    assert (await told_operators(life))[-1].text == (
        "Ana raised how far I go for checkout, from suggest to supervised."
    )


async def test_one_person_lowers_it_at_once_and_a_request_is_over(db, clock):
    life, incident = await begun(db, clock)
    request = await asked(life)
    ben = await life.person("ben")

    said = await lower_level.lower(life.deps, ben, "checkout", "Too many at once.")

    assert said.text == "checkout is set to observe from now on."
    assert (await standing(life)).level is Automation.OBSERVE
    assert "This request was withdrawn by <@U0BEN>" in await refusal(
        life, raise_level.agree(life.deps, await life.person("ana"), request.id)
    )
    assert [one.text for one in await told_operators(life)] == [
        "Over: Ben changed how far I go for checkout.",
        "Ben lowered how far I go for checkout, from suggest to observe.",
    ]
    [row] = await life.log(incident, LogKind.LEVEL_LOWERED)
    assert (
        sentence(await read(life.deps, incident.id), row)
        == "Responder 1 lowered how far the copilot goes for checkout from suggest to observe."
    )
    assert await refusal(life, lower_level.lower(life.deps, ben, "checkout", "More.")) == (
        "checkout is set to observe already; there is nothing below."
    )
    assert await refusal(life, lower_level.lower(life.deps, ben, "payments", "")) == "Say why."
    await asked(life)
    assert set((await standing(life)).changes) == {ChangeState.IN_FORCE, ChangeState.ASKED}


async def test_drill_on_the_service_is_left_alone(db, clock):
    life, incident = await begun(db, clock)
    async with db.transaction() as tx:
        await incidents.save(tx, incident.model_copy(update={"test": True}))

    await lower_level.lower(life.deps, await life.person("ben"), "checkout", "Too many at once.")

    assert await life.log(incident, LogKind.LEVEL_LOWERED) == []


async def test_level_that_was_changed_counts_for_open_incidents_at_their_next_look(db, clock):
    life, incident = await begun(db, clock, checkout="supervised")
    shown = samples.proposal(ProposalKind.ACTION).shown

    async def looked_at():
        made = proposing.new_proposal(
            life.deps,
            incident,
            ProposalKind.ACTION,
            key="rollback:v2",
            title="Roll back",
            shown=shown | {"params": shown["params"] | {"service": "checkout"}},
        )
        fit = await act.by_hand(life.deps, made)
        async with db.transaction() as tx:
            await suggest.offer(tx, life.deps, incident, [fit])
        return {one.kind: one.state for one in await life.proposals(incident) if one.key == made.key}

    first = await looked_at()
    again = await looked_at()
    await lower_level.lower(life.deps, await life.person("ben"), "checkout", "Too many at once.")

    assert first == again == {ProposalKind.ACTION: ProposalState.OPEN}
    assert await looked_at() == {
        ProposalKind.ACTION: ProposalState.SUPERSEDED,
        ProposalKind.CHECK: ProposalState.OPEN,
    }


async def test_what_people_are_shown_names_whose_word_holds_and_what_is_missing(db, clock):
    life, _ = await begun(db, clock)
    await asked(life)
    await lower_level.lower(life.deps, await life.person("ben"), "payments", "Too many at once.")

    told = await automation.lines(life.deps)
    within(life, automation=EASY.model_copy(update={"at_most": Automation.OBSERVE}))
    capped = await automation.lines(life.deps, "payments")
    async with db.read() as view:
        why = await automation.hindered(view, life.deps, None)

    assert told[:8] == [
        "checkout: suggest, catalog.yaml; Ana asks for supervised",
        "  Actions in 90 days: 1 made, 1 approved or done",
        "  All proposals in 90 days: 2 made, 1 approved or done",
        "  To raise it to supervised: the record is enough; it takes two people",
        f"payments: suggest, set by people (Ben, {clock():%Y-%m-%d})",
        "  Actions in 90 days: none was made",
        "  All proposals in 90 days: none was made",
        "  To raise it to supervised: 0 decisions in 90 days, and it takes 1",
    ]
    assert capped[0] == f"payments: observe, catalog.yaml lets no service go further (Ben, {clock():%Y-%m-%d})"
    assert why == "catalog.yaml lets no service go further than observe"
    assert await automation.lines(replace_services(life)) == ["catalog.yaml has no service."]


def replace_services(life):
    return replace(life.deps, catalog=life.deps.catalog.model_copy(update={"services": ()}))
