"""People change how far the copilot goes for a service: two raise it, on its record; one lowers it, at once."""

from collections.abc import Mapping
from datetime import timedelta

from incident_copilot.domain.acceptance import Acceptance
from incident_copilot.domain.automation import Automation, ChangeState, LevelChange
from incident_copilot.domain.base import new_id
from incident_copilot.domain.content import Button, Press
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import Risk
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, operators, people, show, wakeups
from incident_copilot.pipeline.automation import Standing, standings
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import automation, incidents, texts
from incident_copilot.store.db import CLICKS, Tx

LONGEST_REASON = 500


async def ask(deps: Deps, person: Person, service: str, reason: str) -> Outcome:
    """Ask that the level of a service be raised by one, where its record is enough; a second person has to agree.

    Raises:
        DecisionRefused: not allowed, no reason, nothing above, asked already, or too poor a record; it is logged.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": "raise a level", "service": service}
    async with ledger.refusals(deps, person, None, asked), deps.db.transaction(CLICKS) as tx:
        people.require(person, Role.APPROVER, "raise how far I go for a service")
        people.require_within_bounds(person, Risk.HIGH, service)
        [standing] = await standings(tx, deps, service)
        waits = standing.changes.get(ChangeState.ASKED)
        if waits and waits.expires_at and waits.expires_at <= deps.now():
            await expire(tx, deps, waits)
        elif waits:
            return _asked_already(waits, person)
        wanted = _require_record(deps, standing)
        change = _change(deps, standing, wanted, person, ChangeState.ASKED)
        kept, said = await _reason(tx, deps, person, reason)
        await automation.add(tx, change.model_copy(update={"reason": kept["text"]}))
        payload = about(change) | {"reason": kept} | _figures(standing, wanted)
        await ledger.write_by(tx, deps, None, LogKind.LEVEL_ASKED, person, payload)
        text = f"{person.name} asks to raise {_step(change)}. It takes one more approver."
        await operators.tell(tx, deps, slot(change), text, detail=said, buttons=_buttons(change))
    return Outcome(text=f"Asked. {service} goes to {wanted} once another approver agrees.")


async def agree(deps: Deps, person: Person, change_id: str) -> Outcome:
    """Raise a level that somebody else asked to raise; a second click does nothing more.

    Raises:
        DecisionRefused: not allowed, one's own request, over, or the record is not enough any more; it is logged.
        UnknownThing: there is no such request.
        StoreUnavailable: nothing was recorded.
    """
    requested_by = await _requester(deps, change_id)
    asked = {"asked": "agree to raise a level", "change": change_id}
    async with ledger.refusals(deps, person, None, asked), deps.db.transaction(CLICKS) as tx:
        change = await automation.get(tx, deps.workspace_id, change_id)
        people.require(person, Role.APPROVER, "agree that I go further for a service")
        people.require_within_bounds(person, Risk.HIGH, change.service)
        if change.state is ChangeState.IN_FORCE and change.decided_by == person.id:
            return Outcome(text=f"{change.service} is raised to {change.wanted} already.")
        _require_waiting(deps, change)
        is_own = change.asked_by == person.id
        if is_own and not deps.catalog.approvals.solo:
            raise DecisionRefused("You asked for this, so somebody else has to agree.")
        _require_right_still(requested_by, change)
        [standing] = await standings(tx, deps, change.service)
        if _require_record(deps, standing) is not change.wanted:
            raise DecisionRefused(f"{change.service} is set to {standing.level} meanwhile. Ask again.")
        made = await _in_force(tx, deps, change, standing, person)
        payload = about(made) | {"asked_by": made.asked_by, "solo": is_own} | _figures(standing, made.wanted)
        await _tell_all(tx, deps, made, person, LogKind.LEVEL_RAISED, payload)
        by = person.name if is_own else f"{requested_by.name} and {person.name}"
        await operators.tell(tx, deps, slot(made), f"{by} raised {_step(made)}.")
    return Outcome(text=f"{made.service} is set to {made.wanted} from now on.")


async def refuse(deps: Deps, person: Person, change_id: str) -> Outcome:
    """Refuse a request to raise a level, or take one's own back.

    Raises:
        DecisionRefused: not allowed, or over; it is logged.
        UnknownThing: there is no such request.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": "refuse to raise a level", "change": change_id}
    async with ledger.refusals(deps, person, None, asked), deps.db.transaction(CLICKS) as tx:
        change = await automation.get(tx, deps.workspace_id, change_id)
        people.require(person, Role.APPROVER, "refuse that I go further for a service")
        people.require_within_bounds(person, Risk.LOW, change.service)
        if change.state is ChangeState.REFUSED and change.decided_by == person.id:
            return Outcome(text=f"It is refused already; {change.service} stays at {change.was}.")
        _require_waiting(deps, change)
        await automation.settle(tx, change, ChangeState.REFUSED, person.id, deps.now())
        payload = about(change) | {"asked_by": change.asked_by}
        await ledger.write_by(tx, deps, None, LogKind.LEVEL_REFUSED, person, payload)
        text = f"{person.name} refused to raise {_step(change)}. It stays at {change.was}."
        await operators.tell(tx, deps, slot(change), text)
    return Outcome(text=f"Refused; {change.service} stays at {change.was}.")


