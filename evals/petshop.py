"""Where did it begin: root causes of PetShop's injected issues, by its metrics and its call graph.

`python -m evals.petshop`; task and baselines are explained in README.md beside this file.
"""

import argparse
import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from incident_copilot.analysis.ranking import Series, rank_series
from incident_copilot.analysis.suspects import Symptom, rank_suspects

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "timeseries" / "petshop"
SAMPLE_S = 300.0
SYMPTOMS: dict[str, Symptom] = {"latency": "latency", "availability": "errors"}
STATISTICS = ("Average", "Sum")
PUBLISHED = {
    "published MAD traversal, low and high traffic (52 issues)": (0.654, 0.827),
    "published MAD traversal, low traffic only, from its printed cells (26)": (0.692, 0.769),
}

Columns = dict[tuple[str, str, str], tuple[np.ndarray, np.ndarray]]
"""Times and values by (node, metric, statistic)."""


@dataclass(frozen=True)
class Issue:
    """One injected issue: what alerted and when, what was measured around it, and where it really began."""

    scenario: str
    node: str
    metric: str
    at: float
    columns: Columns
    healthy: Columns
    graph: dict[str, list[str]]
    root: str


Ranker = Callable[[Issue, float], list[str]]
"""Returns the nodes, likeliest first, for an alert at a time."""


def copilot(issue: Issue, at: float, *, follow: bool = True) -> list[str]:
    """Return the nodes as the copilot ranks them; without the call graph where it is not to be followed."""
    ranked = rank_series(series_of(issue.columns), onset=at, healthy=series_of(issue.healthy))
    known = {"alerting": issue.node, "depends_on": issue.graph} if follow else {}
    return [one.service for one in rank_suspects(ranked, symptom=SYMPTOMS[issue.metric], **known)]  # type: ignore[arg-type]


def n_sigma(issue: Issue, at: float) -> list[str]:
    """Return the nodes by the largest distance of the alerting metric from its mean, in standard deviations."""
    scores = {}
    for (node, metric, statistic), (times, values) in issue.columns.items():
        healthy = issue.healthy.get((node, metric, statistic), (times, values[:0]))[1]
        healthy, now = healthy[np.isfinite(healthy)], values[(times >= at) & np.isfinite(values)]
        if metric == issue.metric and statistic == "Average" and len(healthy) > 2 and len(now):
            scores[node] = float(np.abs(now - healthy.mean()).max() / (healthy.std() or 1))
    return sorted(scores, key=lambda node: -scores[node])


def read(folder: Path) -> list[Issue]:
    """Return the issues of every scenario in a folder."""
    return [
        issue for graph in sorted(folder.glob("*/graph.csv")) for issue in _of_scenario(graph.parent, _graph(graph))
    ]


def _of_scenario(folder: Path, graph: dict[str, list[str]]) -> Iterator[Issue]:
    healthy = _columns(folder / "noissue" / "metrics.csv")
    for target in sorted(folder.glob("*/*/target.json")):
        told = json.loads(target.read_text())
        alert = told["target"]
        yield Issue(
            folder.name,
            alert["node"],
            alert["metric"],
            float(alert["timestamp"]),
            _columns(target.parent / "metrics.csv"),
            healthy,
            graph,
            told["root_cause"]["node"],
        )


def _graph(path: Path) -> dict[str, list[str]]:
    """Return whom each node calls; a row of the matrix is the caller."""
    head, *rows = csv.reader(path.read_text().splitlines())
    return {row[0]: [name for name, calls in zip(head[1:], row[1:], strict=True) if float(calls)] for row in rows}


def _columns(path: Path) -> Columns:
    node, metric, statistic, _, *rows = csv.reader(path.read_text().splitlines())
    times = np.array([float(row[0]) for row in rows])
    values = np.array([[float(cell) if cell else np.nan for cell in row[1:]] for row in rows])
    heads = zip(node[1:], metric[1:], statistic[1:], strict=True)
    return {head: (times, values[:, place]) for place, head in enumerate(heads)}


def series_of(columns: Columns) -> dict[str, Series]:
    """Return the statistics that the alerts are about, with the counts of requests beside them."""
    return {
        f"{statistic} {metric} of {node}": Series(times, values, node)
        for (node, metric, statistic), (times, values) in columns.items()
        if statistic in STATISTICS
    }


def recall(issues: Sequence[Issue], rank: Ranker, *, late: int = 0) -> dict[str, tuple[int, float, float]]:
    """Return (number, top-1 recall, top-3 recall) over all issues and by the metric that alerted."""
    places: dict[str, list[int]] = {"all": []}
    for issue in issues:
        found = rank(issue, issue.at + late * SAMPLE_S)
        place = found.index(issue.root) if issue.root in found else len(found) + 3
        places["all"].append(place)
        places.setdefault(f"{issue.scenario}, {issue.metric}", []).append(place)
    return {name: (len(all_), *(float(np.mean(np.array(all_) < k)) for k in (1, 3))) for name, all_ in places.items()}  # type: ignore[misc]


def floors(issues: Sequence[Issue]) -> dict[str, tuple[float, float]]:
    """Return what needs no look at the metrics: always the commonest causes (known afterwards), and chance."""
    common = Counter(issue.root for issue in issues).most_common(3)
    nodes = [len({node for node, _, _ in issue.columns}) for issue in issues]
    return {
        "always the commonest causes, known afterwards": (
            common[0][1] / len(issues),
            sum(count for _, count in common) / len(issues),
        ),
        "chance": (float(np.mean([1 / count for count in nodes])), float(np.mean([3 / count for count in nodes]))),
    }


RANKERS: dict[str, Ranker] = {
    "N-sigma on the alerting metric": n_sigma,
    "incident-copilot without the call graph": lambda issue, at: copilot(issue, at, follow=False),
    "incident-copilot": copilot,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run it and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the scenarios are")
    folder = parser.parse_args(argv).folder
    issues = read(folder)
    if not issues:
        print("skipped: no shared data")
        return 0
    print(f"PetShop: {len(issues)} issues, none left out")
    print(f"{'':<72} {'top-1':>6} {'top-3':>6}")
    for name, (top1, top3) in {**floors(issues), **PUBLISHED}.items():
        print(f"{name:<72} {top1:>6.3f} {top3:>6.3f}")
    for name, rank in RANKERS.items():
        for late in (0, 1):
            told = recall(issues, rank, late=late)
            print(f"{name + ', one sample late' * late:<72} {told['all'][1]:>6.3f} {told['all'][2]:>6.3f}")
    for name, (count, top1, top3) in list(told.items())[1:]:
        print(f"{f'  of these, {name} ({count})':<72} {top1:>6.3f} {top3:>6.3f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
