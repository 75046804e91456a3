"""End an incident: logged, shown, open proposals closed, timers taken back, the review woken."""

from incident_copilot.domain.base import Frozen, new_id
from incident_copilot.domain.content import Button, Press
from incident_copilot.domain.incident import Ending, Incident, Severity, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.pipeline import history, ledger, muting, paging, proposing, shadowing, show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents, texts
from incident_copilot.store import people as names
from incident_copilot.store.db import Tx

RECOVERED = (Ending.RESOLVED, Ending.SELF_RECOVERED)
"""Endings after which things work again; the others say that nothing was broken here."""
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
    await proposing.close_all(tx, deps, ended, f"{incident.label} has ended")
    await muting.weigh_anew_after(tx, deps, ended.id)
    works = wakeups.Work
    for work in (works.REMIND, works.ESCALATE, works.QUIET, works.GATHER, works.NEXT_UPDATE):
        await wakeups.cancel(tx, deps, work, incident.id)
    await paging.over(tx, deps, ended)
    await history.note_end(tx, deps, ended)
    await shadowing.score(tx, deps, ended)
    await _show_end(tx, deps, ended, actor, note)
    if ended.test:
        await wakeups.score(tx, deps, ended.id, at=now)
    elif ending in RECOVERED:
        await wakeups.last_update(tx, deps, ended.id, at=now)
        if ended.severity in (Severity.P0, Severity.P1):
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
    known = await names.names(tx, deps.workspace_id)
    by = f" by {known[actor]}" if ledger.is_person(actor) else ""
    lasted = show.in_words(deps.now() - ended.started_at)
    buttons = [Button(press=Press.REOPEN, label="Reopen", value=ended.id)]
    if ended.severity.rank >= Severity.P2.rank and ended.ending in RECOVERED:
        buttons.append(Button(press=Press.POSTMORTEM, label="Write postmortem", value=ended.id))
    await show.notice(
        tx,
        deps,
        ended,
        f"ended:{new_id(deps.now())}",
        f"{ended.label} {ENDINGS[ended.ending or Ending.RESOLVED]}{by} after {lasted}.",
        detail=note,
        buttons=buttons,
        rates=None if ended.test or ended.ending is Ending.MERGED else ended.id,
    )
