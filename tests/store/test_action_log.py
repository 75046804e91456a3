"""The action log: gapless chains that nobody can change unseen."""

import asyncio
import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from incident_copilot.domain.log import GENESIS, LogKind
from incident_copilot.store import action_log, texts
from incident_copilot.store.action_log import Head, Problem
from incident_copilot.store.tables import action_log as table
from incident_copilot.store.tables import chains
from incident_copilot.store.tables import texts as texts_table

DROP = {
    "sqlite": ["action_log_no_update", "action_log_no_delete", "action_log_no_replace"],
    "postgresql": ["action_log_no_change ON action_log"],
}


@pytest.fixture
def write(clock):
    """Appends an entry a second later than the last."""

    async def append(db, incident_id="i1", **values):
        clock.forward(1.5)
        defaults = {"workspace_id": "w", "actor": "U1", "kind": LogKind.ACKNOWLEDGED, "payload": {"by": "button"}}
        async with db.transaction() as tx:
            return await action_log.append(tx, incident_id=incident_id, now=clock(), **(defaults | values))

    return append


async def _verify(db, published=()):
    async with db.read() as view:
        return await action_log.verify(view, published)


async def _tamper(db, *statements):
    """Change rows as somebody with the database's password could."""
    async with db.transaction() as tx:
        for trigger in DROP[tx.dialect.name]:
            await tx.execute(sa.text(f"DROP TRIGGER IF EXISTS {trigger}"))
        for statement in statements:
            await tx.execute(statement)


def _row(seq, chain="incident:i1"):
    return sa.and_(table.c.chain == chain, table.c.seq == seq)


async def test_entries_follow_one_another_without_a_gap(any_db, write):
    written = [await write(any_db, payload={"n": number, "list": [True, None, {"ü": "é"}]}) for number in range(3)]
    async with any_db.read() as view:
        read = await action_log.entries(view, "i1")
        heads = await action_log.heads(view)

    assert read == written
    assert [entry.seq for entry in read] == [1, 2, 3]
    assert [entry.prev_hash for entry in read] == [GENESIS, read[0].hash, read[1].hash]
    assert heads == [Head(chain="incident:i1", seq=3, hash=read[2].hash)]
    assert await _verify(any_db) == []


async def test_hash_can_be_computed_by_anybody_from_the_row(db, write):
    entry = await write(db)
    row = {
        "actor": "U1",
        "at": "2026-11-21T12:00:01.500000+00:00",
        "chain": "incident:i1",
        "kind": "incident:acknowledged",
        "payload": {"by": "button"},
        "seq": 1,
    }
    text = "v1\n" + "0" * 64 + "\n" + json.dumps(row, sort_keys=True, separators=(",", ":"))

    assert entry.hash == hashlib.sha256(text.encode()).hexdigest()


async def test_each_incident_and_each_workspace_has_its_own_chain(db, write):
    for incident_id in ("i1", "i2", None):
        await write(db, incident_id)
    async with db.read() as view:
        workspace = await action_log.entries(view, chain="workspace:w")
        heads = await action_log.heads(view)

    assert [(entry.seq, entry.incident_id) for entry in workspace] == [(1, None)]
    assert [(head.chain, head.seq) for head in heads] == [("incident:i1", 1), ("incident:i2", 1), ("workspace:w", 1)]


async def test_concurrent_appends_leave_no_gap(postgres_db, write):
    await asyncio.gather(*(write(postgres_db) for _ in range(5)))
    async with postgres_db.read() as view:
        seqs = [entry.seq for entry in await action_log.entries(view, "i1")]

    assert (seqs, await _verify(postgres_db)) == ([1, 2, 3, 4, 5], [])


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        ({"ratio": 0.5}, r"no float: payload\.ratio"),
        ({"list": [{"when": timedelta(1)}]}, r"no timedelta: payload\.list\[0\]\.when"),
        ({"map": {1: "one"}}, r"only text as a key: payload\.map has 1"),
    ],
)
async def test_payload_that_two_programs_could_write_differently_is_refused(db, write, payload, problem):
    with pytest.raises(ValueError, match=problem):
        await write(db, payload=payload)


@pytest.mark.parametrize("statement", ["UPDATE action_log SET actor = 'U2'", "DELETE FROM action_log"])
async def test_database_refuses_to_change_an_entry(any_db, write, statement):
    await write(any_db)
    with pytest.raises(sa.exc.DBAPIError, match="action_log is append-only"):
        async with any_db.transaction() as tx:
            await tx.execute(sa.text(statement))

    assert await _verify(any_db) == []


