"""Where an audience is told: the chat's own channels of updates, and the channels of copilot.yaml that are for it."""

from collections.abc import Mapping

from incident_copilot.domain.content import PublicUpdate
from incident_copilot.domain.effect import Deed, Place, Publish, Show, ShowTo
from incident_copilot.domain.incident import Incident, Status
from incident_copilot.domain.proposal import Audience, Proposal, ProposalKind, ProposalState
from incident_copilot.domain.update import CHAT, Act, Publication, PublicState, Update
from incident_copilot.pipeline.comms.texts import UNNAMED
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import ChatChannel
from incident_copilot.store import proposals, publications
from incident_copilot.store.db import Tx

PLACES: Mapping[Audience, Place] = {
    Audience.INTERNAL: Place.INTERNAL_UPDATES,
    Audience.MANAGEMENT: Place.INTERNAL_UPDATES,
    Audience.CUSTOMERS: Place.CUSTOMER_UPDATES,
}
"""Where the chat tells an audience; people outside of the company are told by channels of copilot.yaml only."""
DECIDED_TO_ACT = (ProposalState.APPROVED, ProposalState.CARRIED_OUT)
WITHDRAWN = "This update was withdrawn."


def of(deps: Deps, incident: Incident, audience: Audience) -> list[str]:
    """Return the names of all outlets for an audience; a test stays in its channel, shadow mode in the chat."""
    if incident.test:
        return [CHAT]
    stays = deps.policy.shadow
    named = [
        name
        for name, channel in deps.comms_channels.items()
        if audience in channel.audiences and (isinstance(channel, ChatChannel) or not stays)
    ]
    return [*([CHAT] if audience in PLACES else []), *named]


def deed_for(
    deps: Deps, incident: Incident, proposal: Proposal, outlet: str, update: Update, act: Act, approved_by: str
) -> Publish | Show:
    """Return what tells an update at an outlet, or does otherwise with it; one that is gone by now refuses it.

    `proposal` is the one that published it first: its message is the one that is edited.
    """
    channel = deps.comms_channels.get(outlet)
    if outlet != CHAT and not isinstance(channel, ChatChannel):
        return Publish(proposal_id=proposal.id, channel=outlet, act=act, update=update, approved_by=approved_by)
    content = PublicUpdate(incident=incident, audience=update.audience, text=update.text, approved_by=approved_by)
    slot = slot_of(proposal.id)
    if isinstance(channel, ChatChannel):
        return ShowTo(place=Place.CHANNEL, to=channel.chat_channel, slot=f"{slot}:{outlet}", content=content)
    place = Place.INCIDENT if incident.test else PLACES[update.audience]
    return Show(place=place, slot=slot, content=content)


def slot_of(proposal_id: str) -> str:
    """Return the slot of an update's message in the chat; other channels of the chat add their name to it."""
    return f"update:{proposal_id}"


def told_by(deed: Deed) -> tuple[str, str] | None:
    """Return the proposal and outlet of a deed that tells an update; None of any other."""
    if isinstance(deed, Publish):
        return deed.proposal_id, deed.channel
    if isinstance(deed, Show) and deed.slot.startswith("update:"):
        _, proposal_id, *outlet = deed.slot.split(":", 2)
        return proposal_id, outlet[0] if outlet else CHAT
    return None


def name_of(deps: Deps, outlet: str) -> str:
    """Return an outlet in the words people read."""
    channel = deps.comms_channels.get(outlet)
    return channel.name if channel else ("the chat" if outlet == CHAT else outlet)


async def update_of(
    tx: Tx, deps: Deps, incident: Incident, proposal: Proposal, text: str, out: Publication | None
) -> Update:
    """Return an update as an outlet is given it; `out` is what it answered before."""
    service = deps.catalog.service(incident.service)
    thing = (service.public_name if service else None) or UNNAMED
    is_outside = proposal.audience is not None and proposal.audience.is_outside
    return Update(
        key=f"{proposal.id}-{proposal.version}",
        incident_id=incident.id,
        name=f"Trouble with {thing}" if is_outside else f"{incident.label} {incident.title}",
        text=text,
        state=await state_of(tx, incident),
        severity=incident.severity,
        service=incident.service,
        audience=proposal.audience or Audience.INTERNAL,
        started_at=incident.started_at,
        ref=out.ref if out else {},
    )


async def state_of(tx: Tx, incident: Incident) -> PublicState:
    """Return where an incident is, as status pages say it; identified once people have decided what to do about it."""
    if incident.status in (Status.MITIGATED, Status.RESOLVED):
        return PublicState.MONITORING if incident.status is Status.MITIGATED else PublicState.RESOLVED
    kept = await proposals.of_incident(tx, incident.id)
    acts = any(one.kind is ProposalKind.ACTION and one.state in DECIDED_TO_ACT for one in kept)
    return PublicState.IDENTIFIED if acts else PublicState.INVESTIGATING


async def last_at(tx: Tx, incident: Incident, outlet: str) -> Publication | None:
    """Return what an outlet was told last about an incident."""
    told = [one for one in await publications.of_incident(tx, incident.id) if one.channel == outlet and one.ref]
    return told[-1] if told else None
