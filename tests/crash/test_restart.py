"""A restart with a large backlog: webhooks are taken within three seconds of the process's start."""

import time
from datetime import UTC, datetime

import sqlalchemy as sa
from chaos.drill import drill

from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import Place, Show
from incident_copilot.store import effects, jobs
from incident_copilot.store.tables import effects as effect_table
from incident_copilot.store.tables import jobs as job_table

BACKLOG = 10_000
READY_S = 3.0


async def test_ten_thousand_pending_rows_do_not_delay_the_start(tmp_path, sqlite_url):
    async with drill(tmp_path, sqlite_url) as made:
        await made.start()
        await made.kill("copilot")
        await _pile_up(made.db)
        began = time.monotonic()
        await made.start()
        took_s = time.monotonic() - began

        assert took_s <= READY_S


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
