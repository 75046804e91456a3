"""The copilot as a child process that can be killed and comes back."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from incident_copilot.errors import CopilotError

START_S = 30.0
GRACE_S = 12.0
PAUSE_S = 0.5


class Bot:
    """Runs `incident-copilot serve`; whenever it ends without being asked to, it is started again."""

    def __init__(self, folder: Path, environment: Mapping[str, str], url: str) -> None:
        self.url = url
        self.restarts = 0
        self._folder = folder
        self._environment = {**_inherited(), **environment}
        self._process: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the process and return when it listens.

        Raises:
            CopilotError: it did not come up; names its log.
        """
        self._process = await self._spawn()
        await self._until_ready(self._process)
        self._keeping = asyncio.create_task(self._keep())

    async def kill(self) -> None:
        """kill -9: no goodbye; it is back within about two seconds."""
        if self._process and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)

    async def stop(self) -> None:
        """Ask the process to end, and wait for it."""
        if self._keeping:
            self._keeping.cancel()
        if self._process and self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), GRACE_S)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    def status(self) -> dict[str, Any]:
        """Return what the page shows of it."""
        running = self._process is not None and self._process.returncode is None
        pid = self._process.pid if self._process and running else None
        return {"running": running, "pid": pid, "restarts": self.restarts, "can_kill": True}

    async def _spawn(self) -> asyncio.subprocess.Process:
        with (self._folder / "copilot.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "incident_copilot",
                "serve",
                cwd=self._folder,
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    async def _keep(self) -> None:
        while self._process:
            await self._process.wait()
            await asyncio.sleep(PAUSE_S)
            self.restarts += 1
            self._process = await self._spawn()

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            for _ in range(int(START_S / 0.1)):
                if await _answers(http, f"{self.url}/healthz"):
                    return
                if process.returncode is not None:
                    break
                await asyncio.sleep(0.1)
        await self.stop()
        raise CopilotError(f"the copilot did not start; see {self._folder / 'copilot.log'}")


async def _answers(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url, timeout=1)).status_code == 200
    except httpx.HTTPError:
        return False


def _inherited() -> dict[str, str]:
    """The environment without settings of another copilot."""
    return {key: value for key, value in os.environ.items() if not key.startswith("COPILOT_")}
