"""The heads of the log are signed once a day and published; whoever rewrites the database is found out by them."""

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from incident_copilot.errors import ConfigError
from incident_copilot.jobs.worker import Worker
from incident_copilot.pipeline import sealing
from incident_copilot.pipeline.deps import Policy
from incident_copilot.pipeline.handlers import handlers
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import jobs, signed_heads
from incident_copilot.store.signed_heads import Signed
from incident_copilot.store.tables import action_log, chains
from incident_copilot.store.tables import signed_heads as rows
from incident_copilot.vendors.signing import Signer

from .life import Life, big


@pytest.fixture
def signer(tmp_path):
    return Signer.create(tmp_path / "log.pem")


@pytest.fixture
def life(db, clock, signer, tmp_path):
    built = Life(db, clock)
    policy = Policy(log_heads_file=tmp_path / "kept" / "heads.jsonl")
    built.deps = replace(built.deps, signer=signer, policy=policy)
    built.worker = Worker(db, handlers(built.deps), clock)
    return built


async def seal(life):
    """Tick, as the clock does once a day."""
    async with life.deps.db.transaction() as tx:
        key = f"seal:{life.clock().isoformat()}"
        await jobs.enqueue_tick(tx, workspace_id="w", kind=Work.SEAL, key=key, lane="tick:seal", run_at=life.clock())
    await life.work()


async def problems(life, published=(), public=None):
    found, count = await sealing.check(life.deps, published, public)
    return [str(one) for one in found], count


async def kept(life):
    async with life.deps.db.read() as db:
        return await signed_heads.every(db, "w")


async def test_heads_are_signed_once_a_day_told_and_kept_in_a_file(life, clock, signer):
    await life.opened(big())
    await seal(life)
    clock.forward(60)
    await seal(life)
    await life.opened(big("Other", service="search"))
    clock.forward(86_400)
    await seal(life)

    first, second = await kept(life)
    published = sealing.published_in(life.deps.policy.log_heads_file)
    assert (first.day, second.day, published) == ("2026-11-21", "2026-11-22", [first, second])
    assert len(sealing.heads_in(first)) == 1
    assert len(sealing.heads_in(second)) >= 1
    told = [text for text in life.chat.notices() if text.startswith("The action log of 2026-11-2")]
    assert len(told) == 2
    assert first.signature in told[0]
    assert await problems(life, published, signer.public) == ([], 4)


async def rewrite(life, *statements):
    """What somebody with rights on the database can do: no trigger stops them, and the chain is made to fit."""
    async with life.deps.db.transaction() as tx:
        for (name,) in (await tx.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))).all():
            await tx.execute(sa.text(f"DROP TRIGGER {name}"))
        for statement in statements:
            await tx.execute(statement)


async def test_cut_tail_is_found_by_what_was_published(life, signer):
    incident = await life.opened(big())
    await seal(life)
    chain = f"incident:{incident.id}"
    async with life.deps.db.read() as db:
        first = (await db.execute(sa.select(action_log).where(action_log.c.chain == chain))).first()
    published = sealing.published_in(life.deps.policy.log_heads_file)

    await rewrite(
        life,
        sa.delete(action_log).where(action_log.c.chain == chain, action_log.c.seq > 1),
        sa.update(chains).where(chains.c.chain == chain).values(seq=1, head=first.hash),
        sa.delete(rows),
    )

    assert (await problems(life))[0] == []
    found, _ = await problems(life, published, signer.public)
    assert any(text.startswith(f"{chain} row 2: missing") for text in found)
    assert "signed heads of 2026-11-21 row 0: differ from those that were published" in found


async def test_forged_and_missing_heads_are_named(life, clock, signer):
    await life.opened(big())
    await seal(life)
    clock.forward(86_400)
    await seal(life)
    first, second = await kept(life)
    forged = second.model_copy(update={"body": second.body.replace("2026-11-22", "2026-11-23"), "day": "2026-11-23"})

    await rewrite(life, sa.delete(rows).where(rows.c.day == first.day))
    found, count = await problems(life, [forged], signer.public)

    assert count == 1
    assert "signed heads of 2026-11-23 row 0: the signature does not hold" in found
    assert "signed heads of 2026-11-22 row 0: do not follow those before them" in found


async def test_without_a_key_nothing_is_signed(life):
    life.deps = replace(life.deps, signer=None)
    life.worker = Worker(life.deps.db, handlers(life.deps), life.clock)

    await seal(life)

    assert await kept(life) == []


async def test_heads_need_no_file(life):
    life.deps = replace(life.deps, policy=Policy())
    life.worker = Worker(life.deps.db, handlers(life.deps), life.clock)
    await life.opened(big())

    await seal(life)

    assert len(await kept(life)) == 1


def test_file_that_holds_something_else_is_told_with_its_line(tmp_path):
    path = tmp_path / "heads.jsonl"
    path.write_text(Signed(day="d", body="{}", signature="s").model_dump_json() + "\nno json\n")

    with pytest.raises(ConfigError, match=r"heads\.jsonl:2: this is no signed head"):
        sealing.published_in(path)
    with pytest.raises(ConfigError, match="No such file"):
        sealing.published_in(tmp_path / "lost")
    with pytest.raises(ConfigError, match="the heads of d cannot be read"):
        sealing.heads_in(Signed(day="d", body=json.dumps({"heads": [1]}), signature="s"))
