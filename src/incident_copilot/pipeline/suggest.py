"""Propose next steps: the rollback that the evidence points to, runbook steps, status updates, and the end."""

from collections.abc import Iterator, Sequence

from incident_copilot.domain import advice
from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.evidence import Evidence, EvidenceKind
from incident_copilot.domain.hypothesis import Hypothesis, Verdict
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.proposal import Proposal, ProposalKind, Risk
from incident_copilot.errors import VendorError
from incident_copilot.knowledge.match import RunbookMatch
from incident_copilot.knowledge.parameters import fill_parameters, parameters_from
from incident_copilot.knowledge.runbook import Section, Step, StepKind
from incident_copilot.pipeline import act, contain, draft_comms, proposing, rejected_before, shadowing
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigate import Investigation, rollback_key
from incident_copilot.pipeline.restoration import all_resolved
from incident_copilot.store import alerts, evidence, proposals
from incident_copilot.store.db import Tx

ROLLBACK = "github_workflow"
RANK_ACTION, RANK_RESOLVE, RANK_FIRST, RANK_LATER = 1, 1, 30, 40
CHECK, ACTION = ProposalKind.CHECK, ProposalKind.ACTION
OTHER_LEVEL = "how far I go for its service was changed"
OTHER_SEVERITY = "it is contained otherwise at its severity now"
STEPS = 3  # of each kind, from the best runbook


async def plan(
    deps: Deps, incident: Incident, members: Sequence[Alert], found: Investigation, matches: Sequence[RunbookMatch]
) -> list[Proposal]:
    """Return what could be proposed now; asks for the dry run, so it is called outside of transactions."""
    if members and all(alert.status is AlertStatus.RESOLVED for alert in members):
        return [_resolving(deps, incident, members)]
    rollback = await _rollback(deps, incident, found)
    updates = draft_comms.first_drafts(deps, incident, members, found)
    steps = _runbook_steps(deps, incident, members, found, matches, rolls_back=rollback is not None)
    contained = await contain.planned(deps, incident, members, matches, found.culprit, rolls_back=rollback is not None)
    known = {one.key for one in contained}
    others = [one for one in await act.offered(deps, incident, found.culprit) if one.key not in known]
    offered = [
        _advised(one, found.brief.suspect, advice.rule(str(one.shown.get("action", one.key))))
        for one in (*contained, *others)
    ]
    fit = await act.by_hand(deps, rollback) if rollback else None
    return [*([fit] if fit else []), *offered, *updates, *steps]


def _advised(proposal: Proposal, suspect: Hypothesis | None, *advisers: str) -> Proposal:
    """Return a proposal with who is behind it: who is named, and the rule of a cause that is likely."""
    is_likely = suspect is not None and suspect.verdict is Verdict.LIKELY
    of_cause = (advice.rule(suspect.rule),) if suspect and is_likely else ()
    return proposal.model_copy(update={"advisers": (*advisers, *of_cause)})


async def offer(tx: Tx, deps: Deps, incident: Incident, offers: Sequence[Proposal]) -> None:
    """Keep what was not proposed before in this incident, and show what there is room for.

    What people rejected is not proposed again: a proposal's key is used once an incident. What they rejected in another
    one says so. The end is put to people at once: it must not wait for what nobody decides any more, because the
    trouble is over. Where an alert fired while the offers were made, it is not. What contains an AI incident comes at
    once too, for all else can wait; what contained it at another severity is taken back.
    """
    firing, _ = await alerts.counts(tx, incident.id)
    await _withdraw(tx, deps, incident, offers)
    kept = await proposals.of_incident(tx, incident.id)
    known = {proposal.key for proposal in kept if proposal.outcome not in (OTHER_LEVEL, OTHER_SEVERITY)}
    by_runbook = await _runbook_evidence(tx, incident)
    for proposal in offers:
        is_end = proposal.kind is ProposalKind.RESOLVE
        if proposal.key in known or (is_end and firing) or contain.is_outdated(proposal, incident.severity):
            continue
        known.add(proposal.key)
        cited = proposal.evidence_ids or by_runbook.get(str(proposal.shown.get("runbook")), ())
        waiting = await rejected_before.weighed(tx, deps, incident, proposal.model_copy(update={"evidence_ids": cited}))
        if deps.policy.silent:
            await shadowing.keep(tx, deps, incident, waiting)
            continue
        await proposals.add(tx, waiting)
        if is_end or contain.is_first(waiting):
            await proposing.propose(tx, deps, incident, waiting)
    await proposing.show_next(tx, deps, incident)


async def _withdraw(tx: Tx, deps: Deps, incident: Incident, offers: Sequence[Proposal]) -> None:
    """Take back what is undecided and does not fit any more: for the level of the service, or for the severity."""
    kinds = {proposal.key: proposal.kind for proposal in offers if proposal.kind in (CHECK, ACTION)}

    def is_other_kind(put: Proposal) -> bool:
        # People were to do what the copilot may do now, or the other way round.
        return put.kind in (CHECK, ACTION) and kinds.get(put.key, put.kind) is not put.kind

    await proposing.close_all(tx, deps, incident, OTHER_LEVEL, where=is_other_kind)
    await proposing.close_all(
        tx, deps, incident, OTHER_SEVERITY, where=lambda put: contain.is_outdated(put, incident.severity)
    )


