"""Proposals are put to people at most three at once, bound to what is shown, and taken back when they do not hold."""

from datetime import timedelta

import pytest

from incident_copilot.domain.catalog import ApprovalPolicy
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Choice, ProposalKind, ProposalState, Risk
from incident_copilot.pipeline import decide, proposing
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import proposals

from .life import CATALOG, Life, small

CUSTOMERS = {"audience": "customers", "text": "x"}


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def bare(life):
    """An incident without any proposal that is undecided."""
    incident = await life.opened(small())
    async with life.deps.db.transaction() as tx:
        await proposing.close_all(tx, life.deps, incident, "made room")
    await life.work()
    return incident


async def states(life, *put):
    return [(await life.proposal(one.id)).state.value for one in put]


@pytest.mark.parametrize(
    ("kind", "risk", "needed"),
    [(ProposalKind.ACTION, Risk.HIGH, 3), (ProposalKind.ACTION, Risk.MEDIUM, 1), (ProposalKind.CHECK, Risk.HIGH, 1)],
)
async def test_only_an_action_of_high_risk_needs_several_people(db, clock, kind, risk, needed):
    policy = ApprovalPolicy(high_risk_people=3, expires_after_s=600)
    life = Life(db, clock, catalog=CATALOG.model_copy(update={"approvals": policy}))
    incident = await life.opened(small())

    made = proposing.new_proposal(life.deps, incident, kind, "k", title="t", risk=risk)

    assert (made.needed, made.state, made.expires_at) == (
        needed,
        ProposalState.WAITING,
        clock() + timedelta(minutes=10),
    )


async def test_proposal_is_logged_with_the_hash_of_what_is_shown(life, clock):
    incident = await bare(life)

    put = await life.put(incident, ProposalKind.ACTION, evidence_ids=("e1",))
    await life.work()

    row = (await life.log(incident, LogKind.PROPOSED))[-1]
    assert put.state is ProposalState.OPEN
    assert (row.actor, row.payload) == (
        "copilot",
        {
            "proposal": put.id,
            "version": 1,
            "kind": "action",
            "title": "Restart checkout",
            "shown_sha256": life.chat.shown["CANNOUNCE", f"proposal:{put.id}"].proposal.hash,
            "evidence": ["e1"],
        },
    )


async def test_at_most_three_are_open_and_the_next_best_follows_a_decision(life):
    incident = await bare(life)
    put = [await life.put(incident, rank=rank) for rank in (40, 41, 42, 44, 43)]
    before = await states(life, *put)

    await decide.vote(life.deps, put[0].id, 1, Choice.DONE, await life.person("ana"))

    assert before == ["open", "open", "open", "waiting", "waiting"]
    assert await states(life, *put) == ["done", "open", "open", "waiting", "open"]


async def test_what_somebody_asked_for_comes_at_once_and_the_least_steps_aside(life):
    incident = await bare(life)
    put = [await life.put(incident, rank=rank) for rank in (40, 42, 41)]
    await life.work()

    async with life.deps.db.transaction() as tx:
        asked = proposing.new_proposal(life.deps, incident, ProposalKind.RESOLVE, "asked", title="t", rank=0)
        await proposals.add(tx, asked)
        await proposing.propose(tx, life.deps, incident, asked)
    await life.work()
    after = await states(life, *put, asked)
    await decide.vote(life.deps, put[0].id, 1, Choice.DONE, await life.person("ana"))

    assert after == ["open", "waiting", "open", "open"]
    assert life.chat.shown["CANNOUNCE", f"proposal:{put[1].id}"].proposal.state is ProposalState.WAITING
    assert await states(life, *put, asked) == ["done", "open", "open", "open"]


