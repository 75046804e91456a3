"""The tables of AI systems: what was observed, interactions, and what monitors said last."""

import sqlalchemy as sa
from sqlalchemy import Column, Index, Table

from incident_copilot.store.column_types import Packed, Time
from incident_copilot.store.metadata import Id, Json, Workspace, metadata

observations = Table(
    "observations",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("system", sa.String(100), nullable=False),
    Column("metric", sa.String(160), nullable=False),
    Column("group", sa.String(160), nullable=False),
    Column("at", Time, nullable=False),
    Column("value", sa.Float),
    Column("n", sa.BigInteger),
    Column("successes", sa.BigInteger),
    Column("squares", sa.Float),
    Column("baseline", sa.Float),
    Column("counts", Json, nullable=False),
    Column("history", Json, nullable=False),
    Column("labels", Json, nullable=False),
    Column("folded", sa.Boolean, nullable=False),
)
Index("ix_observations_system", observations.c.workspace_id, observations.c.system, observations.c.at)
Index("ix_observations_unfolded", observations.c.workspace_id, observations.c.folded, observations.c.at)

interactions = Table(
    "interactions",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("system", sa.String(100), primary_key=True),
    Column("id", sa.String(200), primary_key=True),
    Column("at", Time, nullable=False),
    Column("request", Packed, nullable=False),
    Column("response", Packed, nullable=False),
    Column("user", sa.String(64)),
    Column("labels", Json, nullable=False),
    Column("scores", Json, nullable=False),
    Column("score", sa.Float),
    Column("signals", Json, nullable=False),
    Column("feedback", sa.Float),
)
Index("ix_interactions_at", interactions.c.workspace_id, interactions.c.system, interactions.c.at)

verdicts = Table(
    "verdicts",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("system", sa.String(100), primary_key=True),
    Column("key", Id, primary_key=True),
    Column("outcome", sa.String(20), nullable=False),
    Column("at", Time, nullable=False),
    Column("body", Json, nullable=False),
)
