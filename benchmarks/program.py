"""The copilot as a process of its own, with the sandbox as its Slack; what the benchmarks measure."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.load import SECRET
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
        return rss_mb(self.pid, "VmHWM")

    def cpu_s(self) -> float:
        """Return the processor time it has used."""
        return cpu_s(self.pid)


def rss_mb(pid: int, kind: str = "VmRSS") -> float:
    """Return the memory that a process has, or with VmHWM the largest that it has had."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith(kind))) / 1024


def cpu_s(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.asynccontextmanager
async def running(
    folder: Path,
    *,
    catalog: Mapping[str, object] = CATALOG,
    context_sources: Sequence[Mapping[str, object]] = (),
    systems: Sequence[str] = (),
    speed: float = 1.0,
    **settings: str,
) -> AsyncIterator[Program]:
    """Run the whole copilot on a fresh database; `settings` are environment variables without their prefix."""
    configure(folder, catalog, context_sources, systems)
    async with Sandbox.running(manifest=manifest(), channels=files.CHANNELS, speed=speed) as sandbox:
        port = files.free_port()
        async with process(folder, environment(folder, sandbox, port, **settings)) as started:
            yield Program(sandbox=sandbox, port=port, pid=started.pid, folder=folder)


def configure(
    folder: Path,
    catalog: Mapping[str, object] = CATALOG,
    context_sources: Sequence[Mapping[str, object]] = (),
    systems: Sequence[str] = (),
) -> None:
    """Write the copilot's files; `systems` are AI systems that tell of themselves."""
    folder.mkdir(parents=True, exist_ok=True)
    source = {"plugin": "alertmanager", "name": "bench", "secret_env": "BENCH_SECRET"}
    told = [{"plugin": "ai_system", "name": name, "secret_env": "BENCH_SECRET"} for name in systems]
    (folder / "copilot.yaml").write_text(
        json.dumps({"alert_sources": [source, *told], "context_sources": list(context_sources)})
    )
    (folder / "catalog.yaml").write_text(json.dumps(catalog))


def environment(folder: Path, sandbox: Sandbox, port: int, **settings: str) -> dict[str, str]:
    """Return the copilot's environment; `settings` are variables without their prefix."""
    given = files.environment(folder, sandbox, port) | {"BENCH_SECRET": SECRET, "COPILOT_LOG_LEVEL": "warning"}
    return given | {f"COPILOT_{name.upper()}": value for name, value in settings.items()}


@contextlib.asynccontextmanager
async def process(folder: Path, given: dict[str, str]) -> AsyncIterator[subprocess.Popen[bytes]]:
    """Run the copilot as a process; entered once it answers."""
    command = [sys.executable, "-m", "incident_copilot", "serve"]
    started = subprocess.Popen(command, cwd=folder, env=os.environ | given)
    try:
        await _ready(int(given["COPILOT_PORT"]), started)
        yield started
    finally:
        started.terminate()
        await asyncio.to_thread(started.wait)


@contextlib.contextmanager
def web_only(folder: Path) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Run nothing but web server, source and writer on a fresh database; yields port and process ids."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.web_only", str(folder / "web.db")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        yield int(process.stdout.readline()), (process.pid,)
    finally:
        process.stdin.close()
        process.wait()


async def _ready(port: int, process: subprocess.Popen[bytes]) -> None:
    async with httpx.AsyncClient() as http:
        while process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                await http.get(f"http://127.0.0.1:{port}/healthz")
                return
            await asyncio.sleep(0.05)
    raise SystemExit("the copilot did not start")
