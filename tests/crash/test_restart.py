"""A restart with a large backlog: webhooks do not wait for it; benchmarks/restart.py measures how long it takes."""

from datetime import UTC, datetime

import sqlalchemy as sa
from chaos.drill import drill

from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import EffectState, Place, Show
from incident_copilot.store import effects, jobs
from incident_copilot.store.tables import deliveries
from incident_copilot.store.tables import effects as effect_table
from incident_copilot.store.tables import jobs as job_table

BACKLOG = 10_000


async def test_webhooks_are_taken_while_ten_thousand_rows_wait(tmp_path, sqlite_url):
    async with drill(tmp_path, sqlite_url) as made:
        await made.start()
        await made.kill("copilot")
        await _pile_up(made.db)
        await made.start()
        (alert, *_) = await made.until(made.world.take_webhooks)
        await made.send(alert.body)
        async with made.db.read() as view:
            waiting = await view.scalar(sa.select(sa.func.count()).where(effect_table.c.state == EffectState.PENDING))
            taken = await view.scalar(sa.select(sa.func.count()).select_from(deliveries))

        assert taken == 1
        assert waiting > BACKLOG * 0.9


async def _pile_up(db):
    """Copy one pending effect and one ready job until there is a backlog."""
    now = datetime.now(UTC)
    notice = Show(place=Place.OPERATOR, slot="note", content=Notice(text="hello"), anew=True)
    async with db.transaction() as tx:
        await effects.enqueue(tx, workspace_id="default", incident_id=None, stream="s", deed=notice, now=now)
        await jobs.enqueue(tx, workspace_id="default", kind="expire", key="k", lane="l", run_at=now)
        for table, own in ((effect_table, ("id", "stream")), (job_table, ("id", "key", "lane"))):
            row = (await tx.execute(sa.select(table))).mappings().one()
            copies = [
                {**row, **{name: f"{row[name]}"[:20] + f"-{number}" for name in own}} for number in range(BACKLOG)
            ]
            await tx.execute(sa.insert(table), copies)
