"""`ai affected`, as typed: the list on standard output or in a file, the figures beside it, and the log row."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from environment import own_environment
from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.observation import Interaction
from incident_copilot.store import action_log, incidents, interactions
from incident_copilot.store.db import Db
from test_cli_sources import typed

__all__ = ["own_environment", "typed"]
pytestmark = pytest.mark.usefixtures("own_environment")
NOW = datetime.now(UTC)


async def store(url, *, with_request):
    db = Db.open(url)
    began = NOW - timedelta(minutes=5)
    incident = Incident(
        id="1" * 32,
        workspace_id="default",
        number=0,
        title="Answers are wrong",
        severity=Severity.P1,
        status=Status.OPEN,
        service="answers",
        correlation_key="k",
        started_at=began,
        opened_at=began,
    )
    bad = Interaction(system="answers", id="r1", at=NOW - timedelta(minutes=1), user="u1", feedback=-1.0)
    async with db.transaction() as tx:
        if with_request:
            await interactions.add_all(tx, "default", [bad])
        else:
            await incidents.open_new(tx, incident)
    await db.close()


async def logged(url):
    db = Db.open(url)
    async with db.read() as view:
        found = await action_log.entries(view, "1" * 32, kinds=[LogKind.AFFECTED_LISTED])
    await db.close()
    return [(row.actor, row.payload) for row in found]


def test_affected_requests_are_listed_and_it_is_noted_who_took_them(typed, sqlite_url, tmp_path):
    typed("migrate")
    missing = typed("ai", "affected", "INC-1")
    asyncio.run(store(sqlite_url, with_request=False))
    empty = typed("ai", "affected", "INC-1")
    asyncio.run(store(sqlite_url, with_request=True))
    code, _, beside = typed("ai", "affected", "1", "--out", str(tmp_path / "list.csv"))

    assert missing[0] == 1
    assert "there is no INC-1" in missing[2]
    assert empty[1:] == (
        "time,user,request,score,feedback,signals,labels\n",
        "No request to its system since the onset is stored.\n",
    )
    assert code == 0
    assert "1 of 1 known requests to answers since" in beside
    assert (tmp_path / "list.csv").read_text().splitlines()[1].endswith(",u1,r1,,-1.0,,")
    assert asyncio.run(logged(sqlite_url)) == [("operator", {"requests": 0}), ("operator", {"requests": 1})]
