"""How people took the actions on a service is counted, those that people did themselves included."""

from incident_copilot.domain.acceptance import Acceptance
from incident_copilot.domain.proposal import Choice, ProposalKind
from incident_copilot.errors import VendorRefused
from incident_copilot.pipeline import acceptance, decide

from . import samples
from .life import Life, big


async def test_approved_rejected_worked_and_failed_are_counted(db, clock):
    life = Life(db, clock)
    incident = await life.opened(big())
    shown = samples.proposal(ProposalKind.ACTION).shown
    mine = {"rank": 0, "shown": shown | {"params": shown["params"] | {"service": "checkout"}}}
    ben = await life.person("ben")
    for choice, trouble in [(Choice.APPROVE, None), (Choice.APPROVE, VendorRefused("no", 422)), (Choice.REJECT, None)]:
        life.action.trouble = trouble
        put = await life.put(incident, ProposalKind.ACTION, **mine)
        await decide.vote(life.deps, put.id, 1, choice, ben)
        await life.work()
    by_hand = await life.put(incident, ProposalKind.CHECK, key="act:flag-off", rank=0)
    await decide.vote(life.deps, by_hand.id, 1, Choice.DONE, ben)
    await life.put(incident, ProposalKind.CHECK, key="runbook:1", rank=0)

    assert await acceptance.of(life.deps, "checkout") == Acceptance(
        proposed=4, approved=3, rejected=1, worked=1, failed=1
    )
    assert await acceptance.of(life.deps, "search") == Acceptance()
    clock.forward(91 * 86_400)
    assert await acceptance.of(life.deps, "checkout") == Acceptance()
