"""Where did it begin: Nezha's Train-Ticket faults, by the metrics of the pods alone.

`python -m evals.nezha`; task and baselines are explained in README.md beside this file.
"""

import argparse
import csv
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from incident_copilot.analysis.ranking import Series, rank_series
from incident_copilot.analysis.suspects import rank_suspects

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "timeseries" / "nezha"
SAMPLE_S = 60.0
BEFORE_S = 3600.0
SEEN_S = 4 * SAMPLE_S  # how much of a fault is known when the causes are ranked
TROUBLED_S = 600.0  # after any fault, which are no healthy times
PUBLISHED = {"published Nezha, with logs and traces": (0.867, 0.978, 0.978)}
TITLES = {
    "cpu_pct": "CPU usage",
    "mem_pct": "memory usage",
    "net_rx": "bytes received",
    "net_tx": "bytes sent",
    "client_p90_s": "p90 latency of calls",
    "server_p90_s": "p90 latency of answers",
    "ops": "ops",
    "success_pct": "success",
}

Named = dict[str, Series]


@dataclass(frozen=True)
class Fault:
    """One injected fault, with the hour before it and the healthy rest of the day."""

    at: float
    kind: str
    service: str
    series: Named
    healthy: Named


Ranker = Callable[[Fault, float], list[str]]
"""Returns the services, likeliest first, for an alert at a time."""


def copilot(fault: Fault, at: float) -> list[str]:
    """Return the services as the copilot ranks them; the data names no call graph."""
    return [one.service for one in rank_suspects(rank_series(fault.series, onset=at, healthy=fault.healthy))]


def n_sigma(fault: Fault, at: float) -> list[str]:
    """Return the services by their metric that is farthest from its mean of the hour before, in deviations."""
    return _by_distance(fault, at, lambda before: (before.mean(), before.std()))


def robust(fault: Fault, at: float) -> list[str]:
    """Return the same with median and interquartile range, which is BARO's score."""
    return _by_distance(fault, at, lambda before: (np.median(before), np.subtract(*np.percentile(before, (75, 25)))))


def _by_distance(fault: Fault, at: float, normal: Callable[[np.ndarray], tuple[float, float]]) -> list[str]:
    scores: dict[str, float] = defaultdict(float)
    for one in fault.series.values():
        finite = np.isfinite(one.values)
        before, now = one.values[finite & (one.times < at)], one.values[finite & (one.times >= at)]
        if len(before) and len(now):
            centre, spread = normal(before)
            scores[one.service] = max(scores[one.service], float((now - centre).max() / (spread or 1)))
    return sorted(scores, key=lambda name: -scores[name])


def read(folder: Path) -> list[Fault]:
    """Return the faults of all days."""
    told = json.loads((folder / "faults.json").read_text())
    by_day: dict[str, list[dict[str, str]]] = defaultdict(list)
    for one in told:
        by_day[one["day"]].append(one)
    return [fault for day, faults in by_day.items() for fault in _of_day(folder / f"{day}.csv.gz", faults)]


def _of_day(path: Path, faults: Sequence[Mapping[str, str]]) -> list[Fault]:
    pods = _pods(path)
    starts = [float(one["ts"]) for one in faults]
    found = []
    for one, at in zip(faults, starts, strict=True):
        series, healthy = {}, {}
        for name, all_ in pods.items():
            near = (all_.times >= at - BEFORE_S) & (all_.times < at + SEEN_S)
            calm = ~np.any(
                [(all_.times >= start - SAMPLE_S) & (all_.times < start + TROUBLED_S) for start in starts], 0
            )
            series[name] = Series(all_.times[near], all_.values[near], all_.service)
            healthy[name] = Series(all_.times[calm], all_.values[calm], all_.service)
        found.append(Fault(at, one["type"], one["service"], series, healthy))
    return found


def _pods(path: Path) -> Named:
    """Return each metric of each service; one pod stands for a service there."""
    with gzip.open(path, "rt") as file:
        head, *rows = csv.reader(file)
    by_service: dict[str, list[list[float]]] = defaultdict(list)
    for row in rows:
        by_service[row[-1]].append([float(cell) if cell else np.nan for cell in row[:-1]])
    found = {}
    for service, values in by_service.items():
        table = np.array(sorted(values))
        for place, column in enumerate(head[1:-1], start=1):
            found[f"{TITLES[column]} of {service}"] = Series(table[:, 0], table[:, place], service)
    return found


def accuracy(faults: Sequence[Fault], rank: Ranker, *, late: int = 0) -> dict[str, tuple[int, float, float, float]]:
    """Return (number, AS@1, AS@3, AS@5) over all faults and by kind."""
    places: dict[str, list[int]] = {"all": []}
    for fault in faults:
        found = rank(fault, fault.at + late * SAMPLE_S)
        place = found.index(fault.service) if fault.service in found else len(found) + 5
        places["all"].append(place)
        places.setdefault(fault.kind, []).append(place)
    return {
        name: (len(all_), *(float(np.mean(np.array(all_) < k)) for k in (1, 3, 5)))  # type: ignore[misc]
        for name, all_ in places.items()
    }


def floors(faults: Sequence[Fault]) -> dict[str, tuple[float, float, float]]:
    """Return what needs no look at the metrics: always the commonest causes (known afterwards), and chance."""
    common = Counter(fault.service for fault in faults).most_common(5)
    services = len({one.service for one in faults[0].series.values()})
    return {
        "always the commonest causes, known afterwards": tuple(  # type: ignore[dict-item]
            sum(count for _, count in common[:k]) / len(faults) for k in (1, 3, 5)
        ),
        f"chance, of {services} services": (1 / services, min(1, 3 / services), min(1, 5 / services)),
    }


RANKERS: dict[str, Ranker] = {
    "N-sigma": n_sigma,
    "median and interquartile range (BARO's score)": robust,
    "incident-copilot": copilot,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run it and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the data is")
    folder = parser.parse_args(argv).folder
    if not folder.exists():
        print("skipped: no shared data")
        return 0
    faults = read(folder)
    print(f"Nezha, Train-Ticket: {len(faults)} faults, none left out; metrics only, no call graph")
    print(f"{'':<60} {'AS@1':>6} {'AS@3':>6} {'AS@5':>6}")
    for name, shares in {**floors(faults), **PUBLISHED}.items():
        _print(name, shares)
    for name, rank in RANKERS.items():
        for late in (0, 1):
            told = accuracy(faults, rank, late=late)
            _print(name + ", one sample late" * late, told["all"][1:])
            if not late:
                on_time = told
    for kind, (count, *shares) in list(on_time.items())[1:]:
        _print(f"  of these, {kind} ({count})", shares)
    print("A wrong return value or an exception leaves no mark in these metrics, and a delay of some calls hardly any.")
    return 0


def _print(name: str, shares: Sequence[float]) -> None:
    print(f"{name:<60}", *(f"{share:>6.3f}" for share in shares))


if __name__ == "__main__":
    raise SystemExit(main())
