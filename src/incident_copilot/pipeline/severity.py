"""Change an incident's severity; raised to P1 or P0 it gets a channel of its own, linked from its thread."""

from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import Place, Show
from incident_copilot.domain.incident import Incident, ScoreSheet, Severity, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.pipeline import ledger, opening, show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents
from incident_copilot.store.db import Tx


async def change(
    tx: Tx,
    deps: Deps,
    incident: Incident,
    severity: Severity,
    *,
    actor: str,
    reason: str,
    sheet: ScoreSheet | None = None,
) -> Incident:
    """Set the severity of a locked incident, log it, and show it where it now belongs."""
    changed = incident.model_copy(update={"severity": severity, "score_sheet": sheet or incident.score_sheet})
    needs_channel = _needs_channel(incident, severity)
    if needs_channel:
        await _link_thread(tx, deps, incident, severity)
        changed = changed.model_copy(update={"channel_id": None, "thread_ts": None})
    await incidents.save(tx, changed)
    await ledger.write(
        tx,
        deps,
        incident.id,
        LogKind.SEVERITY_SET,
        actor,
        {"from": incident.severity.value, "to": severity.value, "because": reason},
    )
    if needs_channel:
        await opening.open_channel(tx, deps, changed)
    else:
        await show.card(tx, deps, incident.id)
    if changed.status is Status.OPEN and severity.rank < incident.severity.rank:
        await wakeups.remind(tx, deps, incident.id, at=deps.now() + severity.response_time)
    return changed


def _needs_channel(incident: Incident, severity: Severity) -> bool:
    was_small = incident.severity in (Severity.P2, Severity.P3)
    has_own = incident.channel_id is not None and incident.thread_ts is None
    return was_small and severity in (Severity.P0, Severity.P1) and not has_own


async def _link_thread(tx: Tx, deps: Deps, incident: Incident, severity: Severity) -> None:
    text = f"{incident.label} is now {severity} {severity.word} and goes on in a channel of its own, linked above."
    deed = Show(place=Place.ANNOUNCE, slot=f"notice:raised:{severity}", content=Notice(text=text), under="announcement")
    await show.send(tx, deps, incident, deed, stream=f"announce:{incident.id}")
