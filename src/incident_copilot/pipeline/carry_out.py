"""Carry out what people approved, through the outbox; read the result back and verify it on the alerting metric."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from incident_copilot.domain.content import Button, PublicUpdate
from incident_copilot.domain.effect import (
    Effect,
    EffectState,
    FileTicket,
    OpenChannel,
    Page,
    Publish,
    PutDocument,
    Rewrite,
    RunAction,
    Show,
)
from incident_copilot.domain.incident import Ending, Incident, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Proposal, ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import (
    automation,
    ending,
    housing,
    keeping,
    ledger,
    measure_figures,
    merging,
    operators,
    paging,
    people,
    restoration,
    show,
    tracking,
    wakeups,
)
from incident_copilot.pipeline.comms import amending, outlets, publishing
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.ending import RestorationCheck
from incident_copilot.store import alerts, incidents, proposals
from incident_copilot.store.db import Tx

OBSERVED_FOR = timedelta(hours=2)
"""How long figures that are told are looked at after an action, where actions.yaml does not say."""


async def start(
    tx: Tx,
    deps: Deps,
    incident: Incident,
    proposal: Proposal,
    person: Person,
    checked: RestorationCheck | None = None,
) -> Proposal:
    """Start what was approved, in the transaction of the decision; return the proposal as it stands then.

    Raises:
        DecisionRefused: the incident, the check or the mode does not allow it.
    """
    if proposal.kind is ProposalKind.RESOLVE:
        return await _resolve(tx, deps, incident, proposal, person, checked)
    if proposal.kind is ProposalKind.MERGE:
        return await merging.approved(tx, deps, incident, proposal, person)
    if proposal.kind is ProposalKind.ACTION:
        await _run(tx, deps, incident, proposal)
    else:
        await amending.publish(tx, deps, incident, proposal, person)
    return proposal


async def settled(deps: Deps, tx: Tx, effect: Effect) -> None:
    """Write down how an effect ended; runs inside the transaction that records it."""
    if effect.state is EffectState.FAILED and not isinstance(effect.deed, RunAction):
        await operators.effect_failed(tx, deps, effect)
    match effect.deed:
        case Rewrite():  # what it shows was told, and settled, before
            return
        case RunAction():
            await _action_settled(tx, deps, effect, effect.deed)
        case Publish() | Show(content=PublicUpdate()):
            proposal_id, outlet = outlets.told_by(effect.deed) or ("", "")
            await publishing.settled(tx, deps, effect, proposal_id, outlet)
        case Show(slot="announcement"):
            await housing.announced(tx, deps, effect, effect.deed)
        case OpenChannel():
            await housing.channel_settled(tx, deps, effect)
        case Page():
            await paging.settled(tx, deps, effect, effect.deed)
        case PutDocument():
            await keeping.settled(tx, deps, effect, effect.deed)
        case FileTicket():
            await tracking.settled(tx, deps, effect, effect.deed)


async def recheck_rights(deps: Deps, deed: RunAction) -> str | None:
    """Return why an approved action may no longer run, or None; asked again right before it is sent (promise P6).

    Raises:
        ChatError: the workspace could not say who the people are.
    """
    async with deps.db.read() as tx:
        proposal = await proposals.get(tx, deed.proposal_id)
        incident = await incidents.get(tx, proposal.incident_id)
    if proposal.state is not ProposalState.APPROVED or proposal.version != deed.version:
        return "the proposal is no longer approved in this version"
    if (deed.action, deed.params) != (proposal.shown.get("action"), proposal.shown.get("params")):
        return "it is not what was approved"
    if not incident.is_running:
        return f"{incident.label} has ended since the approval"
    age = deps.now() - (proposal.decided_at or deps.now())
    if age > deps.policy.approval_holds:
        return f"the approval is {show.in_words(age)} old; please propose it again"
    return await people.lost_right(deps, deed.approved_by, proposal)


async def mitigated(tx: Tx, deps: Deps, incident: Incident, at: datetime) -> Incident:
    """Set the status that a verified action earns; a person still resolves."""
    changed = incident.model_copy(update={"status": Status.MITIGATED, "mitigated_at": at})
    await incidents.save(tx, changed)
    payload = {"from": incident.status.value, "to": Status.MITIGATED.value}
    await ledger.write(tx, deps, incident.id, LogKind.STATUS_SET, "policy:verified", payload)
    await show.card(tx, deps, incident.id)
    return changed


async def _run(tx: Tx, deps: Deps, incident: Incident, proposal: Proposal) -> None:
    if deps.policy.shadow:
        raise DecisionRefused("The copilot is in shadow mode: it carries nothing out.")
    if not incident.is_running:
        raise DecisionRefused(f"{incident.label} has ended; nothing was carried out.")
    if why := await automation.hindered(tx, deps, proposal.service):
        raise DecisionRefused(f"{why}; nothing was carried out.")
    voters = tuple(vote.person for vote in await proposals.votes_on(tx, proposal))
    deed = RunAction(
        proposal_id=proposal.id,
        version=proposal.version,
        action=proposal.shown["action"],
        params=proposal.shown["params"],
        key=f"{proposal.id}-{proposal.version}",
        approved_by=voters,
        wanted=proposal.shown.get("wanted", {}),
    )
    await show.send(tx, deps, incident, deed, stream=f"action:{proposal.id}", priority=show.URGENT)


async def _resolve(
    tx: Tx, deps: Deps, incident: Incident, proposal: Proposal, person: Person, checked: RestorationCheck | None
) -> Proposal:
    if not incident.is_running:
        raise DecisionRefused(f"{incident.label} has ended already.")
    if checked and checked.is_red:
        raise DecisionRefused(
            f"Not restored yet: {restoration.red_lines(checked)}. To end it all the same, use /incident resolve."
        )
    ended = proposal.model_copy(
        update={"state": ProposalState.CARRIED_OUT, "outcome": f"{incident.label} is resolved."}
    )
    await proposals.save(tx, ended, was=proposal)
    await ending.end(tx, deps, incident, actor=person.id, ending=Ending.RESOLVED, note="", checked=checked)
    return ended


async def _action_settled(tx: Tx, deps: Deps, effect: Effect, deed: RunAction) -> None:
    incident, proposal = await _locked(tx, deed.proposal_id)
    state, kind, outcome = {
        EffectState.DONE: (
            ProposalState.CARRIED_OUT,
            LogKind.CARRIED_OUT,
            str(effect.result.get("summary", "Carried out; people have looked.")),
        ),
        EffectState.FAILED: (ProposalState.FAILED, LogKind.FAILED, f"Failed: {effect.error}"),
    }.get(effect.state, (ProposalState.UNKNOWN, LogKind.UNKNOWN, f"Outcome unknown: {effect.error}. Please look."))
    ended = proposal.model_copy(update={"state": state, "outcome": outcome})
    await proposals.save(tx, ended, was=proposal)
    payload = {"proposal": proposal.id, "version": deed.version, "effect": effect.id, "outcome": outcome}
    await ledger.write(tx, deps, incident.id, kind, f"action:{deed.action}", payload)
    await show.proposal(tx, deps, incident, ended)
    now = deps.now()
    if state is ProposalState.CARRIED_OUT and {"entry", "wanted"} <= proposal.shown.keys():
        until = now + deps.policy.read_back_for
        await wakeups.read_back(tx, deps, incident.id, proposal.id, at=now, until=until)
    if state is ProposalState.CARRIED_OUT and proposal.shown.get("verify", True):
        at, until = now + deps.policy.verify_every, now + await _verified_for(tx, deps, proposal)
        await wakeups.verify(tx, deps, incident.id, proposal.id, at=at, until=until)
    await _tell_outcome(tx, deps, effect, incident, ended)


async def _verified_for(tx: Tx, deps: Deps, proposal: Proposal) -> timedelta:
    """Return how long an action is looked at: figures that are told come more slowly than a metric can be asked."""
    wanted = measure_figures.wanted(proposal)
    if wanted.for_min:
        return timedelta(minutes=wanted.for_min)
    members = await alerts.belonging(tx, proposal.incident_id)
    is_told = wanted.metric is not None or measure_figures.are_raised_by_monitors(members)
    return max(deps.policy.verify_for, OBSERVED_FOR) if is_told else deps.policy.verify_for


async def _tell_outcome(tx: Tx, deps: Deps, effect: Effect, incident: Incident, ended: Proposal) -> None:
    """Ask people where nobody knows the outcome; tell them where it went wrong, or where they have answered."""
    is_answered = "answered_by" in effect.result
    if ended.state is ProposalState.UNKNOWN:
        await _tell(tx, deps, incident, ended, buttons=operators.outcome_buttons(effect.id))
        await operators.outcome_unknown(tx, deps, effect, ended.title)
    elif is_answered or ended.state is ProposalState.FAILED:
        await _tell(tx, deps, incident, ended)
    if is_answered:
        await operators.outcome_known(tx, deps, effect, ended.title, str(ended.outcome))


async def _tell(tx: Tx, deps: Deps, incident: Incident, ended: Proposal, *, buttons: Sequence[Button] = ()) -> None:
    """An edited message notifies nobody, so who approved what did not happen is told by a new one."""
    mentions = [ended.decided_by] if ended.decided_by else []
    text = f"{ended.title}. {ended.outcome}"
    await show.notice(tx, deps, incident, f"outcome:{ended.id}", text, mentions=mentions, buttons=buttons)


async def _locked(tx: Tx, proposal_id: str) -> tuple[Incident, Proposal]:
    found = await proposals.get(tx, proposal_id)
    incident = await incidents.lock(tx, found.incident_id)
    return incident, await proposals.lock(tx, proposal_id)
