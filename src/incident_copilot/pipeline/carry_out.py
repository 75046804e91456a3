"""Carry out what people approved, through the outbox; read the result back and verify it on the alerting metric."""

from datetime import datetime

from incident_copilot.domain.content import PublicUpdate
from incident_copilot.domain.effect import Effect, EffectState, Place, RunAction, Show
from incident_copilot.domain.incident import Ending, Incident, Severity, Status
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Audience, Proposal, ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ending, ledger, people, show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import incidents, proposals
from incident_copilot.store.db import Tx


async def start(tx: Tx, deps: Deps, incident: Incident, proposal: Proposal, person: Person) -> None:
    """Put the effect of an approved proposal into the outbox, in the transaction of the decision.

    Raises:
        DecisionRefused: the incident or the mode does not allow it.
    """
    match proposal.kind:
        case ProposalKind.ACTION:
            await _run(tx, deps, incident, proposal)
        case ProposalKind.UPDATE:
            await _publish(tx, deps, incident, proposal, person)
        case ProposalKind.RESOLVE:
            await _resolve(tx, deps, incident, person)
        case ProposalKind.CHECK:
            raise DecisionRefused("A check is done by people: say Did it, or Not this.")


async def settled(deps: Deps, tx: Tx, effect: Effect) -> None:
    """Write down how an effect ended; runs inside the transaction that records it."""
    match effect.deed:
        case RunAction():
            await _action_settled(tx, deps, effect, effect.deed)
        case Show(content=PublicUpdate()):
            await _update_settled(tx, deps, effect, effect.deed)
        case Show(slot="announcement"):
            await _announced(tx, effect)


async def recheck_rights(deps: Deps, deed: RunAction) -> str | None:
    """Return why an approved action may no longer run, or None; asked again right before it is sent (promise P6)."""
    async with deps.db.read() as tx:
        proposal = await proposals.get(tx, deed.proposal_id)
        incident = await incidents.get(tx, proposal.incident_id)
    if proposal.state is not ProposalState.APPROVED or proposal.version != deed.version:
        return "the proposal is no longer approved in this version"
    if not incident.is_running:
        return f"{incident.label} has ended since the approval"
    for chat_id in deed.approved_by:
        try:
            people.require_right_to_decide(await people.known(deps, chat_id), proposal)
        except DecisionRefused as refusal:
            return f"<@{chat_id}> may not approve it any more: {refusal}"
    return None


async def _run(tx: Tx, deps: Deps, incident: Incident, proposal: Proposal) -> None:
    if deps.policy.shadow:
        raise DecisionRefused("The copilot is in shadow mode: it carries nothing out.")
    if not incident.is_running:
        raise DecisionRefused(f"{incident.label} has ended; nothing was carried out.")
    voters = tuple(vote.person for vote in await proposals.votes_on(tx, proposal))
    deed = RunAction(
        proposal_id=proposal.id,
        version=proposal.version,
        action=proposal.shown["action"],
        params=proposal.shown["params"],
        key=f"{proposal.id}-{proposal.version}",
        approved_by=voters,
    )
    await show.send(tx, deps, incident, deed, stream=f"action:{proposal.id}", priority=show.URGENT)


async def _publish(tx: Tx, deps: Deps, incident: Incident, proposal: Proposal, person: Person) -> None:
    place = Place.CUSTOMER_UPDATES if proposal.audience is Audience.CUSTOMERS else Place.INTERNAL_UPDATES
    content = PublicUpdate(
        incident=incident,
        audience=proposal.shown["audience"],
        text=proposal.shown["text"],
        approved_by=person.id,
    )
    deed = Show(place=place, slot=f"update:{proposal.id}", content=content)
    await show.send(tx, deps, incident, deed, stream=f"update:{proposal.id}", priority=show.URGENT)


async def _resolve(tx: Tx, deps: Deps, incident: Incident, person: Person) -> None:
    if not incident.is_running:
        raise DecisionRefused(f"{incident.label} has ended already.")
    await ending.end(tx, deps, incident, actor=person.id, ending=Ending.RESOLVED, note="")


async def _action_settled(tx: Tx, deps: Deps, effect: Effect, deed: RunAction) -> None:
    proposal = await proposals.lock(tx, deed.proposal_id)
    incident = await incidents.get(tx, proposal.incident_id)
    state, kind, outcome = {
        EffectState.DONE: (
            ProposalState.CARRIED_OUT,
            LogKind.CARRIED_OUT,
            effect.result.get("summary", "Carried out."),
        ),
        EffectState.FAILED: (ProposalState.FAILED, LogKind.FAILED, f"Failed: {effect.error}"),
    }.get(effect.state, (ProposalState.UNKNOWN, LogKind.UNKNOWN, f"Outcome unknown: {effect.error}. Please look."))
    ended = proposal.model_copy(update={"state": state, "outcome": outcome})
    await proposals.save(tx, ended, was=proposal)
    payload = {"proposal": proposal.id, "version": deed.version, "effect": effect.id, "outcome": outcome}
    await ledger.write(tx, deps, incident.id, kind, f"action:{deed.action}", payload)
    await show.proposal(tx, deps, incident, ended)
    if state is ProposalState.CARRIED_OUT:
        now = deps.now()
        at, until = now + deps.policy.verify_every, now + deps.policy.verify_for
        await wakeups.verify(tx, deps, incident.id, proposal.id, at=at, until=until)


async def _update_settled(tx: Tx, deps: Deps, effect: Effect, deed: Show) -> None:
    proposal = await proposals.lock(tx, deed.slot.removeprefix("update:"))
    incident = await incidents.get(tx, proposal.incident_id)
    published = effect.state is EffectState.DONE
    where = str(effect.result.get("channel", ""))
    outcome = "Published." if published else f"Not published: {effect.error}"
    state = ProposalState.CARRIED_OUT if published else ProposalState.FAILED
    ended = proposal.model_copy(update={"state": state, "outcome": outcome})
    await proposals.save(tx, ended, was=proposal)
    payload = {
        "proposal": proposal.id,
        "version": proposal.version,
        "effect": effect.id,
        "audience": proposal.shown["audience"],
        "channel": where,
        "ts": str(effect.result.get("ts", "")),
    }
    await ledger.write(tx, deps, incident.id, LogKind.PUBLISHED if published else LogKind.FAILED, "copilot", payload)
    await show.proposal(tx, deps, incident, ended)


async def _announced(tx: Tx, effect: Effect) -> None:
    """A P2 lives in the thread of its announcement."""
    if effect.state is not EffectState.DONE or effect.incident_id is None:
        return
    incident = await incidents.lock(tx, effect.incident_id)
    if incident.channel_id is None and incident.severity in (Severity.P2, Severity.P3):
        place = {"channel_id": effect.result["channel"], "thread_ts": effect.result["ts"]}
        await incidents.save(tx, incident.model_copy(update=place))


async def mitigated(tx: Tx, deps: Deps, incident: Incident, at: datetime) -> Incident:
    """Set the status that a verified action earns; a person still resolves."""
    changed = incident.model_copy(update={"status": Status.MITIGATED, "mitigated_at": at})
    await incidents.save(tx, changed)
    payload = {"from": incident.status.value, "to": Status.MITIGATED.value}
    await ledger.write(tx, deps, incident.id, LogKind.STATUS_SET, "policy:verified", payload)
    await show.card(tx, deps, incident.id)
    return changed
