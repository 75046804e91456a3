"""Group commit: requests that arrive together share one transaction, and each is answered after its COMMIT (P1)."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from incident_copilot.errors import StoreUnavailable
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.receive import Arrival, receive_all
from incident_copilot.ports import Delivery

REQUESTS, ALERTS = 256, 4096
"""The most that one transaction takes, so that whoever waits for it waits a fraction of a second."""
WAITING, WAITING_BYTES = 2048, 32 * 1024 * 1024
"""The most that waits; what is over that is told at once to come again."""
PATIENCE_S = 5.0


@dataclass(frozen=True)
class _Request:
    arrival: Arrival
    changed: asyncio.Future[int] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Intake:
    """What one process takes in: a bounded queue, and one writer that runs while there is something in it."""

    def __init__(
        self,
        deps: Deps,
        *,
        alerts: int = ALERTS,
        waiting: int = WAITING,
        waiting_bytes: int = WAITING_BYTES,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """`alerts` bounds a transaction, `waiting` the queue, `patience_s` how long a request waits for its commit."""
        self._deps = deps
        self._alerts, self._waiting, self._waiting_bytes = alerts, waiting, waiting_bytes
        self._patience_s = patience_s
        self._queue: deque[_Request] = deque()
        self._bytes = 0
        self._writer: asyncio.Task[None] | None = None

    async def receive(self, instance: str, delivery: Delivery, body: bytes) -> int:
        """Store what one request carried and return how many alerts changed; only then may it be answered (P1).

        Raises:
            StoreUnavailable: it is not known to be recorded, or too much waits already; it may be sent again.
        """
        if len(self._queue) >= self._waiting or self._bytes + len(body) > self._waiting_bytes:
            raise StoreUnavailable(f"{len(self._queue)} webhooks with {self._bytes} bytes wait to be recorded")
        request = _Request(Arrival(instance, delivery, body))
        self._queue.append(request)
        self._bytes += len(body)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        try:
            async with asyncio.timeout(self._patience_s):
                return await request.changed
        except TimeoutError as error:
            raise StoreUnavailable(f"not recorded in {self._patience_s:g} s") from error

    async def _write(self) -> None:
        taken: list[_Request] = []
        try:
            # What arrives in the same turn of the loop belongs to the first batch already.
            await asyncio.sleep(0)
            while self._queue:
                taken = self._next()
                await self._commit(taken)
        finally:
            self._writer = None
            _fail([*taken, *self._queue], StoreUnavailable("the writer was stopped"))
            self._queue.clear()
            self._bytes = 0

    def _next(self) -> list[_Request]:
        """Take requests while they fit into one transaction, at least one; nobody waits any more for those given up."""
        taken: list[_Request] = []
        alerts = 0
        while self._queue and len(taken) < REQUESTS:
            size = len(self._queue[0].arrival.delivery.alerts)
            if taken and alerts + size > self._alerts:
                break
            request = self._queue.popleft()
            self._bytes -= len(request.arrival.body)
            if not request.changed.done():
                taken.append(request)
                alerts += size
        return taken

    async def _commit(self, taken: Sequence[_Request]) -> None:
        """Write a batch; where it breaks, each by itself, so that only the one at fault fails."""
        if not taken:
            return
        arrivals = [request.arrival for request in taken]
        [outcome] = await asyncio.gather(receive_all(self._deps, arrivals), return_exceptions=True)
        if isinstance(outcome, list):
            for request, changed in zip(taken, outcome, strict=True):
                if not request.changed.done():
                    request.changed.set_result(changed)
        elif len(taken) == 1 or isinstance(outcome, StoreUnavailable):
            _fail(taken, outcome)
        else:
            for request in taken:
                await self._commit([request])


def _fail(requests: Sequence[_Request], error: BaseException) -> None:
    for request in requests:
        if not request.changed.done():
            request.changed.set_exception(error)
