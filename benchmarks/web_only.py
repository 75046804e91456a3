"""A copilot that only takes webhooks: web server, source and writer; run as a process by `program.web_only`.

Prints its port, and ends when its input is closed.
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.load import SECRET
from incident_copilot import event_loop
from incident_copilot.domain.catalog import Catalog
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbook import Library
from incident_copilot.pipeline.deps import Deps
from incident_copilot.plugins.alert_sources import alertmanager
from incident_copilot.ports import PluginEnv
from incident_copilot.store import schema
from incident_copilot.store.db import Db
from incident_copilot.web.server import application, listening

MIGRATIONS = Path(__file__).parents[1] / "migrations"


async def serve(file: str) -> None:
    """Serve until the input ends."""
    url = f"sqlite+aiosqlite:///{file}"
    await schema.upgrade(url, MIGRATIONS)
    db = Db.open(url)
    runbooks = RunbookIndex.build(Library())
    deps = Deps(db=db, now=_now, workspace_id="bench", chat=None, catalog=Catalog(), runbooks=runbooks)  # type: ignore[arg-type]
    env = PluginEnv(http=None, now=_now, secret=SECRET, instance="bench")  # type: ignore[arg-type]
    sources = {"bench": alertmanager.create(env, alertmanager.Options())}
    async with listening(application(deps, sources, page_token=None, local_only=True), "127.0.0.1", 0) as port:
        print(port, flush=True)
        await asyncio.to_thread(sys.stdin.read)
    await db.close()


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    event_loop.run(serve(sys.argv[1]))
