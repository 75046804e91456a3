"""The peers that a machine can run: Alertmanager, which keeps alerts in memory, and Alerta on PostgreSQL.

Alertmanager is Debian's package `prometheus-alertmanager`. Alerta is installed into a virtual environment of its own
outside of the repository (BENCH_ALERTA_VENV names another place); where that cannot be done it is left out.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from chaos import postgres

from benchmarks import program
from incident_copilot.demo.files import free_port

ALERTMANAGER = "prometheus-alertmanager"
ALERTA_VENV = Path(os.environ.get("BENCH_ALERTA_VENV", Path.home() / ".cache/incident-copilot-bench/alerta"))
ALERTA_PACKAGES = ("alerta-server==9.1.0", "gunicorn", "psycopg2-binary")
WORKERS, THREADS = 2, 8
"""Alerta's: a process for each core, and threads for what waits on its database."""
QUIET = """
route: {receiver: nobody, group_by: [alertname], group_wait: 1h, group_interval: 1h}
receivers: [{name: nobody}]
"""


def has_alertmanager() -> bool:
    """Whether it is installed."""
    return shutil.which(ALERTMANAGER) is not None


def has_alerta() -> bool:
    """Whether it is installed, after trying to."""
    gunicorn = ALERTA_VENV / "bin" / "gunicorn"
    with contextlib.suppress(subprocess.CalledProcessError):
        if not gunicorn.exists():
            subprocess.run([sys.executable, "-m", "venv", ALERTA_VENV], check=True)
            subprocess.run([ALERTA_VENV / "bin" / "pip", "install", "-qq", *ALERTA_PACKAGES], check=True)
    return gunicorn.exists()


@contextlib.contextmanager
def alertmanager(folder: Path) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Run Alertmanager without a cluster and without anybody to notify; yields port and process ids."""
    (folder / "alertmanager.yml").write_text(QUIET)
    port = free_port()
    command = [
        ALERTMANAGER,
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        "--log.level=error",
    ]
    with _running(command, f"http://127.0.0.1:{port}/-/ready", {}) as pid:
        yield port, (pid,)


@contextlib.contextmanager
def alerta(_: Path) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Run Alerta under gunicorn on an empty PostgreSQL; yields port and process ids."""
    port = free_port()
    command = [
        str(ALERTA_VENV / "bin" / "gunicorn"),
        "--preload",  # two processes that create the tables at once break each other
        f"--workers={WORKERS}",
        f"--threads={THREADS}",
        "--worker-class=gthread",
        "--timeout=300",
        f"--bind=127.0.0.1:{port}",
        "alerta:create_app()",
    ]
    with postgres.running() as server:
        environment = {"DATABASE_URL": server.url.replace("+asyncpg", "")}
        with _running(command, f"http://127.0.0.1:{port}/management/healthcheck", environment) as pid:
            yield port, (pid, server.pid)


def cpu_s(pids: tuple[int, ...]) -> float:
    """Return the processor time that processes and their children have used."""
    return sum(program.cpu_s(pid) + cpu_s(_children(pid)) for pid in pids)


def _children(pid: int) -> tuple[int, ...]:
    with contextlib.suppress(FileNotFoundError):
        return tuple(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    return ()


@contextlib.contextmanager
def _running(command: list[str], url: str, environment: dict[str, str]) -> Iterator[int]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet, env=os.environ | environment)
    try:
        _wait_for(url)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str) -> None:
    for _ in range(400):
        with contextlib.suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(url):
            return
        time.sleep(0.05)
    raise SystemExit(f"nobody answers at {url}")
