"""Suggestions that nobody sees: kept and logged silently, scored at the end against what people did without them."""

from collections.abc import Sequence
from dataclasses import dataclass

from incident_copilot.analysis.same_words import says_the_same
from incident_copilot.domain.change import Change
from incident_copilot.domain.incident import Ending, Incident
from incident_copilot.domain.log import LogEntry, LogKind, TimelineKind
from incident_copilot.domain.proposal import Proposal, ProposalKind, ProposalState
from incident_copilot.pipeline import ledger, proposing
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_log, changes, proposals, tasks, timeline
from incident_copilot.store.db import Tx

WRITTEN = (TimelineKind.MESSAGE, TimelineKind.NOTE, TimelineKind.PINNED)
MOST_WORDS = 2_000
DONE = (ProposalState.APPROVED, ProposalState.CARRIED_OUT)


@dataclass(frozen=True)
class _Done:
    """What people did in an incident."""

    incident: Incident
    rows: Sequence[LogEntry]
    put: Sequence[Proposal]
    changes: Sequence[Change]
    written: Sequence[str]


async def keep(tx: Tx, deps: Deps, incident: Incident, proposal: Proposal) -> None:
    """Keep a suggestion that is shown to nobody, logged with the hash of what would have been shown."""
    silent = proposal.model_copy(update={"state": ProposalState.SILENT})
    await proposals.add(tx, silent)
    payload = proposing.bound(silent) | {"evidence": list(silent.evidence_ids)}
    await ledger.write(tx, deps, incident.id, LogKind.SHADOWED, "copilot", payload)


async def score(tx: Tx, deps: Deps, ended: Incident) -> None:
    """Hold the silent suggestions of an incident against what people did; nothing where there are none."""
    put = await proposals.of_incident(tx, ended.id)
    silent = [one for one in put if one.state is ProposalState.SILENT]
    if not silent:
        return
    done = _Done(
        incident=ended,
        rows=await action_log.entries(tx, ended.id),
        put=put,
        changes=await changes.between(tx, deps.workspace_id, ended.opened_at, deps.now()),
        written=await _written(tx, ended),
    )
    found = {one.id: _same(one, done) for one in silent}
    for one in silent:
        same = found[one.id]
        told = f"People did the same: {same}" if same else "People did nothing like it, as far as it was recorded."
        scored = one.model_copy(update={"did_the_same": bool(same), "outcome": told[:600], "decided_at": deps.now()})
        await proposals.save(tx, scored, was=one)
    payload = {"same": [name for name, same in found.items() if same], "of": list(found)}
    await ledger.write(tx, deps, ended.id, LogKind.SHADOW_SCORED, "policy:shadow", payload)


def _same(one: Proposal, done: _Done) -> str:
    """Return in words what people did that a suggestion said too; empty where nothing is recorded."""
    match one.kind:
        case ProposalKind.ACTION:
            return _acted(one, done)
        case ProposalKind.UPDATE:
            told = [
                row for row in done.rows if row.kind is LogKind.PUBLISHED and row.payload["audience"] == one.audience
            ]
            return f"an update for {one.audience.readers} went out" if told and one.audience else ""
        case ProposalKind.RESOLVE:
            by_person = any(row.kind is LogKind.RESOLVED and ledger.is_person(row.actor) for row in done.rows)
            return "they ended it" if by_person and done.incident.ending is Ending.RESOLVED else ""
        case _:
            return says_the_same(f"{one.title} {one.body}", done.written) or ""


def _acted(one: Proposal, done: _Done) -> str:
    params = one.shown["params"]
    by_hand = [
        other
        for other in done.put
        if other.state in DONE
        and (other.shown.get("action"), other.shown.get("params")) == (one.shown["action"], params)
    ]
    if by_hand:
        return "the same action was proposed by a person and approved"
    wanted = (params.get("service"), params.get("version"))
    went_out = next(
        (each for each in done.changes if each.at >= one.created_at and (each.service, each.version) == wanted), None
    )
    return f"{went_out.title} went out at {went_out.at:%H:%M} UTC" if went_out and all(wanted) else ""


async def _written(tx: Tx, ended: Incident) -> list[str]:
    """Return what people wrote: messages and notes, and the tasks that they finished."""
    noted = [one.text for one in await timeline.of_incident(tx, ended.id) if one.kind in WRITTEN and not one.deleted]
    finished = [one.text for one in await tasks.of_incident(tx, ended.id) if one.done_at]
    return [*noted, *finished][:MOST_WORDS]
