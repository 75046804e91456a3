"""Rows of the log go only behind a checkpoint, on either database, and checkpoints stay."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from incident_copilot.domain.log import LogKind
from incident_copilot.store import action_log, checkpoints
from incident_copilot.store.checkpoints import Checkpoint

FIRST_TWO = "DELETE FROM action_log WHERE chain = 'incident:i1' AND seq <= 2"


async def test_only_what_a_checkpoint_stands_for_can_be_deleted(any_db, clock):
    for number in range(3):
        async with any_db.transaction() as tx:
            fields = {"workspace_id": "w", "incident_id": "i1", "actor": "U0ANA", "now": clock()}
            await action_log.append(tx, kind=LogKind.ACKNOWLEDGED, payload={"n": number}, **fields)
        clock.forward(60)
    with pytest.raises(sa.exc.DBAPIError, match="action_log is append-only"):
        async with any_db.transaction() as tx:
            await tx.execute(sa.text(FIRST_TWO))

    async with any_db.transaction() as tx:
        [old] = await checkpoints.older(tx, "w", clock() - timedelta(seconds=90))
        cut = Checkpoint(chain=old.chain, seq=old.seq, hash=old.hash, signature="signed")
        await checkpoints.cut(tx, "w", cut, clock())
    with pytest.raises(sa.exc.DBAPIError, match="log_checkpoints is append-only"):
        async with any_db.transaction() as tx:
            await tx.execute(sa.text("DELETE FROM log_checkpoints"))

    async with any_db.read() as view:
        left = [row.seq for row in await action_log.entries(view, "i1")]
        kept = await checkpoints.newest(view)
    assert (old.rows, left, list(kept.values())) == (2, [3], [cut])
