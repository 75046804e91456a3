"""`stats`, as typed: lines, or CSV."""

import asyncio

import pytest

from environment import own_environment
from incident_copilot.store.db import Db
from test_cli_sources import typed

__all__ = ["own_environment", "typed"]
pytestmark = pytest.mark.usefixtures("own_environment")


def test_stats_are_printed_and_written_as_csv(typed, sqlite_url, open_incident):
    async def write():
        db = Db.open(sqlite_url)
        await open_incident(db, workspace_id="default")
        await db.close()

    asyncio.run(write())

    code, said, _ = typed("stats", "--days", "366", "--severity", "p9")
    assert (code, said) == (0, "0 incidents in 366 days (severity P9)\n")
    code, table, _ = typed("stats", "--csv")
    assert (code, table.splitlines()[0]) == (
        0,
        "group,name,measure,number,mean,median,p90,low,high,before,before_number",
    )
