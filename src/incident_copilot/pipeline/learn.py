"""Learn from what came of suggestions: who is behind them is trusted more or less, and people read why."""

from collections.abc import Iterable, Mapping, Sequence

from incident_copilot.analysis.trust import UNKNOWN, Trust, trust
from incident_copilot.domain import advice
from incident_copilot.domain.advice import Came
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.investigation import Investigation
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Proposal
from incident_copilot.knowledge.match import RunbookMatch
from incident_copilot.pipeline import ledger, show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import investigations, trials
from incident_copilot.store.db import Tx

LAST = 50
"""What is added to the rank of what a demoted adviser proposes."""


async def known(db: Tx, deps: Deps) -> dict[str, Trust]:
    """Return how far each adviser is trusted of whom something is known."""
    return {name: trust(found, deps.now()) for name, found in (await trials.every(db, deps.workspace_id)).items()}


def weighed(proposal: Proposal, trusts: Mapping[str, Trust]) -> Proposal:
    """Return a proposal at the place that its advisers deserve, with their record where there is enough of it.

    The least trusted of several counts: a step is no better than the cause that it is for.
    """
    told = {name: found for name in proposal.advisers if (found := trusts.get(name, UNKNOWN)).why}
    if not told:
        return proposal
    worst = min(told.values(), key=lambda one: one.factor)
    is_last = any(one.is_demoted for one in told.values())
    record = "; ".join(f"{advice.in_words(name)} {found.why}" for name, found in told.items())
    return proposal.model_copy(
        update={
            "trust": worst.factor,
            "rank": proposal.rank + LAST * is_last,
            "primary": proposal.primary and not is_last,
            "shown": proposal.shown | {"record": record},
        }
    )


def in_order(matches: Sequence[RunbookMatch], trusts: Mapping[str, Trust]) -> list[RunbookMatch]:
    """Return runbooks in the order that they fit and have helped, each with its record among the reasons."""
    told = [(match, trusts.get(advice.runbook(match.runbook.id), UNKNOWN)) for match in matches]
    told.sort(key=lambda pair: (pair[1].is_demoted, -pair[0].score * pair[1].factor))
    return [
        match.model_copy(update={"reasons": (*match.reasons, found.why)}) if found.why else match
        for match, found in told
    ]


def demoted_last(matches: Iterable[RunbookMatch], trusts: Mapping[str, Trust]) -> list[RunbookMatch]:
    """Return runbooks in their order, but those that come last by their record."""
    return sorted(matches, key=lambda match: trusts.get(advice.runbook(match.runbook.id), UNKNOWN).is_demoted)


async def note(tx: Tx, deps: Deps, incident: Incident, proposal: Proposal, came: Came) -> None:
    """Note what came of a suggestion, and say it where somebody's standing changed; drills teach nothing."""
    if incident.test or not proposal.advisers:
        return
    held = await investigations.latest(tx, deps.workspace_id, incident.id)
    right, wrong = _specialists(held, proposal)
    await _note(tx, deps, incident, proposal, (*proposal.advisers, *right), came)
    if came is Came.WORKED:
        await _note(tx, deps, incident, proposal, wrong, Came.DID_NOT)


async def _note(
    tx: Tx, deps: Deps, incident: Incident, proposal: Proposal, advisers: Sequence[str], came: Came
) -> None:
    before = {name: await _trust(tx, deps, name) for name in advisers}
    await trials.note(
        tx,
        deps.workspace_id,
        advisers,
        proposal_id=proposal.id,
        incident_id=incident.id,
        came=came,
        at=deps.now(),
    )
    for name in advisers:
        await _tell(tx, deps, incident, name, before[name], await _trust(tx, deps, name))


async def _trust(tx: Tx, deps: Deps, adviser: str) -> Trust:
    return trust(await trials.of(tx, deps.workspace_id, adviser), deps.now())


async def _tell(tx: Tx, deps: Deps, incident: Incident, name: str, before: Trust, now_is: Trust) -> None:
    """Log that an adviser was demoted or came back, and say so where it happened."""
    if before.is_demoted == now_is.is_demoted:
        return
    kind = LogKind.DEMOTED if now_is.is_demoted else LogKind.TRUSTED_AGAIN
    payload = {"adviser": name, "record": now_is.record, "estimate": now_is.estimate}
    await ledger.write(tx, deps, incident.id, kind, "policy:learning", payload)
    what = "comes last from now on" if now_is.is_demoted else "takes its place among the others again"
    text = f"What {advice.in_words(name)} suggests {what}: {now_is.record}. /incident learned shows why."
    await show.notice(tx, deps, incident, f"learned:{name}"[:100], text)


def _specialists(held: Investigation | None, proposal: Proposal) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which specialists put the cause first that a proposal acts on, and which another one."""
    meant = (
        next((name for name, one in held.by_label.items() if one.change_id in proposal.evidence_ids), None)
        if held
        else None
    )
    if held is None or meant is None:
        return (), ()
    first = {
        advice.specialist(one.specialist): max(one.judgements, key=lambda said: said.confidence).hypothesis
        for one in held.opinions
        if one.judgements
    }
    right = tuple(name for name, label in first.items() if label == meant)
    return right, tuple(name for name in first if name not in right)