async def _runbook_evidence(tx: Tx, incident: Incident) -> dict[str, tuple[str, ...]]:
    kept = await evidence.of_incident(tx, incident.id)
    return {str(item.data["runbook"]): (item.id,) for item in kept if item.kind is EvidenceKind.RUNBOOK}


def _resolving(deps: Deps, incident: Incident, members: Sequence[Alert]) -> Proposal:
    ends = max(alert.ends_at or alert.starts_at for alert in members)
    said = all_resolved(members)
    return proposing.new_proposal(
        deps,
        incident,
        ProposalKind.RESOLVE,
        key=f"resolve:{ends.isoformat()}",
        title=f"Resolve {incident.label}",
        body=f"{said[0].upper()}{said[1:]}. The metric is checked before the incident ends.",
        primary=True,
        rank=RANK_RESOLVE,
    )


NOT_DEPLOYED = frozenset({"model", "prompt"})
"""Changes whose versions a deployment's workflow does not know; they are contained by entries of actions.yaml."""


async def _rollback(deps: Deps, incident: Incident, found: Investigation) -> Proposal | None:
    change = found.culprit
    service = deps.catalog.service(str(change.data["service"])) if change else None
    action = deps.actions.get(ROLLBACK)
    if not (change and change.data.get("previous") and service and service.repo and service.rollback and action):
        return None
    if change.data.get("kind") in NOT_DEPLOYED:
        return None
    params = {
        "repo": service.repo,
        "workflow": service.rollback.workflow,
        "ref": service.rollback.ref,
        "service": service.name,
        "version": str(change.data["previous"]),
    }
    try:
        dry_run = await action.dry_run(params)
    except VendorError:
        return None  # the source of changes is away too, and is shown as a gap
    return proposing.new_proposal(
        deps,
        incident,
        ProposalKind.ACTION,
        key=rollback_key(change),
        title=f"Roll back {service.name} from {change.data['version']} to {params['version']}",
        body=f"Likely cause: {found.brief.hypotheses[0].cause}.",
        risk=Risk.MEDIUM,
        primary=True,
        rank=RANK_ACTION,
        shown={"action": ROLLBACK, "params": params, **dry_run.model_dump()},
        evidence_ids=_why(found, change),
        advisers=(advice.rule(found.brief.hypotheses[0].rule),),
    )


def _why(found: Investigation, change: Evidence) -> tuple[str, ...]:
    cited = (ref for statement in found.brief.hypotheses[0].supporting for ref in statement.evidence_ids)
    return tuple(dict.fromkeys([change.id, *cited]))[:5]


def _runbook_steps(
    deps: Deps,
    incident: Incident,
    members: Sequence[Alert],
    found: Investigation,
    matches: Sequence[RunbookMatch],
    *,
    rolls_back: bool,
) -> Iterator[Proposal]:
    """Yield the steps of the best runbook: first those that mend, or where nothing is likely those that find out."""
    if not matches:
        return
    best = matches[0]
    values = parameters_from(members[0].labels if members else {}, service=_subject(incident, found))
    suspect = found.brief.suspect
    is_likely = suspect is not None and suspect.verdict is Verdict.LIKELY
    ranks = {StepKind.MITIGATION: RANK_FIRST, StepKind.CHECK: RANK_LATER}
    if not is_likely:
        ranks = {StepKind.CHECK: RANK_FIRST, StepKind.MITIGATION: RANK_LATER}
    for kind, rank in ranks.items():
        # A runbook that does not begin with checks begins with its diagnosis.
        kinds = (StepKind.DIAGNOSTIC,) if kind is StepKind.CHECK and not any(best.steps(kind)) else (kind,)
        steps = [pair for pair in best.steps(*kinds) if not _is_rollback(pair[1]) or (found.culprit and not rolls_back)]
        for place, (section, step) in enumerate(steps[:STEPS]):
            filled = fill_parameters(step, values)
            is_first = not rolls_back and (rank, place) == (RANK_FIRST, 0)
            made = _step(deps, incident, best.runbook.id, section, filled, rank + place, primary=is_first)
            mends = suspect if kind is StepKind.MITIGATION else None
            yield _advised(made, mends, advice.runbook(best.runbook.id))


def _subject(incident: Incident, found: Investigation) -> str | None:
    """Return the service that steps are about: the suspected one, else that of the incident."""
    suspect = found.brief.suspect
    return (suspect.object if suspect and suspect.kind == "saturation" else None) or incident.service


def _is_rollback(step: Step) -> bool:
    return step.text.lower().startswith("roll back")


def _step(
    deps: Deps, incident: Incident, runbook_id: str, section: Section, step: Step, rank: int, *, primary: bool
) -> Proposal:
    unmarked = Risk.MEDIUM if step.kind is StepKind.MITIGATION else Risk.LOW
    return proposing.new_proposal(
        deps,
        incident,
        ProposalKind.CHECK,
        key=f"step:{runbook_id}#{section.id}.{step.number}",
        title=step.text.rstrip("."),
        body=" ".join(filter(None, (step.why, step.caution))),
        risk=step.risk or unmarked,
        primary=primary,
        rank=rank,
        shown={"step": step.text, "why": step.why, "commands": list(step.commands), "runbook": runbook_id},
    )
