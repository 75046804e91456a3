"""Clock: ticks inside each process and writes keyed rows, so that any number of replicas tick without a leader."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped]  # it ships no types
from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]  # it ships no types

from incident_copilot.errors import StoreUnavailable
from incident_copilot.ports import Clock as Now
from incident_copilot.store import jobs
from incident_copilot.store.db import Db

log = logging.getLogger(__name__)

PURGE_EVERY_S = 3600
KEEP = timedelta(days=1)
Others = Callable[[], Awaitable[Sequence[str]]]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Ticker:
    """Leaves a job of kind `name` once per period of `seconds`, for each of `ticks`; also deletes old done jobs."""

    def __init__(
        self, db: Db, workspace_id: str, ticks: Sequence[tuple[str, int]], now: Now, others: Others | None = None
    ) -> None:
        """`others` names the workspaces beside this one."""
        self._db = db
        self._workspace_id = workspace_id
        self._others = others
        self._ticks = ticks
        self._now = now
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def start(self) -> None:
        """Tick at once and then at the start of each period; needs a running event loop."""
        for name, seconds in self._ticks:
            self._every(seconds, self.tick, name, seconds)
        self._every(PURGE_EVERY_S, self.purge)
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more."""
        self._scheduler.shutdown(wait=False)

    def _every(self, seconds: int, call: Callable[..., Awaitable[None]], *args: object) -> None:
        self._scheduler.add_job(call, "date", args=args, misfire_grace_time=None)
        self._scheduler.add_job(
            call, IntervalTrigger(seconds=seconds, start_date=_EPOCH), args=args, misfire_grace_time=None, coalesce=True
        )

    async def tick(self, name: str, seconds: int) -> None:
        """Leave the job of the current period, unless this or another process did."""
        now = self._now()
        start = now - (now - _EPOCH) % timedelta(seconds=seconds)
        key = f"{name}:{start:%Y-%m-%dT%H:%M:%S}"
        try:
            others = await self._others() if self._others else []
            async with self._db.transaction() as tx:
                for workspace_id in dict.fromkeys([self._workspace_id, *others]):
                    lane = f"tick:{name}" if workspace_id == self._workspace_id else f"tick:{name}:{workspace_id}"
                    await jobs.enqueue_tick(tx, workspace_id=workspace_id, kind=name, key=key, lane=lane, run_at=now)
        except StoreUnavailable as error:
            log.warning("tick %s is late: %s", key, error)

    async def purge(self) -> None:
        """Delete jobs that were done more than a day ago."""
        try:
            async with self._db.transaction() as tx:
                await jobs.purge(tx, self._now() - KEEP)
        except StoreUnavailable as error:
            log.warning("old jobs are not deleted: %s", error)
