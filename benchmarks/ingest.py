"""B1: durable ingest beside Alertmanager's, which keeps alerts in memory, and Alerta's on PostgreSQL.

Each answer of ours comes after COMMIT with fsync. All are measured in turns, a process each, the load in another one.
"""

import statistics
import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmarks import peers, program
from benchmarks.load import Load
from benchmarks.load import run as send
from benchmarks.results import Section, Verdict

SECONDS = 3.0
SERVERS = {"webhook": program.web_only, "alertmanager": peers.alertmanager, "alerta": peers.alerta}
MOST_OF_ALERTA = peers.WORKERS * peers.THREADS
"""Connections that Alerta works on; more of them would only wait."""
AIMS = {(1, 128): (0.2, "at least 0.2x, aiming at 0.4x"), (64, 128): (0.7, "at least 0.7x, aiming at 1.0x")}
TEN_TIMES = 10


class Case(NamedTuple):
    """What is sent."""

    alerts: int
    connections: int


CASES = (Case(1, 32), Case(1, 128), Case(64, 32), Case(64, 128))


class Speed(NamedTuple):
    """Alerts each second, by the clock and by the server's processor time; and how long answers take."""

    per_s: float
    per_cpu_s: float
    p99_ms: float


async def run(rounds: int, small: bool) -> Section:
    """Measure all in turns, and compare the medians."""
    seconds = 1.0 if small else SECONDS
    targets = ["webhook", *["alertmanager"] * peers.has_alertmanager(), *["alerta"] * peers.has_alerta()]
    rows: list[tuple[object, ...]] = []
    verdicts: list[Verdict] = []
    for case in CASES:
        met = [target for target in targets if target != "alerta" or case in AIMS]
        speeds: dict[str, list[Speed]] = {target: [] for target in met}
        for _ in range(rounds):
            for target in met:
                speeds[target].append(_measure(target, case, seconds))
        medians = {target: Speed(*map(statistics.median, zip(*found, strict=True))) for target, found in speeds.items()}
        rows += _rows(case, medians, speeds)
        verdicts += _verdicts(case, medians)
    title = f"Durable ingest: SQLite with fsync, one process; medians of {rounds} rounds of {seconds:g} s, in turns"
    columns = ("alerts a request", "connections", "who", "alerts/s", "range", "per CPU-s", "p99 ms", "ours is")
    return Section(title, columns, rows, verdicts)


def _measure(target: str, case: Case, seconds: float) -> Speed:
    """Measure one fresh server for a while."""
    with tempfile.TemporaryDirectory() as name, SERVERS[target](Path(name)) as (port, pids):
        before_s = peers.cpu_s(pids)
        connections = min(case.connections, MOST_OF_ALERTA) if target == "alerta" else case.connections
        load = Load(port=port, target=target, alerts=case.alerts, connections=connections, seconds=seconds)
        outcome = send(load)
        used_s = peers.cpu_s(pids) - before_s
    refused = {status: count for status, count in outcome.statuses.items() if not status.startswith("2")}
    if refused:
        raise SystemExit(f"{target} did not take everything: {refused}")
    return Speed(outcome.alerts_per_s, outcome.alerts / max(used_s, 0.01), outcome.p99_ms)


def _rows(case: Case, medians: dict[str, Speed], speeds: dict[str, list[Speed]]) -> list[tuple[object, ...]]:
    names = {"webhook": "incident-copilot", "alertmanager": "Alertmanager", "alerta": "Alerta"}
    rows: list[tuple[object, ...]] = []
    for target, speed in medians.items():
        rates = [one.per_s for one in speeds[target]]
        ratio = "" if target == "webhook" else f"{medians['webhook'].per_s / speed.per_s:.2f}x"
        connections = min(case.connections, MOST_OF_ALERTA) if target == "alerta" else case.connections
        measured = (f"{speed.per_s:,.0f}", f"{min(rates):,.0f} to {max(rates):,.0f}", f"{speed.per_cpu_s:,.0f}")
        rows.append((case.alerts, connections, names[target], *measured, f"{speed.p99_ms:.0f}", ratio))
    return rows


def _verdicts(case: Case, medians: dict[str, Speed]) -> list[Verdict]:
    if case not in AIMS:
        return []
    least, aim = AIMS[case]
    what = f"durable ingest, {case.alerts} a request, {case.connections} connections"
    verdicts = []
    if "alertmanager" in medians:
        ratio = medians["webhook"].per_s / medians["alertmanager"].per_s
        verdicts.append(Verdict(f"{what}: against Alertmanager in memory", f"{ratio:.2f}x", aim, ratio >= least))
    if "alerta" in medians:
        ratio = medians["webhook"].per_s / medians["alerta"].per_s
        measured, aim = f"{ratio:.0f}x", f"at least {TEN_TIMES}x"
        verdicts.append(Verdict(f"{what}: against Alerta", measured, aim, ratio >= TEN_TIMES))
    return verdicts
