"""The copilot as a child process that can be killed and comes back."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from incident_copilot.errors import CopilotError

START_S = 120.0  # of a busy machine; it takes 3 s otherwise
GRACE_S = 12.0
PAUSE_S = 0.5


class Bot:
    """Runs `incident-copilot serve`; once up, it is started again whenever it ends without being asked to."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.restarts = 0
        self._folder = folder
        self._environment: Mapping[str, str] = {}
        self._process: Process | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def start(self, environment: Mapping[str, str]) -> None:
        """Start the process with these settings, and no others, and return when it listens.

        Raises:
            CopilotError: it did not come up; names its log.
        """
        self._environment = {**_inherited(), **environment}
        process = await self._spawn()
        await self._until_ready(process)
        self._keeping = asyncio.create_task(self._keep(process))

    async def kill(self) -> None:
        """kill -9: no goodbye; it is back within a few seconds."""
        process = self._running()
        if process:
            process.kill()

    async def stop(self, grace_s: float = GRACE_S) -> None:
        """Ask the process to end, and wait until it has; after `grace_s` it is killed."""
        if self._keeping:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
        process = self._running()
        if process:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), grace_s)
            except TimeoutError:
                process.kill()
                await process.wait()

    def status(self) -> dict[str, Any]:
        """Return what the page shows of it."""
        process = self._running()
        pid = process.pid if process else None
        return {"running": process is not None, "pid": pid, "restarts": self.restarts, "can_kill": True}

    def _running(self) -> Process | None:
        return self._process if self._process and self._process.returncode is None else None

    async def _spawn(self) -> Process:
        with (self._folder / "copilot.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "incident_copilot",
                "serve",
                cwd=self._folder,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        return self._process

    async def _keep(self, process: Process) -> None:
        while True:
            await process.wait()
            await asyncio.sleep(PAUSE_S)
            self.restarts += 1
            process = await self._spawn()

    async def _until_ready(self, process: Process) -> None:
        ended = asyncio.create_task(process.wait())
        ready = asyncio.create_task(_answers(f"{self.url}/healthz"))
        await asyncio.wait([ended, ready], timeout=START_S, return_when=asyncio.FIRST_COMPLETED)
        came_up = ready.done() and not ended.done()
        for task in (ended, ready):
            task.cancel()
        if not came_up:
            await self.stop()
            raise CopilotError(f"the copilot did not start; see {self._folder / 'copilot.log'}")


async def _answers(url: str) -> None:
    """Return when a healthy copilot answers there."""
    async with httpx.AsyncClient(trust_env=False, timeout=1) as http:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                (await http.get(url)).raise_for_status()
                return
            await asyncio.sleep(0.1)


def _inherited() -> dict[str, str]:
    """The environment without settings of another copilot."""
    return {key: value for key, value in os.environ.items() if not key.startswith("COPILOT_")}
