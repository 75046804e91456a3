"""Propose to silence alerts where they come from, with exactly the matchers that are shown, or to end a silence."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta

from incident_copilot.domain.alert import VOLATILE_LABELS, Alert, AlertStatus
from incident_copilot.domain.base import new_id
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import ProposalKind, Risk
from incident_copilot.domain.silence import LONGEST, SHORTEST, Silence
from incident_copilot.errors import DecisionRefused, VendorError
from incident_copilot.pipeline import ledger, people, proposing, show
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import SupervisedAction
from incident_copilot.store import alerts, incidents, proposals, silences
from incident_copilot.store.db import CLICKS

ACTION = "silence"
"""The name of the action where none has the name of the silence source."""
MOST_MATCHERS, RANK = 12, 2


async def propose(
    deps: Deps, incident_id: str, person: Person, what: Sequence[str], lasts: timedelta, reason: str
) -> Outcome:
    """Propose to silence alerts of an incident: `what` are names of them, or `label=value` for exactly these matchers.

    Raises:
        DecisionRefused: not allowed, ended, not clear what is meant, or nowhere to silence it; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with ledger.refusals(deps, person, incident_id, {"asked": "silence alerts"}):
        people.require(person, Role.RESPONDER, "silence alerts")
        if not SHORTEST <= lasts <= LONGEST:
            raise DecisionRefused("Silence for a minute at least and 7 days at most.")
        incident, fired = await _looked_up(deps, incident_id)
        meant = fired if _is_exact(what) else _named(fired, what)
        labels = _typed(what) if _is_exact(what) else _common(meant)
        action = _action(deps, {one.source for one in meant})
        params = {
            "matchers": json.dumps([_matcher(name, value) for name, value in labels.items()], sort_keys=True),
            "minutes": str(int(lasts.total_seconds() // 60)),
            "comment": f"{incident.label}: {reason.strip() or incident.title}"[:250],
            "service": labels.get("service", ""),
        }
        names = ", ".join(f"{name}={value}" for name, value in labels.items())
        title = f"Silence {names} for {show.in_words(lasts)}"
        return await _propose(deps, incident, person, action, params, title[:300])


async def propose_end(deps: Deps, incident_id: str, person: Person, number: int) -> Outcome:
    """Propose to end a silence where it was made.

    Raises:
        DecisionRefused: not allowed, or there is no such silence elsewhere; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    async with ledger.refusals(deps, person, incident_id, {"asked": "end silences", "number": number}):
        people.require(person, Role.RESPONDER, "end silences")
        incident, _ = await _looked_up(deps, incident_id)
        found = await _silence(deps, number)
        if found is None or not found.source:
            raise DecisionRefused(f"There is no silence {number} elsewhere; /incident mutes lists those that run.")
        action = deps.actions.get(found.source) or _action(deps, set(found.alert_sources))
        params = {"expire": found.ref, "service": ""}
        return await _propose(deps, incident, person, action, params, f"End the silence of {found.text}"[:300])


async def _propose(
    deps: Deps, incident: Incident, person: Person, action: SupervisedAction, params: Mapping[str, str], title: str
) -> Outcome:
    """Put it to people, with what would be sent; the other side is asked before the transaction."""
    try:
        shown = await action.dry_run(params)
    except VendorError as error:
        raise DecisionRefused(f"{action.name} could not be asked, so nothing is proposed: {error}") from error
    async with deps.db.transaction(CLICKS) as tx:
        current = await incidents.lock(tx, incident.id)
        if not current.is_running:
            raise DecisionRefused(f"{incident.label} has ended.")
        proposal = proposing.new_proposal(
            deps,
            current,
            ProposalKind.ACTION,
            key=f"silence:{new_id(deps.now())}",
            title=title,
            risk=Risk.LOW,
            rank=RANK,
            requested_by=person.id,
            shown={"action": action.name, "params": dict(params), "verify": False, **shown.model_dump()},
        )
        await proposals.add(tx, proposal)
        await proposing.propose(tx, deps, current, proposal)
    return Outcome(text=f"It is put to approvers in {incident.label}.", incident=incident, proposal=proposal)


async def _looked_up(deps: Deps, incident_id: str) -> tuple[Incident, list[Alert]]:
    """Return the incident and its alerts, those that fire where any does."""
    async with deps.db.read() as db:
        incident = await incidents.get(db, incident_id)
        members = await alerts.belonging(db, incident_id)
    return incident, [one for one in members if one.status is AlertStatus.FIRING] or members


async def _silence(deps: Deps, number: int) -> Silence | None:
    async with deps.db.read() as db:
        running = await silences.running(db, deps.workspace_id, deps.now())
    return next((one for one in running if one.number == number), None)


def _is_exact(what: Sequence[str]) -> bool:
    return bool(what) and all("=" in word for word in what)


def _typed(what: Sequence[str]) -> dict[str, str]:
    labels = {name: value for name, _, value in (word.partition("=") for word in what)}
    if not all(name and value for name, value in labels.items()) or len(labels) > MOST_MATCHERS:
        raise DecisionRefused("Write label=value, twelve at most; each must be met letter by letter.")
    return labels


def _named(fired: Sequence[Alert], what: Sequence[str]) -> list[Alert]:
    """Return the alerts of one name: the one that was typed, or the only one there is."""
    names = sorted({one.name for one in fired})
    wanted = [name for name in names if not what or name in what]
    if len(wanted) != 1 or len(what) > 1:
        raise DecisionRefused(f"Which alert? It has: {', '.join(names[:10]) or 'none'}. Or write label=value.")
    return [one for one in fired if one.name == wanted[0]]


def _common(meant: Sequence[Alert]) -> dict[str, str]:
    """Return what all of these alerts have in common, without labels that change by themselves; the name first."""
    first, *others = [{"alertname": one.name, **one.labels} for one in meant]
    shared = {
        name: value
        for name, value in sorted(first.items())
        if value and name not in VOLATILE_LABELS and all(other.get(name) == value for other in others)
    }
    kept = {"alertname": shared.pop("alertname"), **shared}
    return dict(list(kept.items())[:MOST_MATCHERS])


def _matcher(name: str, value: str) -> dict[str, str | bool]:
    return {"name": name, "value": value, "isRegex": False, "isEqual": True}


def _action(deps: Deps, alert_sources: set[str]) -> SupervisedAction:
    """Return where alerts of these sources are silenced: the action of their silence source's name, or `silence`."""
    named = [one.name for one in deps.silence_sources if alert_sources & set(one.alert_sources)]
    found = next((deps.actions[name] for name in [*named, ACTION] if name in deps.actions), None)
    if found is None:
        raise DecisionRefused("There is nowhere to silence it: list the action silence in copilot.yaml.")
    return found
