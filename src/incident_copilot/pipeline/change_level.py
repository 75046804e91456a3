"""What raising and lowering a level share: the change, its reason, that it comes into force, and who hears of it."""

from collections.abc import Mapping
from datetime import timedelta

from incident_copilot.domain.acceptance import Acceptance
from incident_copilot.domain.automation import Automation, ChangeState, LevelChange
from incident_copilot.domain.base import new_id
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, operators, show, wakeups
from incident_copilot.pipeline.automation import Standing
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import automation, incidents, texts
from incident_copilot.store.db import Tx

LONGEST_REASON = 500


def new(
    deps: Deps, standing: Standing, wanted: Automation, person: Person, state: ChangeState, reason: str
) -> LevelChange:
    """Return a change that a person asks for, or makes; `reason` is the id of the text that says why."""
    now = deps.now()
    lasts = timedelta(hours=deps.catalog.automation.request_hours)
    return LevelChange(
        id=new_id(now),
        workspace_id=deps.workspace_id,
        service=standing.service,
        was=standing.level,
        wanted=wanted,
        state=state,
        asked_by=person.id,
        asked_at=now,
        expires_at=now + lasts if state is ChangeState.ASKED else None,
        reason=reason,
    )


async def put_in_force(tx: Tx, deps: Deps, change: LevelChange, standing: Standing, person: Person) -> LevelChange:
    """Put a change in the place of what was in force; what else was asked for or advised is over."""
    now = deps.now()
    for other in standing.changes.values():
        if other.id == change.id:
            continue
        ends = ChangeState.REPLACED if other.state is ChangeState.IN_FORCE else ChangeState.WITHDRAWN
        await automation.settle(tx, other, ends, person.id, now)
        if ends is ChangeState.WITHDRAWN:
            await operators.take_back(tx, deps, slot(other), f"Over: {person.name} changed {other.subject}.")
    if change.state is ChangeState.ASKED:
        return await automation.settle(tx, change, ChangeState.IN_FORCE, person.id, now)
    return await automation.add(tx, change.model_copy(update={"decided_by": person.id, "decided_at": now}))


async def tell_all(
    tx: Tx, deps: Deps, made: LevelChange, person: Person, kind: LogKind, payload: Mapping[str, object]
) -> None:
    """Write it down, in what runs on the service too, and have that looked at again: the level counts from now on."""
    running = [one for one in await incidents.running(tx, deps.workspace_id) if one.service == made.service]
    for incident in sorted(running, key=lambda one: one.id):
        locked = await incidents.lock(tx, incident.id)
        if not locked.is_running or locked.test:
            continue
        await ledger.write_by(tx, deps, locked.id, kind, person, payload)
        how = "raised" if kind is LogKind.LEVEL_RAISED else "lowered"
        await show.notice(tx, deps, locked, slot(made), f"{person.name} {how} {made.step}.")
        await wakeups.gather(tx, deps, locked.id, deps.now())
    await ledger.write_by(tx, deps, None, kind, person, payload)


async def keep_reason(tx: Tx, deps: Deps, person: Person, reason: str) -> tuple[dict[str, str], str]:
    """Keep why somebody wants it; return what the log says of the text, and the text.

    Raises:
        DecisionRefused: nothing was said.
    """
    said = reason.strip()[:LONGEST_REASON]
    if not said:
        raise DecisionRefused("Say why.")
    return await texts.store_text(tx, incident_id=None, author=person.id, text=said, now=deps.now()), said


def about(change: LevelChange, found: Acceptance | None = None) -> dict[str, object]:
    """Return what a row of the log says of a change, with the record that it rests on."""
    figures = {"decided": found.decided, "accepted": found.accepted} if found else {}
    levels = {"from": change.was.value, "to": change.wanted.value}
    return {"change": change.id, "service": change.service, **levels, **figures}


def slot(change: LevelChange) -> str:
    """Return the name of the message that tells operators of a change."""
    return f"automation:{change.id}"
