"""What a draft was true of, and what has changed since: a draft that the facts contradict must not be approved."""

from collections.abc import Iterator, Mapping

from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.domain.proposal import Audience, Proposal, ProposalKind, ProposalState
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import alerts, effects, proposals, publications
from incident_copilot.store.db import Tx

PHASES = {Status.OPEN: "being handled", Status.ACKNOWLEDGED: "being handled"}
"""Who acknowledges an incident contradicts no update."""
AsOf = Mapping[str, str | bool]


async def bound(tx: Tx, incident: Incident, audience: Audience) -> dict[str, str | bool]:
    """Return what an update that is drafted now is true of."""
    firing, _ = await alerts.counts(tx, incident.id)
    told = await publications.newest(tx, incident.id, audience)
    return facts(incident, firing=firing > 0, told=told.at.isoformat() if told else "")


def facts(incident: Incident, *, firing: bool, told: str = "") -> dict[str, str | bool]:
    """Return what an update is true of, as it is kept with it; `told` is when its readers last heard something."""
    return {
        "severity": incident.severity.value,
        "status": PHASES.get(incident.status, incident.status.value),
        "firing": firing,
        "told": told,
    }


async def changes(tx: Tx, incident: Incident, proposal: Proposal) -> tuple[str, ...]:
    """Return in words what contradicts an open draft; nothing where it still holds, or is no update."""
    drafted: AsOf | None = proposal.shown.get("as_of")
    audience = proposal.audience
    if proposal.state is not ProposalState.OPEN or audience is None or not drafted:
        return ()
    return tuple(differences(drafted, await bound(tx, incident, audience), audience))


def differences(drafted: AsOf, now: AsOf, audience: Audience) -> Iterator[str]:
    """Yield what is otherwise now than when an update was drafted."""
    if drafted["severity"] != now["severity"]:
        words = [f"{level} {Severity(str(level)).word}" for level in (now["severity"], drafted["severity"])]
        yield f"the severity is {words[0]}, it was {words[1]}"
    if drafted["status"] != now["status"]:
        yield f"the incident is {now['status']}, it was {drafted['status']}"
    if drafted["firing"] != now["firing"]:
        yield "an alert fires again" if now["firing"] else "all its alerts have resolved"
    if drafted["told"] != now["told"]:
        readers = audience.readers
        yield f"another update for {readers} was published" if now["told"] else f"that for {readers} was retracted"


async def drifted(tx: Tx, deps: Deps, incident: Incident) -> list[Proposal]:
    """Return the open drafts whose message says otherwise than it should about what has changed since."""
    kept = await proposals.of_incident(tx, incident.id, ProposalState.OPEN)
    drafts = [proposal for proposal in kept if proposal.kind is ProposalKind.UPDATE]
    return [draft for draft in drafts if await _is_shown_wrong(tx, deps, incident, draft)]


async def _is_shown_wrong(tx: Tx, deps: Deps, incident: Incident, proposal: Proposal) -> bool:
    last = await effects.latest(tx, deps.workspace_id, incident.id, f"proposal:{proposal.id}")
    content = getattr(last.deed, "content", None) if last else None
    return content is not None and content.changed != await changes(tx, incident, proposal)
