"""End an incident: logged, shown, open proposals closed, timers taken back, the review woken."""

from incident_copilot.domain.base import Frozen, new_id
from incident_copilot.domain.content import Button, Press
from incident_copilot.domain.incident import Ending, Incident, Severity, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import ProposalState
from incident_copilot.pipeline import ledger, proposing, show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents, proposals, texts
from incident_copilot.store.db import Tx

ENDINGS = {
    Ending.RESOLVED: "resolved",
    Ending.FALSE_ALARM: "ended as a false alarm",
    Ending.SELF_RECOVERED: "recovered by itself",
    Ending.MERGED: "merged into another incident",
}


class CheckLine(Frozen):
    """One line of the restoration check; `ok` None means that it could not be looked at."""

    text: str
    ok: bool | None


class RestorationCheck(Frozen):
    """Whether what was broken works again."""

    lines: tuple[CheckLine, ...]

    @property
    def is_red(self) -> bool:
        """Whether something is still broken."""
        return any(line.ok is False for line in self.lines)


async def end(
    tx: Tx,
    deps: Deps,
    incident: Incident,
    *,
    actor: str,
    ending: Ending,
    note: str,
    checked: RestorationCheck | None = None,
) -> Incident:
    """End a locked, running incident: logged, shown, open proposals closed, timers taken back, review woken."""
    now = deps.now()
    times = {"resolved_at": now, "ended_at": now}
    ended = incident.model_copy(update={"status": Status.RESOLVED, "ending": ending, **times})
    await incidents.save(tx, ended)
    await _log_end(tx, deps, ended, actor, note, checked)
    for proposal in await proposals.of_incident(tx, incident.id):
        if proposal.state in (ProposalState.OPEN, ProposalState.WAITING):
            await proposing.close(tx, deps, proposal, ProposalState.SUPERSEDED, f"{incident.label} has ended")
    for work in (wakeups.Work.REMIND, wakeups.Work.QUIET, wakeups.Work.GATHER):
        await wakeups.cancel(tx, deps, work, incident.id)
    await _show_end(tx, deps, ended, actor, note)
    if ending is Ending.RESOLVED and ended.severity in (Severity.P0, Severity.P1):
        await wakeups.review(tx, deps, ended.id, at=now)
    return ended


async def _log_end(
    tx: Tx, deps: Deps, ended: Incident, actor: str, note: str, checked: RestorationCheck | None
) -> None:
    payload: dict[str, object] = {"ending": ended.ending.value if ended.ending else ""}
    if checked:
        payload["check"] = [
            {"text": line.text, "ok": "" if line.ok is None else str(line.ok)} for line in checked.lines
        ]
        payload["red"] = checked.is_red
    if note:
        payload["note"] = await texts.store_text(tx, incident_id=ended.id, author=actor, text=note, now=deps.now())
    kind = LogKind.RESOLVED if ended.ending is Ending.RESOLVED else LogKind.ENDED
    await ledger.write(tx, deps, ended.id, kind, actor, payload)


async def _show_end(tx: Tx, deps: Deps, ended: Incident, actor: str, note: str) -> None:
    await show.card(tx, deps, ended.id)
    how = ENDINGS[ended.ending or Ending.RESOLVED]
    lasted = show.in_words(deps.now() - ended.started_at)
    by = "" if actor.startswith("policy:") else " by a person on the team"
    buttons = [Button(press=Press.REOPEN, label="Reopen", value=ended.id)]
    if ended.severity is Severity.P2:
        buttons.append(Button(press=Press.POSTMORTEM, label="Write postmortem", value=ended.id))
    await show.notice(
        tx,
        deps,
        ended,
        f"ended:{new_id(deps.now())}",
        f"{ended.label} {how}{by} after {lasted}.",
        detail=note,
        buttons=buttons,
    )
