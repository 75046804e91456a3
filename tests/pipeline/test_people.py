"""Who somebody is and what they may do; when it cannot be known, nothing may be decided."""

import pytest

from incident_copilot.domain.catalog import Catalog, CatalogPerson
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import ProposalKind, Risk
from incident_copilot.errors import ChatError, DecisionRefused
from incident_copilot.pipeline import people

from . import samples
from .life import CATALOG, Life

CUSTOMERS = {"audience": "customers", "text": "x"}
COLLEAGUES = {"audience": "internal", "text": "x"}


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


def listed(name):
    return people.with_roles(Person(id=f"U0{name.upper()}", name=name), CATALOG)


async def test_catalogue_gives_roles_and_the_limit_of_risk(life):
    leo = await life.person("leo")

    assert leo == Person(id="U0LEO", name="Leo", roles=frozenset({Role.APPROVER}), max_risk=Risk.LOW)


async def test_who_is_not_listed_is_a_responder_and_where_nobody_is_listed_everybody_leads():
    dev = Person(id="U0DEV", name="Dev")

    assert people.with_roles(dev, CATALOG).roles == {Role.RESPONDER}
    assert people.with_roles(dev, Catalog()).roles == {Role.COMMANDER}


@pytest.mark.parametrize("kind", ["is_bot", "is_guest", "is_stranger", "is_deactivated"])
async def test_outsiders_have_no_role_even_when_the_catalogue_lists_them(kind):
    outsider = Person(id="U0BEN", name="Ben", **{kind: True})

    assert people.with_roles(outsider, CATALOG).roles == frozenset()


async def test_person_is_remembered_for_a_minute(life, clock):
    await life.person("ana")
    life.chat.people["U0ANA"] = Person(id="U0ANA", name="Ana", is_deactivated=True)
    clock.forward(59)
    still = await life.person("ana")
    clock.forward(1)

    assert (still.is_deactivated, (await life.person("ana")).is_deactivated) == (False, True)


async def test_right_now_means_asking_the_workspace(life):
    await life.person("ana")
    life.chat.people["U0ANA"] = Person(id="U0ANA", name="Ana", is_deactivated=True)

    found = await people.looked_up(life.deps, "U0ANA")

    assert found.is_deactivated is True
    assert (await life.person("ana")).is_deactivated is True


async def test_unknown_because_the_workspace_is_away_may_decide_nothing(life):
    life.chat.is_away = True

    with pytest.raises(DecisionRefused, match="I could not check who you are just now"):
        await life.person("ana")
    with pytest.raises(ChatError):
        await people.looked_up(life.deps, "U0ANA")


@pytest.mark.parametrize(
    ("role", "includes"),
    [
        (Role.VIEWER, {Role.VIEWER}),
        (Role.RESPONDER, {Role.VIEWER, Role.RESPONDER}),
        (Role.COMMS, {Role.VIEWER, Role.RESPONDER, Role.COMMS}),
        (Role.APPROVER, {Role.VIEWER, Role.RESPONDER, Role.APPROVER}),
        (Role.COMMANDER, set(Role) - {Role.ADMIN}),
        (Role.ADMIN, set(Role)),
    ],
)
def test_roles_include_others(role, includes):
    person = Person(id="U1", name="x", roles=frozenset({role}))

    assert {one for one in Role if people.has(person, one)} == includes


@pytest.mark.parametrize(
    ("person", "said"),
    [
        (samples.GUS, "Guests and people from outside this workspace cannot resolve incidents."),
        (
            samples.VIC,
            "To resolve incidents you need the role responder; ask an admin to add it in catalog.yaml.",
        ),
    ],
)
def test_refusal_says_what_is_missing(person, said):
    with pytest.raises(DecisionRefused) as refused:
        people.require(person, Role.RESPONDER, "resolve incidents")

    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("kind", "shown", "who", "may"),
    [
        (ProposalKind.ACTION, None, "approvers and commanders", {"ana", "ben", "leo"}),
        (ProposalKind.UPDATE, CUSTOMERS, "the comms lead and commanders", {"ben", "cara"}),
        (ProposalKind.UPDATE, COLLEAGUES, "responders", {"ana", "ben", "cara", "dev", "leo"}),
        (ProposalKind.CHECK, None, "responders", {"ana", "ben", "cara", "dev", "leo"}),
        (ProposalKind.RESOLVE, None, "responders", {"ana", "ben", "cara", "dev", "leo"}),
    ],
)
def test_who_may_decide_what(kind, shown, who, may):
    put = samples.proposal(kind, **({"shown": shown} if shown else {}))

    def is_let_through(name):
        try:
            people.require_right_to_decide(listed(name), put)
        except DecisionRefused:
            return False
        return True

    assert people.who_may_decide(put) == who
    assert {name for name in ("ana", "ben", "cara", "dev", "leo", "vic") if is_let_through(name)} == may


def test_action_over_somebodys_limit_of_risk_is_not_theirs():
    put = samples.proposal(ProposalKind.ACTION, risk=Risk.MEDIUM)

    with pytest.raises(DecisionRefused) as refused:
        people.require_right_to_decide(listed("leo"), put)

    assert str(refused.value) == "You may approve actions up to low risk; this one is medium risk."


@pytest.mark.parametrize(("params", "is_on"), [({"service": "checkout"}, "checkout"), ({}, "no service")])
def test_who_approves_for_some_services_approves_nothing_on_others(params, is_on):
    dev = CatalogPerson(slack="U0DEV", roles=frozenset({Role.APPROVER}), services=("payments", "ledger"))
    person = people.with_roles(Person(id="U0DEV", name="dev"), Catalog(people=(dev,)))
    put = samples.proposal(ProposalKind.ACTION, shown={"params": params})
    own = samples.proposal(ProposalKind.ACTION, shown={"params": {"service": "payments"}})

    people.require_right_to_decide(person, own)
    with pytest.raises(DecisionRefused) as refused:
        people.require_right_to_decide(person, put)

    assert str(refused.value) == f"You may approve actions on payments, ledger; this one is on {is_on}."
