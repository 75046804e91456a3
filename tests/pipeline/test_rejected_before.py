"""What people rejected in an earlier incident that was alike is told with the same proposal, which ranks lower."""

from dataclasses import replace
from datetime import timedelta

import pytest

from incident_copilot.domain.catalog import ApprovalPolicy
from incident_copilot.domain.content import ProposalView
from incident_copilot.domain.incident import Ending
from incident_copilot.domain.proposal import Choice, ProposalKind, ProposalState
from incident_copilot.pipeline import decide, erase, rejected_before, resolve, suggest
from incident_copilot.store import incidents

from . import samples
from .life import CATALOG, Life, big, small

AGAIN = timedelta(days=30)


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def rejected(life, alert, kind=ProposalKind.CHECK, reason="Made it worse.", **change):
    """An incident that is over, in which people rejected a proposal."""
    incident = await life.opened(alert)
    ben = await life.person("ben")
    put = await life.put(incident, kind, rank=0, **change)
    await decide.vote(life.deps, put.id, 1, Choice.NOT_THIS if kind is ProposalKind.CHECK else Choice.REJECT, ben)
    if reason:
        await decide.give_reason(life.deps, put.id, ben, reason)
    await resolve.resolve(life.deps, incident.id, ben, ending=Ending.RESOLVED, note="", despite_red=True)
    await life.work()
    life.clock.forward(3600)
    return incident, put


def offer(life, incident, kind=ProposalKind.CHECK, **change):
    waiting = {"id": "7" * 32, "incident_id": incident.id, "state": ProposalState.WAITING, "key": "new"}
    return samples.proposal(
        kind, **(waiting | {"created_at": life.clock(), "expires_at": life.clock() + AGAIN} | change)
    )


async def weigh(life, incident, kind=ProposalKind.CHECK, deps=None, **change):
    async with life.deps.db.transaction() as tx:
        return await rejected_before.weighed(tx, deps or life.deps, incident, offer(life, incident, kind, **change))


async def test_step_that_was_rejected_before_says_so_and_stands_behind_the_others(life):
    _, was = await rejected(life, big())
    life.clock.forward(30 * 86_400)
    incident = await life.opened(big(fingerprint="f" * 16))

    async with life.deps.db.transaction() as tx:
        await suggest.offer(tx, life.deps, await incidents.lock(tx, incident.id), [offer(life, incident)])
    await life.work()

    put = await life.proposal("7" * 32)
    before = put.rejected_before
    assert (before.proposal_id, before.label, before.reason) == (was.id, "INC-1", "Made it worse.")
    assert put.rank == offer(life, incident).rank + rejected_before.LOWER
    assert put.hash == put.model_copy(update={"rejected_before": None}).hash

    await erase.erase(life.deps, "U0BEN")
    await life.work()

    shown = life.chat.shown[incident.channel_id, f"proposal:{put.id}"]
    assert isinstance(shown, ProposalView)
    assert shown.proposal.rejected_before == before.model_copy(update={"reason": None})
    assert (await erase.erase(life.deps, "U0BEN"))[0].startswith("U0BEN: 0 texts")


async def test_what_a_person_asks_for_keeps_its_place_and_another_version_is_the_same_action(life):
    shown = samples.proposal(ProposalKind.ACTION).shown
    await rejected(life, big(), ProposalKind.ACTION, reason="")
    incident = await life.opened(big(fingerprint="f" * 16))
    newer = {"shown": shown | {"params": shown["params"] | {"version": "v3"}}}

    offered = await weigh(life, incident, ProposalKind.ACTION, **newer)
    asked = await weigh(life, incident, ProposalKind.ACTION, requested_by="U0ANA", **newer)

    assert (offered.rejected_before.reason, asked.rejected_before) == (None, offered.rejected_before)
    assert asked.rank == offered.rank - rejected_before.LOWER


@pytest.mark.parametrize(
    ("days", "alert", "kind", "change"),
    [
        (91, big(fingerprint="f" * 16), ProposalKind.CHECK, {}),
        (1, small(), ProposalKind.CHECK, {}),
        (1, big(fingerprint="f" * 16), ProposalKind.CHECK, {"shown": {"step": "Another.", "runbook": "r"}}),
        (1, big(fingerprint="f" * 16), ProposalKind.RESOLVE, {}),
    ],
)
async def test_old_rejections_other_services_and_other_steps_do_not_count(life, days, alert, kind, change):
    await rejected(life, big())
    life.clock.forward(days * 86_400)
    incident = await life.opened(alert)

    assert await weigh(life, incident, kind, **change) == offer(life, incident, kind, **change)


async def test_rejection_is_not_told_where_the_catalogue_says_so_nor_in_its_own_incident(life):
    earlier, _ = await rejected(life, big())
    incident = await life.opened(big(fingerprint="f" * 16))
    never = CATALOG.model_copy(update={"approvals": ApprovalPolicy(rejections_count_days=0)})

    assert (await weigh(life, incident, deps=replace(life.deps, catalog=never))).rejected_before is None
    assert (await weigh(life, earlier)).rejected_before is None
    assert (await weigh(life, incident)).rejected_before is not None
