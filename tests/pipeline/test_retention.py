"""The log is cut behind signed checkpoints, and verifies; what is under legal hold is neither cut nor erased."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from incident_copilot.domain.incident import Ending
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Choice
from incident_copilot.errors import DecisionRefused
from incident_copilot.jobs.worker import Worker
from incident_copilot.pipeline import decide, erase, legal_hold, note, resolve, sealing
from incident_copilot.pipeline.deps import Policy
from incident_copilot.pipeline.handlers import handlers
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import jobs
from incident_copilot.store.tables import action_log, log_checkpoints, texts
from incident_copilot.vendors.signing import Signer

from .life import Life, big, small


@pytest.fixture
def signer(tmp_path):
    return Signer.create(tmp_path / "log.pem")


@pytest.fixture
def life(db, clock, signer):
    return keeping(Life(db, clock), signer=signer, policy=Policy(log_keep=timedelta(days=30)))


def keeping(life, **change):
    life.deps = replace(life.deps, **change)
    life.worker = Worker(life.deps.db, handlers(life.deps), life.clock)
    return life


async def tick(life, work=Work.CUT):
    async with life.deps.db.transaction() as tx:
        key = f"{work}:{life.clock().isoformat()}"
        await jobs.enqueue_tick(tx, workspace_id="w", kind=work, key=key, lane=f"tick:{work}", run_at=life.clock())
    await life.work()


async def ended(life, alert, hold=False):
    """An incident that is over, with a reason that somebody gave."""
    incident = await life.opened(alert)
    ben = await life.person("ben")
    put = await life.put(incident, rank=0)
    await decide.vote(life.deps, put.id, 1, Choice.NOT_THIS, ben)
    await decide.give_reason(life.deps, put.id, ben, "It made things worse.")
    await note.note(life.deps, incident.id, ben, "My note.")
    if hold:
        await legal_hold.hold(life.deps, incident.id, ben, on=True)
    await resolve.resolve(life.deps, incident.id, ben, ending=Ending.FALSE_ALARM, note="", despite_red=True)
    await life.work()
    return incident


async def count(life, table, *where):
    async with life.deps.db.read() as db:
        return (await db.execute(sa.select(sa.func.count()).select_from(table).where(*where))).scalar()


async def problems(life, signer):
    return [str(one) for one in (await sealing.check(life.deps, [], signer.public))[0]]


async def test_old_rows_go_behind_a_signed_checkpoint_and_the_log_verifies(life, clock, signer):
    old = await ended(life, big())
    held = await ended(life, small(), hold=True)
    await tick(life, Work.SEAL)
    clock.forward(31 * 86_400)
    running = await life.opened(big("Other", service="payments"))

    await tick(life)
    await tick(life)

    of = [action_log.c.incident_id == one.id for one in (old, held, running)]
    left = [await count(life, action_log, where) for where in of]
    [row] = [row for row in await life.workspace_log() if row.kind is LogKind.CUT]
    assert (left[0], left[1] > 5, left[2] > 1) == (0, True, True)
    assert (row.actor, row.payload["chains"] >= 1, row.payload["rows"] > 5) == ("policy:retention", True, True)
    assert await count(life, texts, texts.c.incident_id == old.id) == 0
    assert await count(life, texts, texts.c.incident_id == held.id) > 0
    assert await problems(life, signer) == []


async def test_where_nothing_is_old_nothing_is_said_and_what_a_cut_said_is_cut_in_its_time(life, clock, signer):
    await ended(life, big())
    await tick(life)
    assert await life.workspace_log() == []

    for _ in range(2):
        clock.forward(31 * 86_400)
        await tick(life)

    assert [row.payload["rows"] for row in await life.workspace_log() if row.kind is LogKind.CUT] == [1]
    assert await problems(life, signer) == []


async def test_verify_log_names_what_is_wrong_behind_or_at_a_checkpoint(life, clock, signer):
    old = await ended(life, big())
    await tick(life, Work.SEAL)
    async with life.deps.db.read() as db:
        first = dict(
            (await db.execute(sa.select(action_log).where(action_log.c.incident_id == old.id))).mappings().first()
        )
    clock.forward(31 * 86_400)
    await tick(life)
    chain = f"incident:{old.id}"

    async with life.deps.db.transaction() as tx:
        await tx.execute(sa.insert(action_log).values(first))
    put_back = await problems(life, signer)
    async with life.deps.db.transaction() as tx:
        await tx.execute(sa.delete(action_log).where(action_log.c.chain == chain))
        await tx.execute(sa.text("DROP TRIGGER log_checkpoints_no_update"))
        await tx.execute(sa.update(log_checkpoints).where(log_checkpoints.c.chain == chain).values(hash="0" * 64))
    forged = await problems(life, signer)

    [at] = {text.partition(" row ")[2].partition(":")[0] for text in forged}
    assert put_back == [f"{chain} row 1: is older than the checkpoint at row {at}"]
    assert forged == [
        f"{chain} row {at}: its checkpoint differs from the recorded head",
        f"{chain} row {at}: the signature of its checkpoint does not hold",
    ]


async def test_rows_without_a_checkpoint_cannot_be_deleted_and_checkpoints_not_at_all(life, clock):
    await ended(life, big())
    with pytest.raises(sa.exc.DBAPIError, match="action_log is append-only"):
        async with life.deps.db.transaction() as tx:
            await tx.execute(sa.delete(action_log))
    clock.forward(31 * 86_400)
    await tick(life)
    with pytest.raises(sa.exc.DBAPIError, match="log_checkpoints is append-only"):
        async with life.deps.db.transaction() as tx:
            await tx.execute(sa.delete(log_checkpoints))


@pytest.mark.parametrize("change", [{"signer": None}, {"policy": Policy()}])
async def test_without_a_key_or_a_policy_nothing_is_cut(life, clock, change):
    keeping(life, **change)
    await ended(life, big())
    clock.forward(31 * 86_400)

    await tick(life)

    assert await count(life, log_checkpoints) == 0


async def test_what_is_under_legal_hold_is_not_erased_until_the_hold_is_off(life):
    held = await ended(life, big(), hold=True)
    free = await ended(life, small())
    ben = await life.person("ben")

    first = await erase.erase(life.deps, "U0BEN")
    await legal_hold.hold(life.deps, held.id, ben, on=False)
    second = await erase.erase(life.deps, "U0BEN")

    assert first[0] == "U0BEN: 1 texts and 1 messages erased."
    assert "Kept with the name, for a legal hold is on INC-1." in first
    assert second[0] == "U0BEN: 1 texts and 1 messages erased, and the name."
    assert [(row.actor, row.payload) for row in await life.log(held, LogKind.LEGAL_HOLD)] == [
        ("U0BEN", {"on": True}),
        ("U0BEN", {"on": False}),
    ]
    assert [one.reason for one in await life.proposals(free) if one.reason] == []


async def test_commanders_set_the_hold_once(life):
    incident = await life.opened(big())
    ben = await life.person("ben")
    said = (await legal_hold.hold(life.deps, incident.id, ben, on=True)).text
    await life.work()

    assert said == "INC-1: Nothing of it is erased or cut until the hold is off."
    assert life.chat.shown[incident.channel_id, "card"].incident.legal_hold
    with pytest.raises(DecisionRefused, match="INC-1 is under legal hold already"):
        await legal_hold.hold(life.deps, incident.id, ben, on=True)
    assert (
        await life.refused(incident, legal_hold.hold(life.deps, incident.id, await life.person("ana"), on=False))
        == "To set the legal hold you need the role commander; ask an admin to add it in catalog.yaml."
    )
