"""How people took what was proposed is counted by service, what people did themselves included."""

from incident_copilot.domain.acceptance import Acceptance, Record
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Choice, ProposalKind
from incident_copilot.errors import VendorRefused
from incident_copilot.pipeline import acceptance, decide, ledger
from incident_copilot.store import incidents

from . import samples
from .life import Life, big


async def counted(life):
    async with life.deps.db.read() as db:
        return await acceptance.records(db, life.deps)


async def test_approved_rejected_undone_verified_and_failed_are_counted(db, clock):
    life = Life(db, clock)
    incident = await life.opened(big())
    shown = samples.proposal(ProposalKind.ACTION).shown
    params = shown["params"] | {"service": "checkout"}
    back = {"action": shown["action"], "params": params | {"version": "back"}, "for_min": 60}
    ben = await life.person("ben")

    async def put(choice, kind=ProposalKind.ACTION, **fields):
        one = await life.put(incident, kind, rank=0, **fields)
        await decide.vote(life.deps, one.id, 1, choice, ben)
        await life.work()
        clock.forward(1)
        return one

    undone = await put(Choice.APPROVE, shown=shown | {"params": params, "take_back": back})
    await put(Choice.APPROVE, shown=shown | {"params": back["params"], "take_back": back})
    life.action.trouble = VendorRefused("no", 422)
    await put(Choice.APPROVE, shown=shown | {"params": params})
    await put(Choice.REJECT, shown=shown | {"params": params})
    await put(Choice.DONE, ProposalKind.CHECK, key="act:flag-off")
    await put(Choice.NOT_THIS, ProposalKind.CHECK, key="step:1")
    await life.put(incident, ProposalKind.CHECK, key="step:2", rank=0)
    async with db.transaction() as tx:
        payload = {"proposal": undone.id, "healthy": True}
        await ledger.write(tx, life.deps, incident.id, LogKind.VERIFIED, "policy:verify", payload)

    found = await counted(life)
    assert found["checkout"].actions == Acceptance(
        proposed=5, approved=4, rejected=1, undone=1, verified=1, failed=1, accepted=2
    )
    assert found["checkout"].proposals == Acceptance(
        proposed=8, approved=4, rejected=2, undone=1, verified=1, failed=1, accepted=2
    )
    assert found.get("search", Record()) == Record()
    clock.forward(91 * 86_400)
    assert await counted(life) == {}


async def test_drills_count_for_nothing(db, clock):
    life = Life(db, clock)
    incident = await life.opened(big())
    await life.put(incident, ProposalKind.CHECK, key="step:1", rank=0)
    async with db.transaction() as tx:
        await incidents.save(tx, (await incidents.lock(tx, incident.id)).model_copy(update={"test": True}))

    assert await counted(life) == {}
