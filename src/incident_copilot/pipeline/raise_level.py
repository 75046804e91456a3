"""Raise how far the copilot goes for a service: one person asks on its record, and another one agrees."""

from incident_copilot.domain.automation import Automation, ChangeState, LevelChange
from incident_copilot.domain.content import Button, Press
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import Risk
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import change_level, ledger, operators, people
from incident_copilot.pipeline.automation import Standing, standings
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import automation
from incident_copilot.store.db import CLICKS, Tx


async def ask(deps: Deps, person: Person, service: str, reason: str) -> Outcome:
    """Ask that the level of a service be raised by one, where its record is enough; a second person has to agree.

    Raises:
        DecisionRefused: not allowed, no reason, nothing above, asked already, or too poor a record; it is logged.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": "raise a level", "service": service}
    async with ledger.refusals(deps, person, None, asked), deps.db.transaction(CLICKS) as tx:
        _require_approver(person, service, "raise how far I go for a service")
        [standing] = await standings(tx, deps, service)
        waits = standing.changes.get(ChangeState.ASKED)
        if waits and waits.is_over(deps.now()):
            await expire(tx, deps, waits)
        elif waits:
            return _asked_already(waits, person)
        wanted = _require_record(deps, standing)
        kept, said = await change_level.keep_reason(tx, deps, person, reason)
        change = change_level.new(deps, standing, wanted, person, ChangeState.ASKED, kept["text"])
        await automation.add(tx, change)
        payload = change_level.about(change, standing.record.speaks_for(wanted)) | {"reason": kept}
        await ledger.write_by(tx, deps, None, LogKind.LEVEL_ASKED, person, payload)
        text = f"{person.name} asks to raise {change.step}. It takes one more approver."
        await operators.tell(tx, deps, change_level.slot(change), text, detail=said, buttons=_buttons(change))
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
        _require_approver(person, change.service, "agree that I go further for a service")
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
        made = await change_level.put_in_force(tx, deps, change, standing, person)
        record = standing.record.speaks_for(made.wanted)
        payload = change_level.about(made, record) | {"asked_by": made.asked_by, "solo": is_own}
        await change_level.tell_all(tx, deps, made, person, LogKind.LEVEL_RAISED, payload)
        by = person.name if is_own else f"{requested_by.name} and {person.name}"
        await operators.tell(tx, deps, change_level.slot(made), f"{by} raised {made.step}.")
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
        _require_approver(person, change.service, "refuse that I go further for a service", Risk.LOW)
        if change.state is ChangeState.REFUSED and change.decided_by == person.id:
            return Outcome(text=f"It is refused already; {change.service} stays at {change.was}.")
        _require_waiting(deps, change)
        await automation.settle(tx, change, ChangeState.REFUSED, person.id, deps.now())
        payload = change_level.about(change) | {"asked_by": change.asked_by}
        await ledger.write_by(tx, deps, None, LogKind.LEVEL_REFUSED, person, payload)
        text = f"{person.name} refused to raise {change.step}. It stays at {change.was}."
        await operators.tell(tx, deps, change_level.slot(change), text)
    return Outcome(text=f"Refused; {change.service} stays at {change.was}.")


async def expire(tx: Tx, deps: Deps, change: LevelChange) -> None:
    """Close a request to which nobody agreed in time."""
    await automation.settle(tx, change, ChangeState.EXPIRED, None, deps.now())
    await ledger.write(tx, deps, None, LogKind.LEVEL_EXPIRED, "policy:expiry", change_level.about(change))
    text = f"Nobody agreed in time to raise {change.step}. It stays at {change.was}."
    await operators.tell(tx, deps, change_level.slot(change), text)


def may_agree(person: Person, change: LevelChange) -> bool:
    """Whether somebody who did not ask for it may agree to a request."""
    try:
        _require_approver(person, change.service, "agree")
    except DecisionRefused:
        return False
    return person.id != change.asked_by


def _require_approver(person: Person, service: str, what: str, risk: Risk = Risk.HIGH) -> None:
    """Going further is as risky as any action may be."""
    people.require(person, Role.APPROVER, what)
    people.require_within_bounds(person, risk, service)


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
        why = "there is nothing above" if at_most is Automation.SUPERVISED else "catalog.yaml allows no more"
        raise DecisionRefused(f"{standing.service} is set to {standing.level}; {why}.")
    if standing.missing:
        raise DecisionRefused(f"{standing.service} cannot go to {standing.more} yet: {standing.missing}.")
    return standing.more


def _require_waiting(deps: Deps, change: LevelChange) -> None:
    if change.state is not ChangeState.ASKED:
        by = f" by <@{change.decided_by}>" if change.decided_by else ""
        words = {ChangeState.IN_FORCE: "was agreed to", ChangeState.REPLACED: "was agreed to"}
        raise DecisionRefused(f"This request {words.get(change.state, f'was {change.state}')}{by}. Nothing happened.")
    if change.is_over(deps.now()):
        raise DecisionRefused("This request expired: nobody agreed in time. Ask again.")


def _require_right_still(requested_by: Person, change: LevelChange) -> None:
    """Who asked must still be somebody who may: else one person would raise it alone."""
    try:
        _require_approver(requested_by, change.service, "raise how far I go for a service")
    except DecisionRefused as refusal:
        raise DecisionRefused(f"{requested_by.name} may not ask for it any more. Ask for it yourself.") from refusal


def _buttons(change: LevelChange) -> tuple[Button, Button]:
    return (
        Button(press=Press.AGREE_LEVEL, label="Agree", value=change.id, style="primary"),
        Button(press=Press.REFUSE_LEVEL, label="Refuse", value=change.id),
    )
