"""The copilot in a process of its own, unmodified, with its crossings counted from outside."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from chaos.crossings import Crossings, Strike
from incident_copilot import app, event_loop
from incident_copilot.settings import Settings

_context = get_context("forkserver")
# What takes long to import is imported once, in the server that forks the children.
_context.set_forkserver_preload(["chaos.child"])


class Child:
    """One life of one process; it is being born when this object is made, and listens once it is `ready`."""

    def __init__(self, folder: Path, environment: Mapping[str, str], name: str, strike: Strike | None = None) -> None:
        self._ours, its = _context.Pipe(duplex=False)
        values = (folder, dict(environment), name, strike, its)
        self._process = _context.Process(target=live, args=values, name=name, daemon=True)
        self._process.start()
        its.close()
        self.port = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def listens(self) -> bool:
        """Whether it has taken webhooks and has not ended yet."""
        return self.port > 0 and self._process.is_alive()

    async def ready(self) -> bool:
        """Return once it takes webhooks; False where it ended before."""
        await _readable(self._ours.fileno())
        with self._ours, contextlib.suppress(EOFError):
            self.port = int(self._ours.recv())
        if not self.port:
            await self.ended()
        return self.port > 0

    async def ended(self) -> None:
        """Return when it has ended, by itself or not."""
        await _readable(self._process.sentinel)
        self._process.join()

    def signal(self, number: int) -> None:
        """Send it a signal, if it lives."""
        if self._process.is_alive() and self._process.pid:
            os.kill(self._process.pid, number)

    async def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        await self.ended()

    async def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self.signal(signal.SIGTERM)
        await self.ended()


def note_of(folder: Path, name: str) -> Path:
    """Return the file in which a process says how many crossings it counted, or where it died."""
    return folder / f"{name}.crossings"


def live(folder: Path, environment: dict[str, str], name: str, strike: Strike | None, ready: Connection) -> None:
    """Be the copilot until asked to end; runs in the child."""
    os.chdir(folder)
    with (folder / f"{name}.log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    sys.stdout = sys.stderr
    for key in [key for key in os.environ if key.startswith("COPILOT_")]:
        del os.environ[key]
    os.environ.update(environment)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("incident_copilot").setLevel(logging.INFO)
    Crossings(strike, note_of(folder, name)).watch()
    event_loop.run(_serve(ready))


async def _serve(ready: Connection) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(wanted, stop.set)
    await app.serve(Settings(_env_file=None), stop, ready.send)


async def _readable(descriptor: int) -> None:
    """Return when there is something to read; no thread waits for it, for there are not enough of them."""
    loop, is_readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, is_readable.set)
    try:
        await is_readable.wait()
    finally:
        loop.remove_reader(descriptor)
