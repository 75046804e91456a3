"""Change an incident's severity; raised to P1 or P0 it gets a channel of its own, linked from its thread.

What is proposed goes by severity, as how an AI incident is contained does, so that it is looked at again.
"""

from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import Place, SetTopic, Show
from incident_copilot.domain.incident import Incident, ScoreSheet, Severity, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import ProposalState
from incident_copilot.pipeline import chosen, housing, ledger, opening, show, wakeups
from incident_copilot.pipeline.comms import promised
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import evidence, incidents, proposals, texts
from incident_copilot.store.db import Tx


async def change(
    tx: Tx,
    deps: Deps,
    incident: Incident,
    severity: Severity,
    *,
    actor: str,
    because: str,
    reason: str = "",
    sheet: ScoreSheet | None = None,
) -> Incident:
    """Set the severity of a locked incident, log it, and show it where it now belongs.

    `because` is our own word for it; `reason` is what a person wrote, kept where it can be erased.
    """
    changed = incident.model_copy(
        update={
            "severity": severity,
            "severity_name": chosen.severity_name(deps, incident.team, severity),
            "score_sheet": sheet or incident.score_sheet,
        }
    )
    needs_channel = await _needs_channel(tx, incident, severity)
    if needs_channel:
        await _link_thread(tx, deps, incident, severity)
        changed = changed.model_copy(update={"channel_id": None, "thread_ts": None})
    await incidents.save(tx, changed)
    await _log(tx, deps, incident, severity, actor=actor, because=because, reason=reason)
    if needs_channel:
        await opening.open_channel(tx, deps, changed)
        await _move_in(tx, deps, changed)
    else:
        await _show(tx, deps, changed)
    if changed.status is Status.OPEN:
        await wakeups.cancel(tx, deps, wakeups.Work.REMIND, incident.id)
        await wakeups.remind(tx, deps, incident.id, at=deps.now() + deps.catalog.escalation.response_time(severity))
    await promised.plan(tx, deps, changed)
    await wakeups.gather(tx, deps, changed.id, at=deps.now())
    return changed


async def _log(tx: Tx, deps: Deps, was: Incident, severity: Severity, *, actor: str, because: str, reason: str) -> None:
    payload: dict[str, object] = {"from": was.severity.value, "to": severity.value, "because": because}
    if reason:
        payload["reason"] = await texts.store_text(tx, incident_id=was.id, author=actor, text=reason, now=deps.now())
    await ledger.write(tx, deps, was.id, LogKind.SEVERITY_SET, actor, payload)


async def _show(tx: Tx, deps: Deps, changed: Incident) -> None:
    await show.card(tx, deps, changed.id)
    if show.has_channel(changed):
        topic = SetTopic(text=opening.topic(changed))
        await show.send(tx, deps, changed, topic, stream=f"topic:{changed.id}")


async def _needs_channel(tx: Tx, incident: Incident, severity: Severity) -> bool:
    if severity not in (Severity.P0, Severity.P1) or show.has_channel(incident):
        return False
    return not await housing.gets_channel(tx, incident)


async def _link_thread(tx: Tx, deps: Deps, incident: Incident, severity: Severity) -> None:
    text = f"{incident.label} is now {severity} {severity.word} and goes on in a channel of its own, linked above."
    deed = Show(place=Place.ANNOUNCE, slot=f"notice:raised:{severity}", content=Notice(text=text), under="announcement")
    await show.send(tx, deps, incident, deed, stream=f"announce:{incident.id}")


async def _move_in(tx: Tx, deps: Deps, incident: Incident) -> None:
    """Show in the channel what people have seen in the thread so far and still need."""
    found = await evidence.latest_brief(tx, incident.id)
    if found:
        await show.brief(tx, deps, incident, found, anew=False)
    for proposal in await proposals.of_incident(tx, incident.id, ProposalState.OPEN):
        await show.proposal(tx, deps, incident, proposal)
