"""Propose entries of actions.yaml: those that a person names, and those that the catalogue offers by rule."""

from collections.abc import Mapping, Sequence

from incident_copilot.domain.action import Action, filled
from incident_copilot.domain.automation import Automation
from incident_copilot.domain.base import new_id
from incident_copilot.domain.evidence import Evidence
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import Proposal, ProposalKind
from incident_copilot.errors import DecisionRefused, VendorError
from incident_copilot.pipeline import automation, ledger, people, preconditions, proposing, rejected_before
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import DryRun
from incident_copilot.store import incidents, proposals
from incident_copilot.store.db import CLICKS

RANK_OFFERED, RANK_ASKED, MOST_OFFERED = 3, 0, 3


async def request(deps: Deps, incident_id: str, person: Person, name: str, given: Mapping[str, str]) -> Outcome:
    """Put an action that a person names to people, in staging first where the catalogue says so.

    Raises:
        DecisionRefused: not allowed, no such action, a value or precondition that does not hold; it is logged.
        UnknownThing: there is no such incident.
        StoreUnavailable: nothing was recorded.
    """
    asked = {"asked": "propose an action", "action": name}
    async with ledger.refusals(deps, person, incident_id, asked):
        people.require(person, Role.RESPONDER, "propose actions")
        async with deps.db.read() as db:
            incident = await incidents.get(db, incident_id)
        entry = deps.entries.get(name)
        if entry is None or name not in deps.actions:
            raise DecisionRefused(f"actions.yaml has no action {name}; /incident action lists those it has.")
        values = _completed(incident, entry, given, {})
        return await put(deps, incident, entry, values, requested_by=person.id)


async def put(
    deps: Deps,
    incident: Incident,
    entry: Action,
    values: Mapping[str, str],
    *,
    requested_by: str,
    straight: bool = False,
) -> Outcome:
    """Propose an action with these values; `straight` leaves staging out, as it has been there.

    Raises:
        DecisionRefused: a value or precondition does not hold, or the target cannot be read.
        StoreUnavailable: nothing was recorded.
    """
    try:
        proposal = await planned(deps, incident, entry, values, requested_by=requested_by, straight=straight)
    except VendorError as error:
        raise DecisionRefused(f"{entry.adapter} could not be asked, so nothing is proposed: {error}") from error
    async with deps.db.transaction(CLICKS) as tx:
        current = await incidents.lock(tx, incident.id)
        if not current.is_running:
            raise DecisionRefused(f"{incident.label} has ended.")
        proposal = await rejected_before.weighed(tx, deps, current, proposal)
        await proposals.add(tx, proposal)
        await proposing.propose(tx, deps, current, proposal)
    return Outcome(text=f"It is put to people in {incident.label}.", incident=incident, proposal=proposal)


async def offered(
    deps: Deps, incident: Incident, suspect: Evidence | None, cited: Sequence[str] = ()
) -> list[Proposal]:
    """Return what the catalogue offers for an incident by rule; what cannot be asked or does not hold is left out.

    `suspect` is the change that the evidence points to. Only entries are offered, and no text decides which.
    """
    found: list[Proposal] = []
    for entry in deps.entries.actions:
        if len(found) < MOST_OFFERED and fits(entry, incident):
            proposal = await offer_of(deps, incident, entry, suspect, cited)
            found += [proposal] if proposal else []
    return found


def fits(entry: Action, incident: Incident) -> bool:
    """Whether an entry is offered by rule for an incident of this severity and type."""
    rule = entry.offer
    is_severe = rule is not None and incident.severity in (rule.severities or (incident.severity,))
    return rule is not None and is_severe and incident.incident_type in (rule.types or (incident.incident_type,))


async def offer_of(
    deps: Deps, incident: Incident, entry: Action, suspect: Evidence | None, cited: Sequence[str] = ()
) -> Proposal | None:
    """Return the proposal of an entry; None where it cannot be asked, or something about it does not hold."""
    if entry.name not in deps.actions:
        return None
    data = suspect.data if suspect else {}
    derived = {key: str(data[key]) for key in ("version", "previous") if data.get(key)}
    try:
        proposal = await planned(deps, incident, entry, _completed(incident, entry, {}, derived))
    except (DecisionRefused, VendorError):
        return None
    evidence_ids = tuple(dict.fromkeys([*([suspect.id] if suspect else []), *cited]))[:5]
    return proposal.model_copy(update={"evidence_ids": evidence_ids, "rank": RANK_OFFERED})


def listed(deps: Deps, incident: Incident) -> list[str]:
    """Return a line for each action that may be proposed for an incident."""
    lines = []
    for entry in deps.entries.actions:
        is_for = not entry.services or incident.service in entry.services
        is_there = incident.environment is None or incident.environment in entry.environments
        if is_for and is_there and entry.name in deps.actions:
            values = " ".join(f"{name}={_said(entry, name)}" for name in entry.params)
            lines.append(f"{entry.name} {values}".strip() + f": {entry.does} ({entry.risk} risk)")
    return lines


