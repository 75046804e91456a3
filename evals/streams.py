"""The alert streams of ITBench with their truth, as the shared data has them."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.catalog import Catalog, Service

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "alert_correlation" / "itbench_streams"


@dataclass(frozen=True)
class Event:
    """One alert as it was received, the group it belongs to in truth (None for noise), and its place in the stream."""

    alert: Alert
    received: datetime
    truth: str | None
    place: int


@dataclass(frozen=True)
class Stream:
    """Some hours of alerts; `mode` says how its faults lie to one another."""

    name: str
    mode: str
    events: tuple[Event, ...]


def read(folder: Path) -> list[Stream]:
    """Return all streams of the dev split."""
    truth = {row["id"]: row["truth"] for row in _rows(folder / "truth_dev.jsonl")}
    return [
        Stream(
            name=row["id"],
            mode=row["mode"].split(",")[0].split(":")[0].lower(),
            events=tuple(
                _event(event, said, place)
                for place, (event, said) in enumerate(zip(row["events"], truth[row["id"]], strict=True))
            ),
        )
        for row in _rows(folder / "streams_dev.jsonl")
    ]


def catalog(folder: Path) -> Catalog:
    """Return the topology as a catalogue has it: an effect depends on its cause."""
    depends_on: dict[str, list[str]] = defaultdict(list)
    for edge in json.loads((folder / "topology_from_propagations.json").read_text()):
        depends_on[edge["effect"]].append(edge["cause"])
        depends_on[edge["cause"]] += []
    return Catalog(services=tuple(Service(name=name, depends_on=tuple(on)) for name, on in depends_on.items()))


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open() as lines:
        for line in lines:
            yield json.loads(line)


def _event(row: Mapping[str, Any], truth: str | None, place: int) -> Event:
    labels, received = row["labels"], datetime.fromisoformat(row["received"])
    status = AlertStatus(row["status"])
    alert = Alert(
        source="itbench",
        fingerprint=row["fingerprint"],
        name=labels["alertname"],
        status=status,
        severity=labels["severity"],
        service=labels.get("service"),
        labels=labels,
        starts_at=datetime.fromisoformat(row["startsAt"]),
        ends_at=received if status is AlertStatus.RESOLVED else None,
    )
    return Event(alert, received, truth, place)
