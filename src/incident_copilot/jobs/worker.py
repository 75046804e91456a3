"""Worker: runs due jobs with a lease each; a job that fails is tried again later, and parked if that does not help."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial

from incident_copilot.errors import LostLease, StoreUnavailable
from incident_copilot.jobs.crew import Claimed, Crew
from incident_copilot.ports import Clock
from incident_copilot.store import jobs
from incident_copilot.store.db import Db, Tx
from incident_copilot.store.jobs import Job

log = logging.getLogger(__name__)

Handler = Callable[[Job], Awaitable[None]]
"""Does one job; ends with one `async with job.finish(db) as tx:` in which all its results are written."""

Parked = Callable[[Tx, Job, str], Awaitable[None]]
"""Called in the transaction that gives a job up, with the error."""

SLOTS = {"pipeline": 4, "model": 2, "waiting": 8, "scoring": 1}


async def _nobody_told(_: Tx, __: Job, ___: str) -> None:
    return


class Worker:
    """Claims and runs jobs, with separate slots for each class of work so that slow work holds up only its own."""

    def __init__(
        self,
        db: Db,
        handlers: Mapping[str, Handler],
        now: Clock,
        *,
        name: str = "worker",
        slots: Mapping[str, int] | None = None,
        classes: Mapping[str, str] | None = None,
        parked: Parked = _nobody_told,
        lease_s: float = 10.0,
        deadline_s: float = 150.0,
        poll_s: float = 0.25,
    ) -> None:
        """`classes` names the class of a kind of job, "pipeline" where it does not; each class has its `slots`."""
        self._db = db
        self._handlers = handlers
        self._now = now
        self._parked = parked
        # A restarted process must not take the leases of its former life for its own.
        self._who = f"{name}:{secrets.token_hex(4)}"
        self._lease = timedelta(seconds=lease_s)
        self._deadline_s = deadline_s
        self._poll_s = poll_s
        self._held: dict[str, asyncio.Task[None] | None] = {}
        self._stopping = asyncio.Event()
        self._crews = [
            self._crew(work, kinds, count)
            for work, count in (slots or SLOTS).items()
            if (kinds := self._kinds_of(work, classes or {}))
        ]

    async def run(self) -> None:
        """Run jobs until `stop`."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_leases())
            for crew in self._crews:
                group.create_task(crew.run())

    async def run_due(self) -> int:
        """Run the jobs that are due now and those they leave, then return how many; for tests and one-off commands."""
        total = 0
        while count := sum([await crew.run_due() for crew in self._crews]):
            total += count
        return total

    async def stop(self, grace_s: float = 10.0) -> None:
        """Take no more jobs, let running ones finish for `grace_s`, give back the rest to be run elsewhere at once."""
        await asyncio.gather(*(crew.stop(grace_s) for crew in self._crews))
        self._stopping.set()

    def _kinds_of(self, work: str, classes: Mapping[str, str]) -> list[str]:
        return [str(kind) for kind in self._handlers if classes.get(kind, "pipeline") == work]

    def _crew(self, work: str, kinds: list[str], slots: int) -> Crew:
        crew = Crew(f"{self._who} {work}", slots, partial(self._claim, kinds), self._poll_s)
        self._db.on_commit("jobs", crew.wake.set)
        return crew

    async def _claim(self, kinds: list[str], free: int) -> Claimed:
        now = self._now()
        due_at = await self._db.look(lambda view: jobs.next_due(view, kinds, now))
        if due_at is None or due_at > now:
            return [], (due_at - now).total_seconds() if due_at else self._poll_s
        async with self._db.transaction() as tx:
            for job in await jobs.park_abandoned(tx, kinds):
                await self._parked(tx, job, str(job.error))
            claimed = await jobs.claim(tx, self._who, kinds, free, now, self._lease)
        self._held.update({job.id: None for job in claimed})
        return [partial(self._run, job) for job in claimed], self._poll_s

    async def _run(self, job: Job) -> None:
        self._held[job.id] = asyncio.current_task()
        try:
            async with asyncio.timeout(self._deadline_s):
                await self._handlers[job.kind](job)
            await self._require_finished(job)
        except LostLease:
            raise
        except asyncio.CancelledError:
            await self._give_back(job)
            raise
        except Exception as error:
            log.exception("job %s failed in attempt %d", job.key, job.attempts)
            await self._note_failure(job, error)
        finally:
            self._held.pop(job.id, None)

    async def _require_finished(self, job: Job) -> None:
        async with self._db.read() as view:
            is_unfinished = await jobs.is_held(view, job)
        if is_unfinished:
            raise RuntimeError(f"the handler of {job.kind} returned without job.finish()")

    async def _note_failure(self, job: Job, error: Exception) -> None:
        said = f"{type(error).__name__}: {error}"
        async with self._db.transaction() as tx:
            is_parked = await jobs.fail(tx, job, said, self._now())
            if is_parked:
                await self._parked(tx, job, said)
        if is_parked:
            log.error("job %s is parked after %d attempts", job.key, job.attempts)

    async def _give_back(self, job: Job) -> None:
        async with self._db.transaction() as tx:
            await jobs.release(tx, job)

    async def _keep_leases(self) -> None:
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(self._lease.total_seconds() / 3):
                    await self._stopping.wait()
            except TimeoutError:
                await self._renew()

    async def _renew(self) -> None:
        held = set(self._held)
        if not held:
            return
        try:
            async with self._db.transaction() as tx:
                kept = await jobs.renew(tx, self._who, held, self._lease)
        except StoreUnavailable as error:
            log.warning("%s cannot renew its leases: %s", self._who, error)
            return
        for lost in held - kept:
            task = self._held.get(lost)
            if task:
                task.cancel()
