"""INSERT that leaves alone what is there already, on both databases."""

import sqlalchemy as sa

from incident_copilot.store.tables import chains
from incident_copilot.store.upsert import insert, insert_if_new


async def test_row_that_is_there_stays_as_it_is(any_db):
    async with any_db.transaction() as tx:
        first = await insert_if_new(tx, chains, {"chain": "c", "seq": 1, "head": "a"})
        second = await insert_if_new(tx, chains, {"chain": "c", "seq": 2, "head": "b"})

        rows = [tuple(row) for row in await tx.execute(sa.select(chains))]

    assert (first, second) == (True, False)
    assert rows == [("c", 1, "a")]


async def test_row_that_is_there_can_be_overwritten(any_db):
    async with any_db.transaction() as tx:
        for head in ("a", "b"):
            row = insert(tx, chains).values({"chain": "c", "seq": 1, "head": head})
            await tx.execute(row.on_conflict_do_update(index_elements=["chain"], set_={"head": head}))

        assert (await tx.execute(sa.select(chains.c.head))).scalar() == "b"
