"""Remember how the incidents that alerts opened turned out, and say it when they open the next one."""

from datetime import timedelta

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.incident import Ending, Factor, Incident, ScoreSheet
from incident_copilot.domain.track_record import TrackRecord, TurnedOut
from incident_copilot.pipeline import measure
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import alerts, evidence, outcomes
from incident_copilot.store.db import Tx
from incident_copilot.vendors.promql import condition

FACTOR = "history"
MOMENTS = timedelta(minutes=10)
"""How long the alert of an incident that healed by itself has fired at most."""


async def note_end(tx: Tx, deps: Deps, ended: Incident) -> None:
    """Note how an incident turned out; not of drills, of what people declared, and of what is part of another one."""
    alert = await alerts.opener(tx, deps.workspace_id, ended.id)
    if ended.test or ended.ending is Ending.MERGED or alert is None:
        return
    await outcomes.note(
        tx,
        deps.workspace_id,
        ended.id,
        name=alert.name,
        service=alert.service,
        outcome=_outcome(ended, alert),
        ended_at=deps.now(),
        lasted_s=((alert.ends_at or deps.now()) - alert.starts_at).total_seconds(),
        **await _worst(tx, ended, alert),
    )


def with_record(sheet: ScoreSheet, record: TrackRecord) -> ScoreSheet:
    """Return a score sheet that tells the alert's record; it counts nothing for the severity."""
    if not record.text:
        return sheet
    factor = Factor(name=FACTOR, impact=record.likely_false, weight=0.0, reason=record.text)
    return sheet.model_copy(update={"factors": (*sheet.factors, factor)})


async def _worst(tx: Tx, ended: Incident, alert: Alert) -> dict[str, float]:
    """Return how far the alert's metric went beyond its limit while it fired, and the limit; nothing where not read."""
    _, comparison, bound = condition(alert.expression) if alert.expression else (None, None, None)
    if comparison is None or bound is None:
        return {}
    began = alert.starts_at.timestamp()
    readings = [item for item in await evidence.of_incident(tx, ended.id) if measure.is_about(item, alert)]
    values = [float(value) for item in readings for at, value in item.data["points"] if float(at) >= began]
    if not values:
        return {}
    return {"worst": max(values) if comparison.startswith(">") else min(values), "bound": bound}


def _outcome(ended: Incident, alert: Alert) -> TurnedOut:
    if ended.ending is Ending.FALSE_ALARM:
        return TurnedOut.FALSE_ALARM
    was_short = alert.ends_at is not None and alert.ends_at - alert.starts_at <= MOMENTS
    healed = ended.ending is Ending.SELF_RECOVERED and was_short and ended.acknowledged_by is None
    return TurnedOut.SELF_HEALED if healed else TurnedOut.TROUBLE
