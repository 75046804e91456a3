"""Draft status updates from templates that state only what is known; people edit and approve them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.hypothesis import Brief, Verdict
from incident_copilot.domain.incident import Incident, Severity, Status
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import Audience, Proposal, ProposalKind
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import people, proposing
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigate import Investigation
from incident_copilot.pipeline.model_use import services_of, why_no_model
from incident_copilot.pipeline.triage import share_failing
from incident_copilot.store import alerts, evidence, incidents, proposals
from incident_copilot.store.db import CLICKS

ENDED = "ended"
RANK_CUSTOMERS, RANK_INTERNAL, RANK_ASKED = 2, 35, 0
CADENCE = {
    Severity.P0: timedelta(minutes=30),
    Severity.P1: timedelta(minutes=60),
    Severity.P2: timedelta(hours=2),
    Severity.P3: timedelta(hours=24),
}
"""How long until the next update is due, by severity."""


def first_drafts(deps: Deps, incident: Incident, members: Sequence[Alert], found: Investigation) -> list[Proposal]:
    """Return the first updates worth sending: to customers only where the evidence shows that users are affected."""
    drafts = [_draft(deps, incident, members, found.brief, Audience.INTERNAL, found.started_at, "first")]
    if _users_affected(deps, incident, members):
        drafts.append(_draft(deps, incident, members, found.brief, Audience.CUSTOMERS, found.started_at, "first"))
    return drafts


def last_draft(deps: Deps, incident: Incident, members: Sequence[Alert], brief: Brief) -> Proposal:
    """Return the update that tells customers of the end of an incident."""
    occasion = f"{ENDED}:{deps.now().isoformat()}"
    return _draft(deps, incident, members, brief, Audience.CUSTOMERS, incident.started_at, occasion)


async def draft(deps: Deps, incident_id: str, person: Person, audience: Audience) -> Outcome:
    """Put a fresh draft for an audience to people, as somebody asked.

    Raises:
        DecisionRefused: not allowed.
        StoreUnavailable: nothing was recorded.
    """
    people.require(person, Role.RESPONDER, "ask for updates")
    async with deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        members = await alerts.belonging(tx, incident_id)
        brief = await evidence.latest_brief(tx, incident_id)
        if brief is None:
            raise DecisionRefused("The first brief is not there yet; ask again in a few seconds.")
        stamp = deps.now().isoformat()
        drafted = _draft(deps, incident, members, brief, audience, incident.started_at, stamp)
        proposal = drafted.model_copy(update={"rank": RANK_ASKED, "requested_by": person.id})
        await proposals.add(tx, proposal)
        await proposing.propose(tx, deps, incident, proposal)
    return Outcome(text="The draft is in the channel.", incident=incident, proposal=proposal)


def _draft(
    deps: Deps,
    incident: Incident,
    members: Sequence[Alert],
    brief: Brief,
    audience: Audience,
    started_at: datetime,
    occasion: str,
) -> Proposal:
    if why_no_model(incident, services_of(incident, members), deps.catalog):
        text = _holding_statement(deps, incident, audience)
    elif audience is Audience.CUSTOMERS:
        text = _for_customers(deps, incident, members, started_at)
    else:
        text = _for_colleagues(deps, incident, members, brief, started_at)
    cited = tuple(dict.fromkeys(ref for line in brief.lines for ref in line.evidence_ids))[:5]
    return proposing.new_proposal(
        deps,
        incident,
        ProposalKind.UPDATE,
        key=f"update:{audience}:{occasion}",
        title="Status update for customers" if audience is Audience.CUSTOMERS else "Status update for colleagues",
        rank=RANK_CUSTOMERS if audience is Audience.CUSTOMERS else RANK_INTERNAL,
        shown={"audience": audience.value, "text": text},
        evidence_ids=cited,
    )


def _users_affected(deps: Deps, incident: Incident, members: Sequence[Alert]) -> bool:
    service = deps.catalog.service(incident.service)
    faces_users = service is None or service.user_facing is not False
    return faces_users and any(share_failing(alert) for alert in members)


def _for_colleagues(
    deps: Deps, incident: Incident, members: Sequence[Alert], brief: Brief, started_at: datetime
) -> str:
    lines = [
        f"{incident.label} ({incident.severity} {incident.severity.word}): {_what(incident, members)}",
        f"Since {started_at:%H:%M} UTC. Status: {incident.status}.",
    ]
    if brief.suspect and brief.suspect.verdict is Verdict.LIKELY:
        lines.append(f"Likely cause: {brief.suspect.cause}.")
    leader = deps.catalog.person(incident.commander) if incident.commander else None
    if leader and leader.name:
        lines.append(f"Led by {leader.name}.")
    return "\n".join([*lines, _next_update(deps, incident)])


def _for_customers(deps: Deps, incident: Incident, members: Sequence[Alert], started_at: datetime) -> str:
    shares = [found for alert in members if (found := share_failing(alert))]
    failing = f" About {max(shares):.0%} of them fail." if shares else ""
    thing = incident.service or "our service"
    state = {
        Status.MITIGATED: "A fix is in place and we are watching it.",
        Status.RESOLVED: f"{thing.capitalize()} works again. We are sorry for the trouble.",
    }.get(incident.status, "Our engineers are working on it.")
    ended = incident.status is Status.RESOLVED
    opening = f"Since {started_at:%H:%M} UTC requests to {thing} have been failing.{failing}"
    if ended or incident.status is Status.MITIGATED:
        opening = f"From {started_at:%H:%M} UTC some requests to {thing} failed."
    closing = [] if ended else [_next_update(deps, incident)]
    return "\n".join([opening, state, *closing])


def _holding_statement(deps: Deps, incident: Incident, audience: Audience) -> str:
    """Say that somebody is on it and when more will be said; what happened is for people to tell."""
    if audience is Audience.INTERNAL:
        opening = f"{incident.label} ({incident.severity}) is being handled by those who need to know of it."
        over = f"{incident.label} is over."
    else:
        opening, over = "We are looking into a problem with our service.", "The problem we were looking into is over."
    return over if incident.status is Status.RESOLVED else f"{opening}\n{_next_update(deps, incident)}"


def _what(incident: Incident, members: Sequence[Alert]) -> str:
    said = members[0].description or members[0].summary if members else ""
    return said or incident.title


def _next_update(deps: Deps, incident: Incident) -> str:
    due = deps.now() + CADENCE[incident.severity]
    return f"Next update by {due:%H:%M} UTC."
