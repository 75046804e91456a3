"""An approved update goes out at every outlet of its audience; what came of each is written down, and of all told."""

from collections.abc import Sequence
from datetime import timedelta

from incident_copilot.domain.effect import Effect, EffectState, Publish, Show
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Audience, Proposal, ProposalState
from incident_copilot.domain.update import CHAT, Act, Publication, Update
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, operators, show, wakeups
from incident_copilot.pipeline.comms import outlets, promised
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import effects, incidents, proposals, publications
from incident_copilot.store.db import Tx

OPEN = (EffectState.PENDING, EffectState.LEASED)
CHECKED_AFTER = timedelta(minutes=2)
"""When a page shows what it was told."""


async def publish(tx: Tx, deps: Deps, incident: Incident, proposal: Proposal, person: Person) -> None:
    """Have an approved update told everywhere.

    Raises:
        DecisionRefused: nothing is set up for its audience.
    """
    audience = proposal.audience or Audience.INTERNAL
    named = outlets.of(deps, incident, audience)
    if not named:
        raise DecisionRefused(
            f"Nothing tells {audience.readers}: name a channel for them under comms_channels in copilot.yaml."
        )
    for outlet in named:
        out = await outlets.last_at(tx, incident, outlet)
        update = await outlets.update_of(tx, deps, incident, proposal, proposal.shown["text"], out)
        await send(tx, deps, incident, proposal, outlet, update, Act.PUBLISH, person.id)


async def send(
    tx: Tx, deps: Deps, incident: Incident, proposal: Proposal, outlet: str, update: Update, act: Act, approved_by: str
) -> None:
    """Put what is done with an update at one outlet into the outbox; an outlet's updates keep their order."""
    deed = outlets.deed_for(deps, incident, proposal, outlet, update, act, approved_by)
    is_chat = isinstance(deed, Show)
    stream = deed.slot if isinstance(deed, Show) else f"publish:{incident.id}:{outlet}"
    await show.send(tx, deps, incident, deed, stream=stream[:120], priority=show.URGENT if is_chat else show.FIRST)


async def settled(tx: Tx, deps: Deps, effect: Effect, proposal_id: str, outlet: str) -> None:
    """Write down how the telling of an update at one outlet ended."""
    incident = await incidents.lock(tx, (await proposals.get(tx, proposal_id)).incident_id)
    proposal = await proposals.lock(tx, proposal_id)
    out = await _out_at(tx, incident, proposal, outlet)
    act = effect.deed.act if isinstance(effect.deed, Publish) else _act_of(proposal, out)
    if effect.state is EffectState.DONE:
        await _done(tx, deps, effect, incident, proposal, outlet, act, out)
    else:
        await _not_done(tx, deps, effect, incident, proposal, outlet, act)
    if act is Act.PUBLISH:
        await _conclude(tx, deps, incident, proposal)
    elif act is Act.CORRECT:
        await _conclude_corrections(tx, deps, incident, proposal)


def _act_of(proposal: Proposal, out: Publication | None) -> Act:
    """A message of the chat does not say it: the first one publishes, each edit of it corrects or retracts."""
    if out is None:
        return Act.PUBLISH
    return Act.RETRACT if proposal.retracted_at else Act.CORRECT


async def _out_at(tx: Tx, incident: Incident, proposal: Proposal, outlet: str) -> Publication | None:
    for one in await publications.of_incident(tx, incident.id):
        if (one.proposal_id, one.channel) == (proposal.id, outlet):
            return one
    return None


async def _done(
    tx: Tx,
    deps: Deps,
    effect: Effect,
    incident: Incident,
    proposal: Proposal,
    outlet: str,
    act: Act,
    out: Publication | None,
) -> None:
    now, audience = deps.now(), proposal.audience or Audience.INTERNAL
    text, where = _text_of(effect), _where(effect)
    if out is None:
        out = Publication(
            proposal_id=proposal.id,
            channel=outlet,
            incident_id=incident.id,
            audience=audience,
            text=text,
            state=await outlets.state_of(tx, incident),
            at=now,
            promised_at=deps.catalog.comms.promised(text, now) if incident.is_running else None,
        )
    news: dict[Act, dict[str, object]] = {
        Act.PUBLISH: {"ref": where, "link": effect.result.get("link")},
        Act.CORRECT: {"corrected_at": now, "text": text, "promised_at": deps.catalog.comms.promised(text, out.at)},
        Act.RETRACT: {"retracted_at": now},
    }
    await publications.save(tx, deps.workspace_id, out.model_copy(update=news[act]))
    seen: dict[str, object] = {**where} if outlet == CHAT else {"ref": where}
    kind = {Act.PUBLISH: LogKind.PUBLISHED, Act.CORRECT: LogKind.CORRECTED, Act.RETRACT: LogKind.WITHDRAWN}[act]
    if act is Act.PUBLISH and out.promised_at:
        seen["next_update"] = out.promised_at.isoformat()
    await ledger.write(tx, deps, incident.id, kind, "copilot", _about(effect, proposal, outlet) | seen)
    await promised.plan(tx, deps, incident)
    await wakeups.contradictions(tx, deps, incident.id, at=now + CHECKED_AFTER)


