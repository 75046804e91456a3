"""The chart of the alerting metric, with onset and deploys marked, shared in the brief's thread."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import timedelta

from incident_copilot.charts import png
from incident_copilot.charts.chart import Chart, Mark
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.effect import Place, Upload
from incident_copilot.domain.evidence import ContextBundle, Evidence, EvidenceKind
from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline import show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigate import Investigation
from incident_copilot.pipeline.measure import is_about, number
from incident_copilot.store import effects
from incident_copilot.store.db import Tx
from incident_copilot.vendors.promql import condition

BEFORE = timedelta(hours=1)
"""How much of the time before the first alert is looked at."""
MARKED_DEPLOYS = 3
SHOWN = timedelta(minutes=15)
SHOWN_BEFORE_ONSET = timedelta(minutes=10)


def draw(members: Sequence[Alert], bundle: ContextBundle, found: Investigation) -> list[Upload]:
    """Return the uploads of one chart an alerting metric, at most two; none where no metric could be read."""
    metrics = [item for item in bundle.evidence if item.kind is EvidenceKind.METRIC and len(item.data["points"]) > 1]
    pairs = {slot_of(item): (alert, item) for alert in members for item in metrics if is_about(item, alert)}
    return [_upload(alert, item, bundle, found) for alert, item in list(pairs.values())[:2]]


async def share(tx: Tx, deps: Deps, incident: Incident, charts: Sequence[Upload]) -> None:
    """Put charts that were not shared before into the thread of the brief."""
    shared = {
        effect.deed.slot for effect in await effects.by_incident(tx, incident.id) if isinstance(effect.deed, Upload)
    }
    for upload in charts:
        if upload.slot not in shared:
            stream = f"charts:{incident.id}"
            await show.send(tx, deps, incident, upload, stream=stream, priority=show.LATER)


def slot_of(item: Evidence) -> str:
    """Return the slot under which the chart of a metric is shared."""
    return f"chart:{hashlib.sha256(str(item.query).encode()).hexdigest()[:16]}"


def chart_of(alert: Alert, item: Evidence, bundle: ContextBundle, found: Investigation) -> Chart:
    """Return the chart of an alerting metric: its limit, the onset, the deploys near it and the alert."""
    begins = float(item.data["points"][-1][0]) - SHOWN.total_seconds()
    marks = [Mark(at=alert.starts_at.timestamp(), label="alert", kind="alert")]
    if found.onset:
        onset = found.onset.at.timestamp()
        begins = min(begins, onset - SHOWN_BEFORE_ONSET.total_seconds())
        marks.append(Mark(at=onset, label="onset", kind="onset"))
    marks += _deploys(bundle, begins)
    return Chart(
        title=item.title,
        unit=str(item.data.get("unit", "")),
        points=tuple((float(at), float(value)) for at, value in item.data["points"] if at >= begins),
        marks=tuple(sorted(marks, key=lambda mark: mark.at)),
        limit=condition(alert.expression).threshold if alert.expression else None,
    )


def _deploys(bundle: ContextBundle, begins: float) -> list[Mark]:
    changes = [item.data for item in bundle.evidence if item.kind is EvidenceKind.CHANGE and item.data["at"] >= begins]
    newest = sorted(changes, key=lambda change: float(change["at"]))[-MARKED_DEPLOYS:]
    return [
        Mark(at=float(change["at"]), label=f"{change['service']} {change['version']}", kind="change")
        for change in newest
    ]


def alt_text(chart: Chart) -> str:
    """Return the chart in words, for people who do not see it."""
    values = [value for _, value in chart.points]
    marks = ", ".join(mark.label for mark in chart.marks)
    low, high, last = (number(value, chart.unit) for value in (min(values), max(values), values[-1]))
    return f"{chart.title}: between {low} and {high}, now {last}. Marked: {marks}."[:1000]


def _upload(alert: Alert, item: Evidence, bundle: ContextBundle, found: Investigation) -> Upload:
    chart = chart_of(alert, item, bundle, found)
    return Upload(
        place=Place.INCIDENT,
        slot=slot_of(item),
        name=f"{alert.name}.png",
        title=item.title,
        alt=alt_text(chart),
        content=base64.b64encode(png.draw(chart)).decode(),
        under="brief",
    )