async def test_database_refuses_to_replace_an_entry(db, write):
    entry = await write(db)
    with pytest.raises(sa.exc.IntegrityError, match="action_log is append-only"):
        async with db.transaction() as tx:
            await tx.execute(sa.insert(table).prefix_with("OR REPLACE").values(entry.model_dump()))


async def test_database_refuses_to_empty_the_table(postgres_db, write):
    await write(postgres_db)
    with pytest.raises(sa.exc.DBAPIError, match="action_log is append-only"):
        async with postgres_db.transaction() as tx:
            await tx.execute(sa.text("TRUNCATE action_log"))


@pytest.mark.parametrize(
    ("statements", "seq", "what"),
    [
        ([sa.update(table).where(_row(2)).values(actor="U2")], 2, "its content was changed"),
        ([sa.update(table).where(_row(2)).values(payload={"by": "x"})], 2, "its content was changed"),
        ([sa.update(table).where(_row(2)).values(payload=["x"])], 2, "its content was changed"),
        ([sa.update(table).where(_row(2)).values(workspace_id="v")], 2, "belongs to another incident or workspace"),
        ([sa.update(table).where(_row(2)).values(incident_id="i2")], 2, "belongs to another incident or workspace"),
        ([sa.update(table).where(_row(2)).values(incident_id=None)], 2, "belongs to another incident or workspace"),
        ([sa.delete(table).where(_row(2))], 2, "missing; the next row is 3"),
        ([sa.delete(table).where(_row(1))], 1, "missing; the next row is 2"),
        ([sa.delete(table).where(_row(4))], 4, "missing, and so is all up to row 4"),
        ([sa.delete(table).where(table.c.chain == "incident:i1")], 1, "missing, and so is all up to row 4"),
        (
            [sa.update(table).where(_row(seq)).values(seq=to) for seq, to in [(2, 9), (3, 2), (9, 3)]],
            2,
            "does not follow the row before it",
        ),
        ([sa.update(chains).values(head="f" * 64)], 4, "differs from the recorded head"),
        ([sa.delete(chains)], 4, "the chain has no recorded head"),
        ([sa.update(chains).values(seq=3)], 3, "differs from the recorded head"),
    ],
)
async def test_verify_names_the_first_bad_row(db, write, open_incident, statements, seq, what):
    await open_incident(db, id="i1")
    for _ in range(4):
        await write(db)
    await _tamper(db, *statements)

    assert await _verify(db) == [Problem(chain="incident:i1", seq=seq, what=what)]
    assert str((await _verify(db))[0]) == f"incident:i1 row {seq}: {what}"


async def test_verify_names_the_row_whose_words_were_changed_and_not_one_whose_words_were_erased(any_db, write):
    async with any_db.transaction() as tx:
        kept, erased = [
            await texts.store_text(tx, incident_id="i1", author=author, text="too risky", now=datetime.now(UTC))
            for author in ("U1", "U2")
        ]
        await texts.erase(tx, "U2")
    for payload in ({"reason": erased}, {"reason": kept}, {"by": "button"}):
        await write(any_db, payload=payload)
    as_written = await _verify(any_db)
    await _tamper(any_db, sa.update(texts_table).values(text="fine by me"))

    what = "the words that it refers to were changed"
    assert (as_written, await _verify(any_db)) == ([], [Problem(chain="incident:i1", seq=2, what=what)])


async def test_verify_names_rows_beyond_the_recorded_head(db, write):
    entries = [await write(db) for _ in range(3)]
    await _tamper(db, sa.update(chains).values(seq=2, head=entries[1].hash))

    assert await _verify(db) == [Problem(chain="incident:i1", seq=3, what="is beyond the recorded head")]


async def test_verify_names_the_bad_row_on_postgresql_too(postgres_db, write):
    for _ in range(3):
        await write(postgres_db)
    await _tamper(postgres_db, sa.update(table).where(_row(2)).values(actor="U2"))

    assert await _verify(postgres_db) == [Problem(chain="incident:i1", seq=2, what="its content was changed")]


async def test_tail_cut_together_with_its_head_shows_against_a_published_head(db, write):
    entries = [await write(db) for _ in range(3)]
    async with db.read() as view:
        published = await action_log.heads(view)
    await _tamper(db, sa.delete(table).where(_row(3)), sa.update(chains).values(seq=2, head=entries[1].hash))

    assert await _verify(db) == []
    assert await _verify(db, published) == [
        Problem(chain="incident:i1", seq=3, what="missing, and so is all up to row 3")
    ]


async def test_every_broken_chain_is_named(db, write):
    for incident_id in ("i1", "i2", "i3"):
        await write(db, incident_id)
    await _tamper(db, sa.update(table).where(table.c.chain != "incident:i2").values(actor="U2"))

    assert [problem.chain for problem in await _verify(db)] == ["incident:i1", "incident:i3"]
