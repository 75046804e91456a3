"""Proposals and votes; a decision is written once, by compare-and-set on version and state."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.proposal import Proposal, ProposalState, Vote
from incident_copilot.errors import UnknownThing
from incident_copilot.store.bodies import body_of, value_of
from incident_copilot.store.tables import incidents, proposals, votes
from incident_copilot.store.upsert import insert_if_new

# Each card asks these, so they are built once.
_BODY = sa.select(proposals.c.body).where(proposals.c.id == sa.bindparam("proposal"))
_OF_INCIDENT = (
    sa.select(proposals.c.body).where(proposals.c.incident_id == sa.bindparam("incident")).order_by(proposals.c.id)
)
_OF_INCIDENT_IN_STATE = _OF_INCIDENT.where(proposals.c.state == sa.bindparam("state"))


async def add(db: AsyncConnection, proposal: Proposal) -> None:
    """Keep a new proposal."""
    await db.execute(sa.insert(proposals).values(id=proposal.id, **_columns(proposal)))


async def get(db: AsyncConnection, proposal_id: str) -> Proposal:
    """Return a proposal in its current version.

    Raises:
        UnknownThing: there is none with this id.
    """
    return _one(await db.execute(_BODY, {"proposal": proposal_id}), proposal_id)


async def lock(db: AsyncConnection, proposal_id: str) -> Proposal:
    """Return a proposal and keep others from changing it until the transaction ends.

    Raises:
        UnknownThing: there is none with this id.
    """
    return _one(await db.execute(_BODY.with_for_update(), {"proposal": proposal_id}), proposal_id)


async def save(db: AsyncConnection, proposal: Proposal, *, was: Proposal) -> bool:
    """Write a proposal back if it is still as it `was`; False when somebody else was first."""
    unchanged = sa.and_(
        proposals.c.id == was.id, proposals.c.version == was.version, proposals.c.state == was.state.value
    )
    result = await db.execute(sa.update(proposals).where(unchanged).values(_columns(proposal)))
    return result.rowcount == 1


async def of_incident(db: AsyncConnection, incident_id: str, state: ProposalState | None = None) -> list[Proposal]:
    """Return the incident's proposals, oldest first, of one state or of all."""
    asked = {"incident": incident_id} | ({"state": state.value} if state else {})
    found = await db.execute(_OF_INCIDENT_IN_STATE if state else _OF_INCIDENT, asked)
    return [value_of(Proposal, row.body) for row in found]


async def rejected_since(db: AsyncConnection, workspace_id: str, since: datetime, limit: int) -> list[Proposal]:
    """Return the proposals of a workspace that people rejected, the newest first; those decided before are left out."""
    rejected = sa.and_(proposals.c.workspace_id == workspace_id, proposals.c.state == ProposalState.REJECTED.value)
    query = sa.select(proposals.c.body).where(rejected).order_by(proposals.c.id.desc()).limit(limit)
    found = [value_of(Proposal, row.body) for row in await db.execute(query)]
    return [one for one in found if (one.decided_at or one.created_at) >= since]


async def expiring_since(
    db: AsyncConnection, workspace_id: str, since: datetime, service: str | None = None
) -> list[Proposal]:
    """Return the proposals of a workspace whose time was not over before a moment, oldest first.

    With a `service` those of its incidents, and actions on it in others.
    """
    recent = sa.and_(proposals.c.workspace_id == workspace_id, proposals.c.expires_at >= since)
    query = sa.select(proposals.c.body).where(recent).order_by(proposals.c.id)
    if service is not None:
        acts_on_it = proposals.c.body["shown"]["params"]["service"].as_string() == service
        query = query.join(incidents, incidents.c.id == proposals.c.incident_id)
        query = query.where(sa.or_(incidents.c.service == service, acts_on_it))
    return [value_of(Proposal, row.body) for row in await db.execute(query)]


async def told_as_rejected(db: AsyncConnection, workspace_id: str, proposal_id: str) -> list[Proposal]:
    """Return the proposals of later incidents that tell of the rejection of this one."""
    told = proposals.c.body["rejected_before"]["proposal_id"].as_string() == proposal_id
    query = sa.select(proposals.c.body).where(proposals.c.workspace_id == workspace_id, told)
    return [value_of(Proposal, row.body) for row in await db.execute(query)]


async def vote(db: AsyncConnection, cast: Vote) -> bool:
    """Record one person's vote on one version; False when that person has voted on it already."""
    return await insert_if_new(db, votes, cast.model_dump())


async def votes_on(db: AsyncConnection, proposal: Proposal) -> list[Vote]:
    """Return the votes on the current version, first cast first."""
    query = sa.select(votes).where(votes.c.proposal_id == proposal.id, votes.c.version == proposal.version)
    found = await db.execute(query.order_by(votes.c.at, votes.c.person))
    return [value_of(Vote, dict(row)) for row in found.mappings()]


def _columns(proposal: Proposal) -> dict[str, Any]:
    return {
        "workspace_id": proposal.workspace_id,
        "incident_id": proposal.incident_id,
        "key": proposal.key,
        "version": proposal.version,
        "state": proposal.state,
        "expires_at": proposal.expires_at,
        "body": body_of(proposal),
    }


def _one(result: sa.CursorResult[Any], proposal_id: str) -> Proposal:
    row = result.first()
    if row is None:
        raise UnknownThing(f"no proposal {proposal_id}")
    return value_of(Proposal, row.body)
