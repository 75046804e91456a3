"""Look whether what was broken works again: the incident's alerts, and the metric that alerted."""

from collections.abc import Sequence

from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.verdict import SOURCE, Outcome
from incident_copilot.pipeline import measure
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.ending import CheckLine, RestorationCheck
from incident_copilot.store import alerts, incidents, verdicts
from incident_copilot.store.db import Tx

NAMED = 3
DEADLINE_S = 1.5  # a modal must open within Slack's three seconds


async def check(deps: Deps, incident_id: str) -> RestorationCheck:
    """Return what was found; asks the sources, so it is called outside of transactions.

    Raises:
        UnknownThing: there is no such incident.
    """
    async with deps.db.read() as db:
        incident = await incidents.get(db, incident_id)
        members = await alerts.belonging(db, incident_id)
        monitored = await _monitored(db, deps, members)
    readings = await measure.alerting_metrics(deps, incident, members, deadline_s=DEADLINE_S)
    metrics = [CheckLine(text=reading.text, ok=reading.healthy) for reading in readings]
    return RestorationCheck(lines=(_alerts(members), *monitored, *metrics))


def red_lines(found: RestorationCheck) -> str:
    """Return in words what is still broken."""
    return "; ".join(line.text for line in found.lines if line.ok is False)


async def _monitored(db: Tx, deps: Deps, members: Sequence[Alert]) -> list[CheckLine]:
    """Return what monitors say now of what they raised and still fires, such as since when nothing new was found."""
    raised = [one.labels for one in members if one.source == SOURCE and one.status is AlertStatus.FIRING][:NAMED]
    about = [(one["system"], one["monitor"], one["metric"], one.get("group", "")) for one in raised]
    systems = sorted({system for system, *_ in about})
    told = [one for system in systems for one in await verdicts.of(db, deps.workspace_id, system)]
    firing = [one for one in told if one.outcome is Outcome.FIRING]
    still = [one for one in firing if (one.system, one.monitor, one.metric, one.group) in about]
    return [CheckLine(text=f"{one.system}: {one.summary}", ok=False) for one in still]


def _alerts(members: Sequence[Alert]) -> CheckLine:
    if not members:
        return CheckLine(text="no alert belongs to this incident", ok=None)
    firing = [alert.name for alert in members if alert.status is AlertStatus.FIRING]
    if firing:
        more = f" and {len(firing) - NAMED} more" if len(firing) > NAMED else ""
        text = f"{len(firing)} of {len(members)} alerts still firing: {', '.join(firing[:NAMED])}{more}"
        return CheckLine(text=text, ok=False)
    return CheckLine(text=all_resolved(members), ok=True)


def all_resolved(members: Sequence[Alert]) -> str:
    """Return in words that no alert of an incident fires any more."""
    return f"all {len(members)} alerts have resolved" if len(members) > 1 else "its only alert has resolved"
