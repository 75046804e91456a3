"""The copilot as a process of its own, with the sandbox as its Slack; what the benchmarks measure."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from load import SECRET

from incident_copilot.demo import files
from incident_copilot.sandbox import Sandbox
from incident_copilot.slack.manifest import manifest

CATALOG = {
    "services": [
        {"name": "checkout", "team": "shop", "tier": 1, "user_facing": True},
        {"name": "search", "team": "shop", "tier": 1, "user_facing": True},
    ],
    "teams": [{"name": "shop", "on_call": {"primary": "U0ANA", "secondary": "U0BEN"}}],
}


@dataclass(frozen=True)
class Program:
    """A running copilot and its Slack."""

    sandbox: Sandbox
    port: int
    pid: int
    folder: Path

    def rss_mb(self) -> float:
        """Return the largest memory it has had."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024

    def cpu_s(self) -> float:
        """Return the processor time it has used."""
        return cpu_s(self.pid)


def cpu_s(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.asynccontextmanager
async def running(folder: Path, **settings: str) -> AsyncIterator[Program]:
    """Run the whole copilot on a fresh database; `settings` are environment variables without their prefix."""
    _configure(folder)
    async with Sandbox.running(manifest=manifest(), channels=files.CHANNELS) as sandbox:
        port = files.free_port()
        given = files.environment(folder, sandbox, port) | {"BENCH_SECRET": SECRET, "COPILOT_LOG_LEVEL": "warning"}
        given |= {f"COPILOT_{name.upper()}": value for name, value in settings.items()}
        process = _start(folder, given)
        try:
            await _ready(port, process)
            yield Program(sandbox=sandbox, port=port, pid=process.pid, folder=folder)
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait)


@contextlib.contextmanager
def web_only(folder: Path) -> Iterator[tuple[int, int]]:
    """Run nothing but web server, source and writer on a fresh database; yields port and process id."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(Path(__file__).with_name("web_only.py")), str(folder / "web.db")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        yield int(process.stdout.readline()), process.pid
    finally:
        process.stdin.close()
        process.wait()


def _configure(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    source = {"plugin": "alertmanager", "name": "bench", "secret_env": "BENCH_SECRET"}
    (folder / "copilot.yaml").write_text(json.dumps({"alert_sources": [source]}))
    (folder / "catalog.yaml").write_text(json.dumps(CATALOG))


def _start(folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "incident_copilot", "serve"]
    return subprocess.Popen(command, cwd=folder, env=os.environ | environment)


async def _ready(port: int, process: subprocess.Popen[bytes]) -> None:
    async with httpx.AsyncClient() as http:
        while process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                await http.get(f"http://127.0.0.1:{port}/healthz")
                return
            await asyncio.sleep(0.05)
    raise SystemExit("the copilot did not start")
