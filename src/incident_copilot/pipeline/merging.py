"""Merge an incident into another one: proposed where an alert may belong there, done when a person says so.

What people say of two incidents counts later for alerts of the same kinds: merged ones join with less, and where a
merge was rejected, or an incident split, score alone does not join them again.
"""

from collections.abc import Iterable

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.incident import Ending, Incident, Membership
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.pairing import kinds_of, pairs
from incident_copilot.domain.person import Person
from incident_copilot.domain.proposal import Proposal, ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ending, ledger, proposing, severity, show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.matching import Match
from incident_copilot.store import alerts, incidents, pairings, proposals
from incident_copilot.store.db import Tx

POLICY = "policy:correlation"
RANK = 2
MOVED = 1000
"""How many alerts are told one by one of a merged incident; all of them move."""


async def propose(tx: Tx, deps: Deps, incident: Incident, match: Match) -> None:
    """Ask people whether a new incident belongs into one that runs, with the reasons."""
    into = match.incident
    proposal = proposing.new_proposal(
        deps,
        incident,
        ProposalKind.MERGE,
        key=f"merge:{into.id}",
        title=f"Merge {incident.label} into {into.label}",
        body=f"{into.label} {into.title}. They may be one: {match.reason}.",
        rank=RANK,
        shown={"into": into.id, "why": match.reason},
    )
    await proposals.add(tx, proposal)
    await proposing.show_next(tx, deps, incident)


async def approved(tx: Tx, deps: Deps, incident: Incident, proposal: Proposal, person: Person) -> Proposal:
    """Merge a locked incident into the one that was shown, as a person approved.

    Raises:
        DecisionRefused: one of the two has ended.
    """
    into = await incidents.lock(tx, proposal.shown["into"])
    merged = proposal.model_copy(
        update={"state": ProposalState.CARRIED_OUT, "outcome": f"{incident.label} is part of {into.label} now."}
    )
    await proposals.save(tx, merged, was=proposal)
    await merge(tx, deps, incident, into, proposal.shown["why"], person)
    return merged


async def rejected(tx: Tx, deps: Deps, incident: Incident, proposal: Proposal) -> None:
    """Keep in mind that a person said no to a merge."""
    mine, theirs = await alerts.belonging(tx, incident.id), await alerts.belonging(tx, proposal.shown["into"])
    await say(tx, deps, mine, theirs, together=False)


async def merge(tx: Tx, deps: Deps, incident: Incident, into: Incident, why: str, person: Person) -> None:
    """Move the alerts of a locked incident into another one, end it, and say so in both.

    Raises:
        DecisionRefused: one of the two has ended.
    """
    for one in (incident, into):
        if not one.is_running:
            raise DecisionRefused(f"{one.label} has ended already; nothing was merged.")
    mine, theirs = await alerts.belonging(tx, incident.id), await alerts.belonging(tx, into.id)
    await say(tx, deps, mine, theirs, together=True)
    await ledger.keep_name(tx, deps, person)
    await _carry_out(tx, deps, incident, into, why, actor=person.id, by=f"by {person.name}")


async def say(tx: Tx, deps: Deps, some: Iterable[Alert], others: Iterable[Alert], *, together: bool) -> None:
    """Keep in mind what people said of alerts of these kinds; alerts of one kind are never kept apart."""
    said = pairs(kinds_of(some), kinds_of(others))
    await pairings.say(tx, deps.workspace_id, said, together=together, now=deps.now())


async def merge_by_policy(tx: Tx, deps: Deps, one_id: str, other_id: str, why: str) -> None:
    """Merge the younger of two incidents into the older one; where people have touched it already they are asked."""
    one, other = await incidents.lock(tx, min(one_id, other_id)), await incidents.lock(tx, max(one_id, other_id))
    older, younger = sorted((one, other), key=lambda incident: incident.number)
    if not (older.is_running and younger.is_running):
        return
    if not await ledger.is_untouched(tx, younger):
        known = {proposal.key for proposal in await proposals.of_incident(tx, younger.id)}
        if f"merge:{older.id}" not in known:
            await propose(tx, deps, younger, Match(incident=older, reason=why))
        return
    await _carry_out(tx, deps, younger, older, why, actor=POLICY, by="because one cause explains both")


async def _carry_out(tx: Tx, deps: Deps, incident: Incident, into: Incident, why: str, *, actor: str, by: str) -> None:
    await _move(tx, deps, incident, into, why)
    there = {"merged": incident.id, "label": incident.label, "why": why}
    await ledger.write(tx, deps, into.id, LogKind.MERGED, actor, there)
    here = {"into": into.id, "label": into.label, "why": why}
    await ledger.write(tx, deps, incident.id, LogKind.MERGED, actor, here)
    await ending.end(tx, deps, incident, actor=actor, ending=Ending.MERGED, note="")
    await _told(tx, deps, incident, into, actor=actor, by=by)


async def _move(tx: Tx, deps: Deps, incident: Incident, into: Incident, why: str) -> None:
    reason = f"merged from {incident.label}: {why}"
    room = max(0, MOVED - await incidents.count_members(tx, into.id))
    members = (await incidents.memberships(tx, incident.id))[:room]
    moved = [
        Membership(incident_id=into.id, fingerprint=one.fingerprint, reason=reason, joined_at=deps.now())
        for one in members
    ]
    await incidents.join_all(tx, moved)
    await alerts.move(tx, incident.id, into.id)
    covered, added = await incidents.footprint(tx, into.id), await incidents.footprint(tx, incident.id)
    if covered.last and added.last:
        await incidents.save_footprint(tx, into.id, covered.with_other(added))


async def _told(tx: Tx, deps: Deps, incident: Incident, into: Incident, *, actor: str, by: str) -> None:
    if incident.severity.rank < into.severity.rank:
        because = f"{incident.label}, which is {incident.severity}, was merged into it"
        await severity.change(tx, deps, into, incident.severity, actor=actor, because=because)
    else:
        await show.card(tx, deps, into.id)
    text = f"{incident.label} {incident.title} was merged into this incident {by}."
    await show.notice(tx, deps, into, f"merged:{incident.id}", text)
    await wakeups.gather(tx, deps, into.id, at=deps.now())