async def lower(deps: Deps, person: Person, service: str, reason: str) -> Outcome:
    """Lower the level of a service by one; it takes one person and holds at once.

    Raises:
        DecisionRefused: not allowed, no reason, or nothing below; it is logged.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": "lower a level", "service": service}
    async with ledger.refusals(deps, person, None, asked), deps.db.transaction(CLICKS) as tx:
        people.require(person, Role.APPROVER, "lower how far I go for a service")
        people.require_within_bounds(person, Risk.LOW, service)
        [standing] = await standings(tx, deps, service)
        wanted = standing.level.less
        if wanted is None:
            raise DecisionRefused(f"{service} is set to {standing.level} already; there is nothing below.")
        kept, said = await _reason(tx, deps, person, reason)
        change = _change(deps, standing, wanted, person, ChangeState.IN_FORCE)
        made = await _in_force(tx, deps, change.model_copy(update={"reason": kept["text"]}), standing, person)
        payload = about(made) | {"reason": kept} | _figures(standing, made.was)
        await _tell_all(tx, deps, made, person, LogKind.LEVEL_LOWERED, payload)
        await operators.tell(tx, deps, slot(made), f"{person.name} lowered {_step(made)}.", detail=said)
    return Outcome(text=f"{service} is set to {wanted} from now on.")


async def expire(tx: Tx, deps: Deps, change: LevelChange) -> None:
    """Close a request to which nobody agreed in time."""
    await automation.settle(tx, change, ChangeState.EXPIRED, None, deps.now())
    await ledger.write(tx, deps, None, LogKind.LEVEL_EXPIRED, "policy:expiry", about(change))
    text = f"Nobody agreed in time to raise {_step(change)}. It stays at {change.was}."
    await operators.tell(tx, deps, slot(change), text)


def about(change: LevelChange) -> dict[str, object]:
    """Return what a row of the log says of a change."""
    return {"change": change.id, "service": change.service, "from": change.was.value, "to": change.wanted.value}


def slot(change: LevelChange) -> str:
    """Return the name of the message that tells operators of a change."""
    return f"automation:{change.id}"


def may_agree(person: Person, change: LevelChange) -> bool:
    """Whether somebody who did not ask for it may agree to a request."""
    try:
        people.require(person, Role.APPROVER, "agree")
        people.require_within_bounds(person, Risk.HIGH, change.service)
    except DecisionRefused:
        return False
    return person.id != change.asked_by


async def _requester(deps: Deps, change_id: str) -> Person:
    """Return who asked, with the rights that they have now; the chat is asked, so no transaction may be open."""
    async with deps.db.read() as db:
        change = await automation.get(db, deps.workspace_id, change_id)
    return await people.known(deps, change.asked_by)


def _asked_already(waits: LevelChange, person: Person) -> Outcome:
    if waits.asked_by == person.id:
        return Outcome(text=f"You have asked for that; {waits.service} goes to {waits.wanted} once another agrees.")
    raise DecisionRefused(f"<@{waits.asked_by}> has asked for that already. Agree to it: /incident automation.")


def _require_record(deps: Deps, standing: Standing) -> Automation:
    if standing.more is None:
        at_most = deps.catalog.automation.at_most
        why = "there is nothing above" if at_most is standing.level.SUPERVISED else "catalog.yaml allows no more"
        raise DecisionRefused(f"{standing.service} is set to {standing.level}; {why}.")
    if standing.missing:
        raise DecisionRefused(f"{standing.service} cannot go to {standing.more} yet: {standing.missing}.")
    return standing.more


def _require_waiting(deps: Deps, change: LevelChange) -> None:
    if change.state is not ChangeState.ASKED:
        by = f" by <@{change.decided_by}>" if change.decided_by else ""
        words = {ChangeState.IN_FORCE: "was agreed to", ChangeState.REPLACED: "was agreed to"}
        raise DecisionRefused(f"This request {words.get(change.state, f'was {change.state}')}{by}. Nothing happened.")
    if change.expires_at and change.expires_at <= deps.now():
        raise DecisionRefused("This request expired: nobody agreed in time. Ask again.")


def _require_right_still(requested_by: Person, change: LevelChange) -> None:
    """Who asked must still be somebody who may: else one person would raise it alone."""
    try:
        people.require(requested_by, Role.APPROVER, "raise how far I go for a service")
        people.require_within_bounds(requested_by, Risk.HIGH, change.service)
    except DecisionRefused as refusal:
        raise DecisionRefused(f"{requested_by.name} may not ask for it any more. Ask for it yourself.") from refusal


async def _reason(tx: Tx, deps: Deps, person: Person, reason: str) -> tuple[dict[str, str], str]:
    """Keep why somebody wants it; return what the log says of the text, and the text."""
    said = reason.strip()[:LONGEST_REASON]
    if not said:
        raise DecisionRefused("Say why.")
    return await texts.store_text(tx, incident_id=None, author=person.id, text=said, now=deps.now()), said


def _change(deps: Deps, standing: Standing, wanted: Automation, person: Person, state: ChangeState) -> LevelChange:
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
    )


async def _in_force(tx: Tx, deps: Deps, change: LevelChange, standing: Standing, person: Person) -> LevelChange:
    """Put a change in the place of what was in force; what else was asked for or advised is over."""
    now = deps.now()
    for other in standing.changes.values():
        if other.id == change.id:
            continue
        ends = ChangeState.REPLACED if other.state is ChangeState.IN_FORCE else ChangeState.WITHDRAWN
        await automation.settle(tx, other, ends, person.id, now)
        if ends is ChangeState.WITHDRAWN:
            await operators.take_back(tx, deps, slot(other), f"Over: {person.name} changed {_subject(other)}.")
    if change.state is ChangeState.ASKED:
        return await automation.settle(tx, change, ChangeState.IN_FORCE, person.id, now)
    return await automation.add(tx, change.model_copy(update={"decided_by": person.id, "decided_at": now}))


async def _tell_all(
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
        await show.notice(tx, deps, locked, slot(made), f"{person.name} {how} {_step(made)}.")
        await wakeups.gather(tx, deps, locked.id, deps.now())
    await ledger.write_by(tx, deps, None, kind, person, payload)


def _figures(standing: Standing, level: Automation) -> dict[str, object]:
    found: Acceptance = standing.record.speaks_for(level)
    return {"decided": found.decided, "accepted": found.accepted}


def _buttons(change: LevelChange) -> tuple[Button, Button]:
    return (
        Button(press=Press.AGREE_LEVEL, label="Agree", value=change.id, style="primary"),
        Button(press=Press.REFUSE_LEVEL, label="Refuse", value=change.id),
    )


def _subject(change: LevelChange) -> str:
    return f"how far I go for {change.service}"


def _step(change: LevelChange) -> str:
    return f"{_subject(change)}, from {change.was} to {change.wanted}"