async def test_newer_draft_takes_the_place_of_an_older_one_for_the_same_readers(life):
    incident = await bare(life)
    older = await life.put(incident, ProposalKind.UPDATE, shown=CUSTOMERS)
    other = await life.put(incident, ProposalKind.UPDATE, shown=CUSTOMERS | {"audience": "internal"})

    newer = await life.put(incident, ProposalKind.UPDATE, shown=CUSTOMERS | {"text": "y"})

    assert await states(life, older, other, newer) == ["superseded", "open", "open"]
    assert (await life.proposal(older.id)).outcome == "a newer draft took its place"


async def test_proposal_expires_and_the_next_one_is_shown(life, clock):
    incident = await bare(life)
    first = await life.put(incident)
    await life.work()
    clock.forward(1800)
    later = [await life.put(incident) for _ in range(3)]

    await life.go_on(minutes=30)

    row = (await life.log(incident, LogKind.EXPIRED))[-1]
    assert await states(life, first, *later) == ["expired", "open", "open", "open"]
    assert row.actor == "policy:expiry"
    assert row.payload == {
        "proposal": first.id,
        "version": 1,
        "state": "expired",
        "because": "nobody decided in time",
    }
    assert life.chat.shown["CANNOUNCE", f"proposal:{first.id}"].proposal.state is ProposalState.EXPIRED


async def test_proposal_that_waited_has_its_whole_time_once_it_is_shown(life, clock):
    incident = await bare(life)
    put = [await life.put(incident, rank=rank) for rank in (1, 2, 3, 4)]
    clock.forward(1800)

    await decide.vote(life.deps, put[0].id, 1, Choice.DONE, await life.person("ana"))

    assert (await life.proposal(put[3].id)).expires_at == clock() + timedelta(hours=1)


async def test_expiry_that_was_set_for_an_earlier_showing_is_moved(life, clock):
    incident = await bare(life)
    put = await life.put(incident)
    async with life.deps.db.transaction() as tx:
        longer = put.model_copy(update={"expires_at": put.expires_at + timedelta(minutes=5)})
        await proposals.save(tx, longer, was=put)

    await life.go_on(hours=1)
    early = await states(life, put)
    await life.go_on(minutes=5)

    assert (early, await states(life, put)) == (["open"], ["expired"])


async def test_decided_proposal_does_not_expire(life):
    incident = await bare(life)
    put = await life.put(incident)
    await decide.vote(life.deps, put.id, 1, Choice.NOT_THIS, await life.person("ana"))

    await life.go_on(hours=2)

    assert await states(life, put) == ["rejected"]
    assert await life.due(Work.EXPIRE) is None


async def test_waiting_proposal_is_taken_back_without_having_been_shown(life):
    incident = await bare(life)
    put = [await life.put(incident, rank=rank) for rank in (1, 2, 3, 4)]

    async with life.deps.db.transaction() as tx:
        await proposing.close(tx, life.deps, put[3], ProposalState.SUPERSEDED, "no longer needed")
    await life.work()

    assert await states(life, *put) == ["open", "open", "open", "superseded"]
    assert ("CANNOUNCE", f"proposal:{put[3].id}") not in life.chat.shown


async def test_proposal_that_is_taken_back_before_it_has_gone_out_is_never_shown(life):
    incident = await bare(life)
    async with life.deps.db.transaction() as tx:
        end = proposing.new_proposal(life.deps, incident, ProposalKind.RESOLVE, "end", title="Resolve INC-1")
        await proposals.add(tx, end)
        await proposing.propose(tx, life.deps, incident, end)
        await proposing.withdraw_end(tx, life.deps, incident, "X fires")
    await life.work()

    assert await states(life, end) == ["superseded"]
    assert ("CANNOUNCE", f"proposal:{end.id}") not in life.chat.shown


async def test_only_the_proposal_to_resolve_is_withdrawn_when_it_is_not_over(life):
    incident = await bare(life)
    end, step = await life.put(incident, ProposalKind.RESOLVE), await life.put(incident)

    async with life.deps.db.transaction() as tx:
        await proposing.withdraw_end(tx, life.deps, incident, "X fires")

    assert await states(life, end, step) == ["superseded", "open"]
