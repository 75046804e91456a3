"""Read the metric that alerted, now: for the restoration check and to verify an action."""

import asyncio
import operator
from collections.abc import Callable, Sequence
from datetime import timedelta

from incident_copilot.analysis.words import number
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import Frozen
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline.asking import Asking
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.drill_world import in_its_world
from incident_copilot.ports import Question
from incident_copilot.vendors.promql import condition

__all__ = ["Reading", "alerting_metrics", "is_about", "number", "query_of"]

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
LOOK_BACK = timedelta(minutes=2)


class Reading(Frozen):
    """The latest value of an alerting metric; `healthy` None: it could not be read or has no limit."""

    text: str
    healthy: bool | None
    value: float | None = None
    evidence: Evidence | None = None


def query_of(alert: Alert) -> str | None:
    """Return the query of what the alert measures, without its threshold; None where the source names no expression."""
    return condition(alert.expression).query if alert.expression else None


def is_about(item: Evidence, alert: Alert) -> bool:
    """Whether a piece of evidence is the metric that this alert measures."""
    # What a model had asked of another time is no reading of how the incident went.
    if item.kind is not EvidenceKind.METRIC or not item.data["points"] or item.data.get("window"):
        return False
    if told := item.data.get("observed"):
        return bool(told == [alert.labels.get("system"), alert.labels.get("metric"), alert.labels.get("group", "")])
    return item.query == query_of(alert)


async def alerting_metrics(
    deps: Deps, incident: Incident, alerts: Sequence[Alert], *, deadline_s: float
) -> list[Reading]:
    """Return one reading for each expression with a threshold that the alerts name, at most three."""
    deps = await in_its_world(deps, incident.id)
    by_query = {alert.expression: alert for alert in alerts if alert.expression and _has_threshold(alert.expression)}
    measurable = list(by_query.values())[:3]
    return list(await asyncio.gather(*(_read(deps, incident, alert, deadline_s) for alert in measurable)))


async def _read(deps: Deps, incident: Incident, alert: Alert, deadline_s: float) -> Reading:
    now = deps.now()
    question = Question(incident=incident, alerts=(alert,), services=(), repos={}, since=now - LOOK_BACK, until=now)
    heard = await Asking.begin(deps.context_sources, question).heard(timedelta(seconds=deadline_s))
    found = [item for item in heard.evidence if is_about(item, alert)]
    if not found:
        return Reading(text=f"{alert.name}: the metric could not be read in {deadline_s:g} s", healthy=None)
    return _judge(alert, found)


def _has_threshold(expression: str) -> bool:
    return condition(expression).threshold is not None


def _judge(alert: Alert, found: Sequence[Evidence]) -> Reading:
    _, comparison, limit = condition(str(alert.expression))
    broken = OPERATORS[str(comparison)]
    latest = [(float(item.data["points"][-1][1]), item) for item in found]
    over = [(value, item) for value, item in latest if broken(value, float(limit or 0))]
    value, worst = (over or latest)[0]
    unit = str(worst.data.get("unit", ""))
    state = "still over its limit" if over else "back inside its limit"
    text = f"{alert.name}: {number(value, unit)}, {state} of {number(float(limit or 0), unit)}"
    return Reading(text=text, healthy=not over, value=value, evidence=worst)