async def _not_done(
    tx: Tx, deps: Deps, effect: Effect, incident: Incident, proposal: Proposal, outlet: str, act: Act
) -> None:
    is_unknown = effect.state is EffectState.UNKNOWN
    kind = LogKind.UNKNOWN if is_unknown else LogKind.FAILED
    verb = {Act.PUBLISH: "published", Act.CORRECT: "corrected", Act.RETRACT: "withdrawn"}[act]
    where = "" if outlet == CHAT else f" at {outlets.name_of(deps, outlet)}"
    outcome = f"Not {verb}{where}: {effect.error}"
    if is_unknown:
        outcome = f"Nobody knows whether it was {verb}{where}: {effect.error}. Please look."
    payload = _about(effect, proposal, outlet) | {"outcome": outcome}
    await ledger.write(tx, deps, incident.id, kind, "copilot", payload)
    buttons = operators.outcome_buttons(effect.id) if is_unknown else ()
    mentions = [proposal.decided_by] if proposal.decided_by else []
    text = f"{proposal.title}. {outcome}"
    await show.notice(tx, deps, incident, f"outcome:{effect.id}", text, mentions=mentions, buttons=buttons)


async def _conclude(tx: Tx, deps: Deps, incident: Incident, proposal: Proposal) -> None:
    """When all outlets have answered, say on the proposal where it is out and where not."""
    tellings = [one for one in await effects.by_incident(tx, incident.id) if _publishes(one, proposal)]
    if any(one.state in OPEN for one in tellings):
        return
    failed = [one for one in tellings if one.state is EffectState.FAILED]
    doubtful = [one for one in tellings if one.state is EffectState.UNKNOWN]
    state = ProposalState.FAILED if failed else ProposalState.CARRIED_OUT
    state = ProposalState.UNKNOWN if doubtful else state
    ended = proposal.model_copy(update={"state": state, "outcome": _in_words(deps, tellings)})
    await proposals.save(tx, ended, was=proposal)
    await show.proposal(tx, deps, incident, ended)
    await show.drafts(tx, deps, incident)


async def _conclude_corrections(tx: Tx, deps: Deps, incident: Incident, corrected: Proposal) -> None:
    """A correction is carried out when every outlet has the new words."""
    for one in await proposals.of_incident(tx, incident.id, ProposalState.APPROVED):
        since = one.decided_at or one.created_at
        told = [each for each in await effects.by_incident(tx, incident.id) if each.created_at >= since]
        tellings = [each for each in told if (outlets.told_by(each.deed) or ("",))[0] == corrected.id]
        if one.shown.get("corrects") != corrected.id or any(each.state in OPEN for each in tellings):
            continue
        failed = any(each.state is not EffectState.DONE for each in tellings)
        state = ProposalState.FAILED if failed else ProposalState.CARRIED_OUT
        outcome = "Not corrected everywhere." if failed else "Corrected."
        ended = one.model_copy(update={"state": state, "outcome": outcome})
        await proposals.save(tx, ended, was=one)
        await show.proposal(tx, deps, incident, ended)


def _publishes(effect: Effect, proposal: Proposal) -> bool:
    is_first = not isinstance(effect.deed, Publish) or effect.deed.act is Act.PUBLISH
    return is_first and (outlets.told_by(effect.deed) or ("", ""))[0] == proposal.id


def _in_words(deps: Deps, tellings: Sequence[Effect]) -> str:
    """Return where an update is out; with the chat alone there is no more to say than that it is."""
    by_state: dict[EffectState, list[str]] = {}
    for one in tellings:
        _, outlet = outlets.told_by(one.deed) or ("", CHAT)
        link = f" ({one.result['link']})" if one.result.get("link") else ""
        because = f" ({one.error})" if one.error else ""
        by_state.setdefault(one.state, []).append(f"{outlets.name_of(deps, outlet)}{link}{because}")
    if len(tellings) == 1 and by_state.get(EffectState.DONE) == [outlets.name_of(deps, CHAT)]:
        return "Published."
    if len(tellings) == 1 and EffectState.FAILED in by_state:
        return f"Not published: {tellings[0].error}"
    heads = {
        EffectState.DONE: "Published in",
        EffectState.FAILED: "Not published in",
        EffectState.UNKNOWN: "Unknown in",
    }
    return " ".join(f"{heads[state]} {', '.join(by_state[state])}." for state in heads if state in by_state)


def _text_of(effect: Effect) -> str:
    if isinstance(effect.deed, Publish):
        return effect.deed.update.text
    shown = effect.deed.content if isinstance(effect.deed, Show) else None
    return getattr(shown, "text", "")


def _where(effect: Effect) -> dict[str, str]:
    if isinstance(effect.deed, Publish):
        return {str(key): str(value) for key, value in effect.result.get("ref", {}).items()}
    return {name: str(effect.result[name]) for name in ("channel", "ts") if name in effect.result}


def _about(effect: Effect, proposal: Proposal, outlet: str) -> dict[str, object]:
    return {
        "proposal": proposal.id,
        "version": proposal.version,
        "effect": effect.id,
        "audience": proposal.shown["audience"],
        "outlet": outlet,
    }
