"""Read the figures of AI systems that monitors found wrong, since an action: there is no source to ask, they were told.

What was told before the action and since is looked at by the monitor that raised the alert, against the same baseline.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from incident_copilot.analysis.monitoring import returning, saying, seasons, windows
from incident_copilot.analysis.monitoring.judging import TOGETHER
from incident_copilot.analysis.monitoring.returning import Return
from incident_copilot.domain.action import Verify
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import Frozen, Utc
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.monitoring import MonitoredSystem
from incident_copilot.domain.observation import Figure, Observed
from incident_copilot.domain.proposal import Proposal
from incident_copilot.domain.verdict import SOURCE, Verdict
from incident_copilot.pipeline import monitor, monitor_inputs
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigating import observed
from incident_copilot.pipeline.measure import Reading
from incident_copilot.ports import Monitor, Watched
from incident_copilot.store import observations

AT_MOST = 3
HOUR = timedelta(hours=1)
BY_THE_HOUR = ("cost.", "provider.latency", "data.rows", "unusual(", "increase(cost", "decrease(cost")
"""What monitors look at by whole hours: the hour of the action says nothing."""
_SHOWN_BEFORE = timedelta(hours=1)


class Acted(Frozen):
    """When something was done about an incident first, when the action was that is verified, and since when to look."""

    first: Utc
    at: Utc
    since: Utc


class _Sought(NamedTuple):
    """What is to be read: whose figure, by which monitor (None: any), wrong since when, under which name."""

    name: str
    system: str
    monitor: str | None
    metric: str
    group: str
    began: datetime


class _Told(NamedTuple):
    """What is stored of a system around an incident, and what its monitors say of it until the action and since."""

    system: MonitoredSystem
    figures: Sequence[Observed]
    since: datetime
    before: Mapping[str, Verdict]
    now: Mapping[str, Verdict]


async def figures(
    deps: Deps, incident: Incident, members: Sequence[Alert], wanted: Verify, acted: Acted
) -> list[Reading]:
    """Return a reading for each figure that is wanted, else for each that the monitors raised, at most three."""
    sought = _sought(incident, members, wanted)
    found = [reading for one in sought for reading in await _read(deps, incident, one, acted)]
    return found[:AT_MOST]


def wanted(proposal: Proposal) -> Verify:
    """Return by which figure an action is verified, as its proposal was shown."""
    said = proposal.shown.get("verify", True)
    return Verify.model_validate(said) if isinstance(said, Mapping) else Verify()


def are_raised_by_monitors(members: Sequence[Alert]) -> bool:
    """Whether monitors raised an alert of an incident, so that what was told is looked at."""
    return any(alert.source == SOURCE for alert in members)


def _sought(incident: Incident, members: Sequence[Alert], wanted: Verify) -> list[_Sought]:
    if wanted.metric:
        names = [wanted.system] if wanted.system else observed.system_names(incident, members)
        began = min((alert.starts_at for alert in members), default=incident.started_at)
        return [_Sought("", name, wanted.monitor, wanted.metric, wanted.group, began) for name in names[:1]]
    raised = [alert for alert in members if alert.source == SOURCE][:AT_MOST]
    return [
        _Sought(
            alert.name,
            alert.labels["system"],
            alert.labels["monitor"],
            alert.labels["metric"],
            alert.labels.get("group", ""),
            alert.starts_at,
        )
        for alert in raised
    ]


async def _read(deps: Deps, incident: Incident, sought: _Sought, acted: Acted) -> list[Reading]:
    since, ready = _begins(sought.metric, acted.since, deps.now())
    if deps.now() < ready:
        text = f"{_titled(sought, sought.metric, sought.group)}: it is looked at by whole hours, at {ready:%H:%M} UTC"
        return [Reading(text=text, healthy=None)]
    told = await _told(deps, sought, max(sought.began, acted.first), since)
    raised = _raised(told, sought)
    if sought.metric == TOGETHER:
        each = [sought._replace(monitor=one.monitor, metric=one.metric, group=one.group) for one in raised[:AT_MOST]]
        return [reading for one in each for reading in await _read(deps, incident, one, acted)]
    if not raised:
        text = f"{_titled(sought, sought.metric, sought.group)}: nothing is known of it from before the action"
        return [Reading(text=text, healthy=None)]
    return [_reading(deps, incident, sought, told, one) for one in raised[:AT_MOST]]


def _begins(metric: str, since: datetime, now: datetime) -> tuple[datetime, datetime]:
    """Return from when on figures count, and from when on they can be read; what is folded is known by the hour."""
    whole = since.replace(minute=0, second=0, microsecond=0) + HOUR
    if metric.startswith(BY_THE_HOUR):
        return whole, whole + HOUR
    return (whole if whole <= now - monitor.FOLD_AFTER else since), since


async def _told(deps: Deps, sought: _Sought, wrong_at: datetime, since: datetime) -> _Told:
    system, monitors = monitor_inputs.system_of(deps, sought.system)
    usual_until = monitor.window_begin(system, sought.began)
    metrics = None if sought.metric == TOGETHER else {_bare(sought.metric)}
    first, now = usual_until - timedelta(days=system.baseline_days), deps.now()
    async with deps.db.read() as db:
        told = await observations.between(db, deps.workspace_id, system.name, first, now, metrics)
    seen = seasons.by_clock(told, system.zone)
    usual = [one for one in seen if one.at <= usual_until]

    def looked(began: datetime, until: datetime) -> dict[str, Verdict]:
        current = [one for one in seen if began < one.at <= until]
        watched = Watched(system.name, until, usual, current, began, system.window)
        return {one.key: one for one in monitor.said(watched, _chosen(monitors, sought))}

    before = await asyncio.to_thread(looked, monitor.window_begin(system, wrong_at), wrong_at)
    return _Told(system, seen, since, before, await asyncio.to_thread(looked, since, now))


def _chosen(monitors: Sequence[Monitor], sought: _Sought) -> list[Monitor]:
    is_any = sought.monitor is None or sought.metric == TOGETHER
    return [one for one in monitors if is_any or one.name == sought.monitor]


def _raised(told: _Told, sought: _Sought) -> list[Verdict]:
    """Return what was wrong: each of weak signals that alerted together, else what the monitors say of the figure."""
    wrong = [one for one in told.before.values() if returning.is_wrong(one, told.system.level)]
    if sought.metric == TOGETHER:
        return wrong
    about = [one for one in told.before.values() if (one.metric, one.group) == (sought.metric, sought.group)]
    return [one for one in about if one in wrong] or about[:1]


def _reading(deps: Deps, incident: Incident, sought: _Sought, told: _Told, before: Verdict) -> Reading:
    metric, group = _bare(before.metric), before.group
    own = [one for one in told.figures if (one.figure.metric, one.figure.group) == (metric, group)]
    since = [one for one in own if one.at > told.since]
    now = told.now.get(before.key)
    found = returning.returned(now, before, [one.figure for one in since], told.system.level)
    shown = [one for one in own if one.at > min(sought.began, told.since) - _SHOWN_BEFORE]
    series = observed.series_evidence(deps, incident, observed.Watched(told.system.name, shown))
    figures = _before_and_since(told, own, before, now)
    text = f"{_titled(sought, before.metric, group)} {figures}; {_state(found)}"
    return Reading(
        text=text, healthy=found.is_back, value=now.value if now else None, evidence=next(iter(series), None)
    )


def _before_and_since(told: _Told, own: Sequence[Observed], before: Verdict, now: Verdict | None) -> str:
    """Return in words what a figure was, is since, and usually is, each with its interval where it has one."""
    until = monitor.window_begin(told.system, before.at)
    was = windows.together(one for one in own if until < one.at <= before.at)
    since = windows.together(one for one in own if one.at > told.since)
    parts = [f"{_figure(before, was)} before"]
    parts += [f"{_figure(now, since)} since"] if now and now.value is not None else []
    parts += [f"usually {saying.number(before.baseline)}"] if before.baseline is not None else []
    return ", ".join(parts)


def _figure(verdict: Verdict, seen: Figure | None) -> str:
    value = "not told" if verdict.value is None else saying.number(verdict.value)
    interval = returning.interval_of(seen)
    if interval is None:
        return value
    cases = f"n {seen.n:,}" if seen and seen.n else "n not told"
    return f"{value} (95 % {saying.number(interval.low)} to {saying.number(interval.high)}, {cases})"


def _state(found: Return) -> str:
    if found.is_back is not None:
        return "back to what is usual" if found.is_back else "not back to what is usual"
    if not found.n:
        return "nothing was told of it since"
    wanted = f", about {found.wanted:,} are needed" if found.wanted and found.wanted > found.n else ""
    return f"not sure yet with {found.n:,} cases since{wanted}"


def _titled(sought: _Sought, metric: str, group: str) -> str:
    named = f"{sought.system} {saying.named((metric, group))}"
    return f"{sought.name}: {named}" if sought.name else named


def _bare(metric: str) -> str:
    """Return the metric that a rule such as increase(cost.usd) is about."""
    return metric.partition("(")[2].rstrip(")") or metric
