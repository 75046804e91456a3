"""Durable ingest beside Alertmanager's, which keeps alerts in memory (B1): alerts a second by size and connections.

Each answer of ours comes after COMMIT with fsync. Both are measured in turns, a process each, the load in another one.
Alertmanager is a peer where Debian's `prometheus-alertmanager` is installed.
"""

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import program
import results
from load import Load, Outcome, run

from incident_copilot.demo.files import free_port

PEER = "prometheus-alertmanager"
CASES = ((1, 32), (1, 128), (64, 32), (64, 128))
QUIET = """
route: {receiver: nobody, group_by: [alertname], group_wait: 1h, group_interval: 1h}
receivers: [{name: nobody}]
"""


@contextlib.contextmanager
def alertmanager(folder: Path) -> Iterator[tuple[int, int]]:
    """Run Alertmanager without a cluster and without anybody to notify; yields port and process id."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "alertmanager.yml").write_text(QUIET)
    port = free_port()
    command = [
        PEER,
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        "--log.level=error",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/-/ready")
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def measure(target: str, alerts: int, connections: int, seconds: float) -> tuple[Outcome, float]:
    """Measure one fresh server for a while; return what came back, and alerts for each second of its processor time."""
    with tempfile.TemporaryDirectory() as name:
        server = program.web_only(Path(name)) if target == "webhook" else alertmanager(Path(name))
        with server as (port, pid):
            before_s = program.cpu_s(pid)
            outcome = run(Load(port=port, target=target, alerts=alerts, connections=connections, seconds=seconds))
            used_s = program.cpu_s(pid) - before_s
    refused = {status: count for status, count in outcome.statuses.items() if not status.startswith("2")}
    if refused:
        raise SystemExit(f"{target} did not take everything: {refused}")
    return outcome, outcome.alerts / max(used_s, 0.01)


def compare(runs: int, seconds: float, cases: tuple[tuple[int, int], ...]) -> list[tuple[object, ...]]:
    """Return a line for each case: both in turns, medians of all runs."""
    has_peer = shutil.which(PEER) is not None
    lines: list[tuple[object, ...]] = []
    for alerts, connections in cases:
        ours, theirs = [], []
        for _ in range(runs):
            ours.append(measure("webhook", alerts, connections, seconds))
            if has_peer:
                theirs.append(measure("alertmanager", alerts, connections, seconds))
        load = f"{os.getloadavg()[0]:.1f}"
        rate, per_cpu, p99 = _medians(ours)
        peer = _medians(theirs) if theirs else None
        ratio = f"{rate / peer[0]:.2f}" if peer else "not installed"
        there = [f"{peer[0]:,.0f}", f"{peer[1]:,.0f}", f"{peer[2]:.0f}"] if peer else ["", "", ""]
        lines.append((alerts, connections, f"{rate:,.0f}", f"{per_cpu:,.0f}", f"{p99:.0f}", *there, ratio, load))
    return lines


def _medians(measured: list[tuple[Outcome, float]]) -> tuple[float, float, float]:
    return (
        statistics.median(outcome.alerts_per_s for outcome, _ in measured),
        statistics.median(per_cpu for _, per_cpu in measured),
        statistics.median(outcome.p99_ms for outcome, _ in measured),
    )


def _wait_for(url: str) -> None:
    for _ in range(200):
        with contextlib.suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(url):
            return
        time.sleep(0.05)
    raise SystemExit(f"nobody answers at {url}")


def main() -> None:
    """Run it and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each measurement")
    parser.add_argument("--write", action="store_true", help="append the table to benchmarks/results.md")
    chosen = parser.parse_args()
    lines = compare(chosen.runs, chosen.seconds, CASES)
    ours, theirs = ("alerts/s", "per CPU-s", "p99 ms"), ("Alertmanager/s", "per CPU-s", "p99 ms")
    title = f"Durable ingest, SQLite with fsync, one process; medians of {chosen.runs} runs of {chosen.seconds:g} s"
    columns = ("alerts a request", "connections", *ours, *theirs, "ratio", "load")
    results.show(title, columns, lines, write=chosen.write)


if __name__ == "__main__":
    main()
