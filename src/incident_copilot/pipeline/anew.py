"""Put a proposal to people anew that came to nothing: drafted from what is known now, saying what changed meanwhile."""

from collections.abc import Iterator

from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import Audience, Proposal, ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused, VendorError
from incident_copilot.pipeline import act, draft_comms, ledger, people, proposing, show
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_log, incidents, proposals
from incident_copilot.store.db import CLICKS, Tx

COMPARED = {"current": "now", "effect": "expected effect", "target": "target", "request": "request"}
TOLD = (LogKind.SEVERITY_SET, LogKind.STATUS_SET, LogKind.CARRIED_OUT, LogKind.PUBLISHED, LogKind.MERGED)
MOST_TOLD = 4


async def propose_anew(deps: Deps, proposal_id: str, person: Person) -> Outcome:
    """Draft a proposal again that expired or failed, and put it to people.

    Raises:
        DecisionRefused: not allowed, it is still of use, or it cannot be drafted now; the refusal is logged.
        UnknownThing: there is no such proposal.
        StoreUnavailable: nothing was recorded.
    """
    async with deps.db.read() as db:
        was = await proposals.get(db, proposal_id)
        now_is = await incidents.get(db, was.incident_id)
    asked = {"proposal": proposal_id, "asked": "draft anew"}
    async with ledger.refusals(deps, person, was.incident_id, asked):
        people.require(person, Role.RESPONDER, "draft proposals anew")
        _require_of_use(now_is, was)
        if was.kind is ProposalKind.UPDATE:
            drafted = await draft_comms.draft(deps, was.incident_id, person, Audience(was.shown["audience"]))
            return drafted.model_copy(update={"text": "A fresh draft is in the channel."})
        fresh = await _as_now(deps, now_is, was)
        async with deps.db.transaction(CLICKS) as tx:
            incident = await incidents.lock(tx, was.incident_id)
            _require_of_use(incident, await proposals.lock(tx, proposal_id))
            if await _is_out_again(tx, was):
                raise DecisionRefused("It has been put to people anew already.")
            put = await _again(tx, deps, incident, was, fresh, person)
            await proposals.add(tx, put)
            await proposing.propose(tx, deps, incident, put)
            put = await proposals.get(tx, put.id)
    return Outcome(text="It is in the channel again, as things stand now.", incident=incident, proposal=put)


async def _as_now(deps: Deps, incident: Incident, was: Proposal) -> Proposal:
    """What an action would do is looked up again; outside of transactions, for that asks the other side."""
    if was.kind is not ProposalKind.ACTION:
        return was
    name, params = was.shown["action"], was.shown["params"]
    action, entry = deps.actions.get(name), deps.entries.get(name)
    if action is None:
        raise DecisionRefused(f"There is no action {name} any more.")
    try:
        if entry is None:
            return was.model_copy(update={"shown": was.shown | (await action.dry_run(params)).model_dump()})
        then = was.shown.get("then")
        made = await act.planned(deps, incident, entry, params, straight=True, then=then)
    except VendorError as error:
        raise DecisionRefused(f"I could not look what it would do now: {error}.") from error
    # What was to come after it stays: it may be more than the entry says, as the rest of a longer plan.
    after = {"after": was.shown["after"]} if "after" in was.shown else {}
    news = {"kind": made.kind, "title": made.title, "risk": made.risk, "shown": made.shown | after}
    return was.model_copy(update=news)


def _require_of_use(incident: Incident, was: Proposal) -> None:
    if not incident.is_running:
        raise DecisionRefused(f"{incident.label} has ended.")
    if not was.can_be_put_anew:
        raise DecisionRefused("Only what expired or failed is drafted anew.")


async def _is_out_again(tx: Tx, was: Proposal) -> bool:
    """Whether somebody drafted it anew before, and that waits for a decision."""
    others = await proposals.of_incident(tx, was.incident_id)
    undecided = (ProposalState.OPEN, ProposalState.WAITING)
    return any(one.key.startswith(_key(was)) and one.state in undecided for one in others)


async def _again(tx: Tx, deps: Deps, incident: Incident, was: Proposal, fresh: Proposal, person: Person) -> Proposal:
    rows = [row for row in await action_log.entries(tx, incident.id, kinds=TOLD) if row.at > was.created_at]
    changed = [*_moved(was, fresh), *map(_told, rows)]
    more = [f"and {len(changed) - MOST_TOLD} more in the log"] if len(changed) > MOST_TOLD else []
    since = show.in_words(deps.now() - was.created_at)
    said = "; ".join([*changed[:MOST_TOLD], *more]) or "nothing that bears on it"
    kept = fresh.model_dump(include={"title", "risk", "primary", "rank", "evidence_ids", "shown"})
    return proposing.new_proposal(
        deps,
        incident,
        fresh.kind,
        key=f"{_key(was)}{deps.now().isoformat()}",
        body=f"Drafted anew by {person.name}. Changed in the {since} since: {said}.",
        requested_by=person.id,
        **kept,
    )


def _key(was: Proposal) -> str:
    return f"{was.key.partition('|anew:')[0]}|anew:"


def _moved(was: Proposal, now: Proposal) -> Iterator[str]:
    """What the dry run, or the entry of actions.yaml, says otherwise than before."""
    for key, name in COMPARED.items():
        if was.shown.get(key) != now.shown.get(key):
            yield f"{name} is {now.shown.get(key)}, was {was.shown.get(key)}"
    if was.shown.get("entry") != now.shown.get("entry"):
        yield "actions.yaml says something else of it"


def _told(row: LogEntry) -> str:
    payload = row.payload
    if row.kind in (LogKind.SEVERITY_SET, LogKind.STATUS_SET) and "to" in payload:
        what = "severity" if row.kind is LogKind.SEVERITY_SET else "status"
        return f"{what} {payload.get('from', 'unknown')} to {payload['to']}"
    return {LogKind.CARRIED_OUT: "an action was carried out", LogKind.PUBLISHED: "an update went out"}.get(
        row.kind, "the incident was changed"
    )