async def by_hand(deps: Deps, proposal: Proposal) -> Proposal | None:
    """Return an action as far as the copilot goes for its service: as it is, for people to do, or None."""
    async with deps.db.read() as db:
        level = await automation.level(db, deps, proposal.service)
    match level:
        case Automation.OBSERVE:
            return None
        case Automation.SUGGEST:
            shown = {
                "step": proposal.title,
                "why": proposal.body,
                "commands": [str(proposal.shown.get("request", ""))],
                "runbook": "",
            }
            body = f"{proposal.body} For people to do: {proposal.service} is set to suggest.".strip()
            return proposal.model_copy(update={"kind": ProposalKind.CHECK, "shown": shown, "body": body, "needed": 1})
        case _:
            return proposal


async def planned(
    deps: Deps,
    incident: Incident,
    entry: Action,
    values: Mapping[str, str],
    *,
    requested_by: str | None = None,
    straight: bool = False,
    then: Mapping[str, object] | None = None,
) -> Proposal:
    """Return the proposal of an action, in staging where that comes first; asks its target.

    `then` is what it is a trial of in staging, where it is one already.

    Raises:
        DecisionRefused: a value or precondition does not hold.
        VendorError: the target could not be read.
    """
    trial = deps.entries.get(entry.staging) if entry.staging and not straight else None
    if trial and trial.name in deps.actions:
        then = {"action": entry.name, "params": dict(values)}
        entry, values = trial, _in_staging(trial, values)
    await _require_unbroken(deps, incident, entry, values)
    dry_run = await deps.actions[entry.name].dry_run(values)
    made = proposing.new_proposal(
        deps,
        incident,
        ProposalKind.ACTION,
        key=f"asked:{new_id(deps.now())}" if requested_by else f"act:{_named(entry, values)}",
        title=_title(entry, values, trial=then is not None),
        risk=entry.risk,
        rank=RANK_ASKED,
        requested_by=requested_by,
        shown=_shown(deps, entry, values, dry_run)
        | ({"then": then, "verify": False, "verified_by": "", "after": []} if then else {}),
    )
    fit = await by_hand(deps, made)
    if fit is None:
        raise DecisionRefused(f"{values['service']} is set to observe, so nothing is proposed for it.")
    return fit


async def _require_unbroken(deps: Deps, incident: Incident, entry: Action, values: Mapping[str, str]) -> None:
    async with deps.db.read() as db:
        problem = await preconditions.broken(db, deps, incident, entry, values)
    if problem:
        raise DecisionRefused(f"{entry.name} is not proposed: {problem}.")


def _in_staging(trial: Action, values: Mapping[str, str]) -> dict[str, str]:
    tried = {name: value for name, value in values.items() if name in {"service", *trial.params}}
    return {**tried, "environment": trial.environments[0]}


def _named(entry: Action, values: Mapping[str, str]) -> str:
    return f"{entry.name}:{'&'.join(f'{name}={value}' for name, value in sorted(values.items()))}"[:180]


def _title(entry: Action, values: Mapping[str, str], *, trial: bool) -> str:
    return f"{entry.title(values)}, in {values['environment']} first" if trial else entry.title(values)


def _shown(deps: Deps, entry: Action, values: Mapping[str, str], dry_run: DryRun) -> dict[str, object]:
    """Return what is bound by the hash: the request, and all that follows from carrying it out."""
    shown: dict[str, object] = {
        "action": entry.name,
        "params": dict(values),
        "entry": entry.sha256,
        "verify": entry.verify if isinstance(entry.verify, bool) else entry.verify.model_dump(exclude_none=True),
        "verified_by": "" if isinstance(entry.verify, bool) else entry.verify.words,
        "watch_min": entry.watch_min,
        **dry_run.model_dump(),
    }
    places = {**values, **{f"state.{name}": value for name, value in dry_run.state.items()}}
    if entry.undo and entry.undo.action in deps.actions:
        back = {"service": values["service"], "environment": values["environment"], **entry.undo.params}
        params = {name: filled(value, places) for name, value in back.items()}
        shown["take_back"] = {"action": entry.undo.action, "params": params, "for_min": entry.undo_for_min}
    if entry.after:
        steps = [step.model_dump(exclude_none=True) for step in entry.after]
        shown["after"] = [_step(step, places) for step in steps]
    return shown


def _step(step: Mapping[str, object], places: Mapping[str, str]) -> dict[str, object]:
    return {name: filled(value, places) for name, value in step.items()}


def _completed(
    incident: Incident, entry: Action, given: Mapping[str, str], derived: Mapping[str, str]
) -> dict[str, str]:
    """Return the values with those that are left out: the incident's service and environment, and defaults."""
    environment = incident.environment or entry.environments[0]
    known = {"service": incident.service or "", "environment": environment, **derived}
    values = {"service": known["service"], "environment": environment, **given}
    for name, param in entry.params.items():
        if name not in values and param.default is not None:
            values[name] = str(filled(param.default, known))
    return values


def _said(entry: Action, name: str) -> str:
    param = entry.params[name]
    if param.one_of:
        return "|".join(param.one_of[:5])
    return f"{param.least}..{param.most}" if param.is_number else f"({param.known or 'text'})"
