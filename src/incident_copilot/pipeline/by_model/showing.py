"""How tools word what they show: rows, times, changes, and what there is where nothing of a name is."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from incident_copilot.analysis.words import figure
from incident_copilot.domain.evidence import Evidence
from incident_copilot.llm.log_lines import as_template
from incident_copilot.pipeline.by_model.material import Material, Seen, title_of

Points = NDArray[np.float64]
MOST_ROWS = 20
MOST_DIFF = 400


def nothing(what: str, there_are: Mapping[str, Evidence]) -> Seen:
    """Return that there is nothing of a name, and what there is instead."""
    rows = [f"{label}: {title_of(item)}" for label, item in list(there_are.items())[:MOST_ROWS]]
    return Seen("\n".join([f"There is {what}.{' There are:' if rows else ''}", *rows]), is_there=False)


def change(label: str, item: Evidence) -> str:
    """Return a change with the beginning of its diff."""
    data = item.data
    told = f"{label}: {data['service']} {data.get('version') or ''} at {clock(float(data['at']))}, {item.summary}"
    diff = str(data.get("diff") or "")[:MOST_DIFF]
    return f"{told}\n{diff}" if diff else told


def listed(names: Iterable[str] | Sequence[str]) -> str:
    """Return names with commas between them."""
    return ", ".join(list(names)[:MOST_ROWS]) or "nothing"


def clock(at: float) -> str:
    """Return a time of the day in UTC."""
    return f"{datetime.fromtimestamp(at, UTC):%H:%M:%S}"


def points_of(item: Evidence) -> Points:
    """Return the points of a metric, a row each."""
    return np.array(item.data["points"], dtype=np.float64).reshape(-1, 2)


def parted(points: Points, material: Material) -> tuple[Points, Points]:
    """Return the points before and since the trouble began."""
    onset = material.incident.started_at.timestamp()
    return points[points[:, 0] < onset], points[points[:, 0] >= onset]


def unit_of(item: Evidence) -> str:
    """Return the unit of a metric as it stands behind a number."""
    return f" {item.data['unit']}" if item.data.get("unit") else ""


def spread(points: Points, unit: str) -> str:
    """Return what points lie between."""
    if not len(points):
        return "no points"
    low, middle, high = np.percentile(points[:, 1], [0, 50, 100]).tolist()
    return f"median {figure(middle)}{unit}, from {figure(low)} to {figure(high)}, {len(points)} points"


def before_and_since(label: str, item: Evidence, material: Material) -> str:
    """Return a metric in one line."""
    before, since = parted(points_of(item), material)
    unit = unit_of(item)
    return f"{label}: {title_of(item)}; before: {spread(before, unit)}; since: {spread(since, unit)}"


def message(one: Mapping[str, object]) -> str:
    """Return a message of a log that changed, as its template, with how often it comes."""
    before, now = (figure(float(str(one[name]))) for name in ("per_minute_before", "per_minute"))
    rates = f"{before} a minute before, {now} now"
    return (
        f"{one['change']}: {as_template(str(one['message']))} ({rates}, first {clock(float(str(one['first_seen'])))})"
    )
