"""What people made of the steps of runbooks that were put to them."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.proposal import Proposal, ProposalState
from incident_copilot.store.bodies import value_of
from incident_copilot.store.tables import proposals

MOST = 5_000
STEP = "step:"
"""How the key of a proposal begins that puts a runbook's step to people."""
DECIDED = (ProposalState.DONE, ProposalState.REJECTED)


async def decided(db: AsyncConnection, workspace_id: str, since: datetime) -> Iterator[Proposal]:
    """Return the steps that people said yes or no to since, the newest first; at most five thousand."""
    which = sa.and_(
        proposals.c.workspace_id == workspace_id,
        proposals.c.key.startswith(STEP),
        proposals.c.state.in_(DECIDED),
        proposals.c.expires_at >= since,
    )
    query = sa.select(proposals.c.body).where(which).order_by(proposals.c.id.desc()).limit(MOST)
    return (value_of(Proposal, row.body) for row in await db.execute(query))
