"""Draft status updates that state only what is known; people edit and approve them."""

from collections.abc import Sequence
from datetime import datetime

from incident_copilot.domain import advice, incident_type
from incident_copilot.domain.alert import Alert, AlertStatus
from incident_copilot.domain.hypothesis import Brief
from incident_copilot.domain.incident import Incident, Severity
from incident_copilot.domain.person import Person, Role
from incident_copilot.domain.proposal import Audience, Proposal, ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import chosen, people, proposing
from incident_copilot.pipeline.comms import as_of, texts
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.investigate import Investigation
from incident_copilot.pipeline.model_use import services_of, why_no_model
from incident_copilot.pipeline.triage import share_failing
from incident_copilot.store import alerts, evidence, incidents, proposals
from incident_copilot.store.db import CLICKS, Tx

ENDED = "ended"
MISLEADING = (Severity.P0, Severity.P1)
"""From when on users are told that answers may be wrong, though every request is answered."""
RANK_CUSTOMERS, RANK_INTERNAL, RANK_ASKED = 2, 35, 0


def first_drafts(deps: Deps, incident: Incident, members: Sequence[Alert], found: Investigation) -> list[Proposal]:
    """Return the first updates worth sending: to customers only where the evidence shows that users are affected."""
    known = _known(deps, incident, members, found.brief, found.started_at)
    drafts = [_draft(deps, known, Audience.INTERNAL, "first")]
    if _users_affected(deps, incident, members):
        drafts.append(_draft(deps, known, Audience.CUSTOMERS, "first"))
    return drafts


def last_draft(deps: Deps, incident: Incident, members: Sequence[Alert], brief: Brief) -> Proposal:
    """Return the update that tells customers of the end of an incident."""
    known = _known(deps, incident, members, brief, incident.started_at)
    return _draft(deps, known, Audience.CUSTOMERS, f"{ENDED}:{deps.now().isoformat()}")


async def draft(deps: Deps, incident_id: str, person: Person, audience: Audience) -> Outcome:
    """Put a fresh draft for an audience to people, as somebody asked.

    Raises:
        DecisionRefused: not allowed.
        StoreUnavailable: nothing was recorded.
    """
    people.require(person, Role.RESPONDER, "ask for updates")
    async with deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        proposal = await _put(tx, deps, incident, audience, person)
    return Outcome(text="The draft is in the channel.", incident=incident, proposal=proposal)


async def redraft(deps: Deps, proposal_id: str, person: Person) -> Outcome:
    """Put a fresh draft in the place of one that is out of date.

    Raises:
        DecisionRefused: not allowed, or the old one is not open any more.
        UnknownThing: there is no such proposal.
        StoreUnavailable: nothing was recorded.
    """
    people.require(person, Role.RESPONDER, "ask for updates")
    async with deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, (await proposals.get(tx, proposal_id)).incident_id)
        old = await proposals.lock(tx, proposal_id)
        if old.state is not ProposalState.OPEN or old.audience is None:
            raise DecisionRefused("That draft is not open any more. Nothing happened.")
        proposal = await _put(tx, deps, incident, old.audience, person)
    return Outcome(text="A new draft is in the channel.", incident=incident, proposal=proposal)


async def _put(tx: Tx, deps: Deps, incident: Incident, audience: Audience, person: Person) -> Proposal:
    """Put a draft to people at once; an open one for the same audience makes way for it."""
    members = await alerts.belonging(tx, incident.id)
    brief = await evidence.latest_brief(tx, incident.id)
    if brief is None:
        raise DecisionRefused("The first brief is not there yet; ask again in a few seconds.")
    known = _known(deps, incident, members, brief, incident.started_at)
    occasion = deps.now().isoformat() if incident.is_running else f"{ENDED}:{deps.now().isoformat()}"
    drafted = _draft(deps, known, audience, occasion)
    shown = drafted.shown | {"as_of": await as_of.bound(tx, incident, audience)}
    asked = {"shown": shown, "rank": RANK_ASKED, "requested_by": person.id}
    proposal = drafted.model_copy(update=asked)
    await proposals.add(tx, proposal)
    await proposing.propose(tx, deps, incident, proposal)
    return proposal


def _known(deps: Deps, incident: Incident, members: Sequence[Alert], brief: Brief, started_at: datetime) -> texts.Known:
    cadence, language = chosen.cadence(deps, incident), chosen.customer_language(deps, incident)
    return texts.Known(incident, members, brief, started_at, deps.now(), deps.catalog, cadence, language)


def _draft(deps: Deps, known: texts.Known, audience: Audience, occasion: str) -> Proposal:
    incident, members = known.incident, known.members
    is_sensitive = why_no_model(incident, services_of(incident, members), deps.catalog) is not None
    cited = tuple(dict.fromkeys(ref for line in known.brief.lines for ref in line.evidence_ids))[:5]
    firing = any(alert.status is AlertStatus.FIRING for alert in members)
    return proposing.new_proposal(
        deps,
        incident,
        ProposalKind.UPDATE,
        key=f"update:{audience}:{occasion}",
        title=f"Status update for {audience.readers}",
        advisers=(advice.draft(audience.value),),
        rank=RANK_CUSTOMERS if audience is Audience.CUSTOMERS else RANK_INTERNAL,
        shown={
            "audience": audience.value,
            "text": texts.holding_statement(audience, known) if is_sensitive else texts.text_for(audience, known),
            "as_of": as_of.facts(incident, firing=firing),
        },
        evidence_ids=cited,
    )


def _users_affected(deps: Deps, incident: Incident, members: Sequence[Alert]) -> bool:
    service = deps.catalog.service(incident.service)
    faces_users = service is None or service.user_facing is not False
    kind = incident_type.of(incident.incident_type)
    misleads = kind.of_ai and not deps.catalog.restricts(kind.name) and incident.severity in MISLEADING
    return faces_users and (misleads or any(share_failing(alert) for alert in members))
