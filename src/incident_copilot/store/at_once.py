"""AtOnce: whole transactions in a thread of their own, for what happens so often that it must be quick.

The driver for asyncio hands each statement to a thread and back, four times over; here BEGIN to COMMIT is one trip.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

Result = TypeVar("Result")
Body = Callable[[AsyncConnection], Awaitable[Result]]
"""What a transaction does; it awaits nothing but the database."""


class AtOnce:
    """One connection in one thread; the store's functions see it as they see every other."""

    def __init__(self, engine: sa.Engine, seen_as: AsyncEngine) -> None:
        """`engine` makes the connection, `seen_as` is the one for asyncio of the same database."""
        self._engine = engine
        self._seen_as = seen_as
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="at-once")

    async def run(self, body: Body[Result]) -> Result:
        """Return what `body` returns, once it is committed; when cancelled, once that is over either way."""
        context = contextvars.copy_context()
        work = asyncio.get_running_loop().run_in_executor(self._thread, context.run, self._transaction, body)
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait([work])
            raise

    async def close(self) -> None:
        """Close the connection and end the thread."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()

    def _transaction(self, body: Body[Result]) -> Result:
        with self._engine.begin() as connection:
            return _driven(body(Direct(self._seen_as, connection)))


class Direct(AsyncConnection):
    """A connection as those of asyncio, that answers at once; it has what the store's functions use."""

    def __init__(self, seen_as: AsyncEngine, connection: sa.Connection) -> None:
        super().__init__(seen_as, connection)
        self._connection = connection

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        return self._connection.execute(*args, **kwargs)

    async def exec_driver_sql(self, *args: Any, **kwargs: Any) -> Any:
        return self._connection.exec_driver_sql(*args, **kwargs)


def _driven(waiting: Awaitable[Result]) -> Result:
    """Return what an awaitable comes to that never has to wait, since its database answers at once."""
    steps: Generator[Any, None, Result] = waiting.__await__()
    try:
        next(steps)
    except StopIteration as end:
        result: Result = end.value
        return result
    steps.close()
    raise RuntimeError("a transaction that runs at once awaited something else than its database")
