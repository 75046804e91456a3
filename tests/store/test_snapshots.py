"""What a row of the log vouches for cannot be changed, and goes with the row behind its checkpoint."""

import pytest
import sqlalchemy as sa

from incident_copilot.domain.log import LogKind
from incident_copilot.store import action_log, alerts, checkpoints, deliveries, snapshots
from incident_copilot.store.checkpoints import Checkpoint
from pipeline import samples

REFUSED = [
    "UPDATE snapshots SET name = 'other'",
    "DELETE FROM snapshots",
    "INSERT OR REPLACE INTO snapshots SELECT workspace_id, chain, seq, name, 'x' FROM snapshots",
]


async def how_many(db):
    """How many of the refused statements a database understands."""
    async with db.read() as view:
        return 3 if view.dialect.name == "sqlite" else 2


@pytest.fixture
def logged(any_db, clock):
    async def write():
        async with any_db.transaction() as tx:
            fields = {"workspace_id": "w", "incident_id": "i1", "actor": "U0ANA", "now": clock()}
            row = await action_log.append(tx, kind=LogKind.SNAPSHOTTED, payload={}, **fields)
            await snapshots.add(tx, row, {"alerts.jsonl": b"{}\n", "manifest.json": b"{}"})
        return row

    return write


async def test_files_stay_as_they_are_until_their_row_is_cut(any_db, clock, logged):
    first, second = await logged(), await logged()
    for statement in REFUSED[: await how_many(any_db)]:
        with pytest.raises(sa.exc.DBAPIError, match="snapshots is append-only"):
            async with any_db.transaction() as tx:
                await tx.execute(sa.text(statement))

    async with any_db.transaction() as tx:
        at = Checkpoint(chain=first.chain, seq=1, hash=first.hash, signature="signed")
        await checkpoints.cut(tx, "w", at, clock())
        await snapshots.cut(tx, "w", first.chain, 1)
    async with any_db.read() as view:
        left = [await snapshots.files(view, row) for row in (first, second)]
    assert left == [{}, {"alerts.jsonl": b"{}\n", "manifest.json": b"{}"}]


async def test_moments_at_which_a_restricted_incident_was_told_of_too_are_known(any_db, clock, open_incident):
    mine, theirs, open_one = [await open_incident(any_db, private=private) for private in (False, True, False)]
    times = []
    for incident in (mine, theirs, open_one):
        alert = samples.alert(f"From{incident.number}")
        async with any_db.transaction() as tx:
            await alerts.record(tx, "w", alert, clock())
            await alerts.place(tx, "w", [alert.fingerprint], incident_id=incident.id)
        times.append(clock())
        clock.forward(1)
    async with any_db.read() as view:
        shut = [await alerts.told_with_restricted(view, "w", one.id, times) for one in (mine, theirs)]
    assert shut == [{times[1]}, set()]


async def test_deliveries_are_found_by_when_they_came(any_db, clock):
    noon = clock()
    async with any_db.transaction() as tx:
        await deliveries.add(tx, workspace_id="w", source="prom", key="a", body="first", now=noon)
        await deliveries.add(tx, workspace_id="w", source="chat", key="b", body="", now=noon)
        await deliveries.add(tx, workspace_id="v", source="prom", key="c", body="theirs", now=noon)
        clock.forward(60)
        await deliveries.add(tx, workspace_id="w", source="prom", key="d", body="later", now=clock())
    async with any_db.read() as view:
        assert await deliveries.at(view, "w", [noon]) == [("prom", noon, "first")]
        assert [one.body for one in await deliveries.at(view, "w", [clock(), noon])] == ["first", "later"]
