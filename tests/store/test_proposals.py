"""Proposals change by compare-and-set; a person has one vote on each version."""

from datetime import timedelta

import pytest

from incident_copilot.domain.proposal import Choice, Proposal, ProposalKind, ProposalState, Vote
from incident_copilot.errors import UnknownThing
from incident_copilot.store import proposals


@pytest.fixture
async def incident(db, open_incident):
    return await open_incident(db)


def made(clock, incident, proposal_id="p1", **fields):
    values = {
        "id": proposal_id,
        "incident_id": incident.id,
        "workspace_id": "w",
        "kind": ProposalKind.CHECK,
        "key": "k",
        "title": "Restart checkout",
        "shown": {"step": "Restart"},
        "created_at": clock(),
        "expires_at": clock() + timedelta(hours=1),
    }
    return Proposal.model_validate(values | fields)


async def do(db, what, *args, **fields):
    async with db.transaction() as tx:
        return await what(tx, *args, **fields)


async def test_proposal_comes_back_as_it_was_kept(db, clock, incident):
    put = made(clock, incident)
    await do(db, proposals.add, put)

    assert await do(db, proposals.get, "p1") == put
    assert await do(db, proposals.lock, "p1") == put


@pytest.mark.parametrize("find", [proposals.get, proposals.lock])
async def test_unknown_proposal_is_said_to_be_unknown(db, find):
    with pytest.raises(UnknownThing):
        await do(db, find, "unknown")


async def test_of_two_who_save_over_the_same_the_first_wins(db, clock, incident):
    put = made(clock, incident)
    await do(db, proposals.add, put)
    approved = put.model_copy(update={"state": ProposalState.APPROVED})
    edited = put.model_copy(update={"version": 2})

    first = await do(db, proposals.save, approved, was=put)
    second = await do(db, proposals.save, edited, was=put)

    assert (first, second) == (True, False)
    assert await do(db, proposals.get, "p1") == approved


async def test_proposals_of_an_incident_come_oldest_first_of_one_state_or_all(db, clock, incident, open_incident):
    other = await open_incident(db)
    waiting = made(clock, incident, "b", state=ProposalState.WAITING)
    for put in (waiting, made(clock, incident, "a"), made(clock, other, "c")):
        await do(db, proposals.add, put)

    everything = await do(db, proposals.of_incident, incident.id)
    some = await do(db, proposals.of_incident, incident.id, ProposalState.WAITING)

    assert [one.id for one in everything] == ["a", "b"]
    assert some == [waiting]


async def test_vote_counts_once_for_each_version(db, clock, incident):
    put = made(clock, incident)
    await do(db, proposals.add, put)

    def cast(person, version=1, choice=Choice.APPROVE, after=0):
        at = clock() + timedelta(seconds=after)
        return Vote(proposal_id="p1", version=version, person=person, choice=choice, at=at)

    votes = [cast("U2", after=1), cast("U1", after=1), cast("U1", choice=Choice.REJECT), cast("U3"), cast("U1", 2)]
    counted = [await do(db, proposals.vote, one) for one in votes]

    assert counted == [True, True, False, True, True]
    assert await do(db, proposals.votes_on, put) == [votes[3], votes[1], votes[0]]
    assert await do(db, proposals.votes_on, put.model_copy(update={"version": 2})) == [votes[4]]


async def test_of_a_service_are_those_of_its_incidents_and_actions_on_it(any_db, clock, open_incident):
    checkout = await open_incident(any_db, service="checkout", correlation_key="checkout")
    search = await open_incident(any_db, service="search", correlation_key="search")
    acts = {"kind": ProposalKind.ACTION, "shown": {"params": {"service": "checkout"}}}
    for put in (
        made(clock, checkout, "p1"),
        made(clock, search, "p2"),
        made(clock, search, "p3", **acts),
        made(clock, checkout, "p4", workspace_id="other"),
    ):
        await do(any_db, proposals.add, put)

    async def found(*given):
        return [one.id for one in await do(any_db, proposals.expiring_since, "w", *given)]

    assert await found(clock()) == ["p1", "p2", "p3"]
    assert await found(clock(), "checkout") == ["p1", "p3"]
    assert await found(clock() + timedelta(hours=2), "checkout") == []
