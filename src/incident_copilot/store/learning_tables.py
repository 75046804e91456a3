"""The tables of what is learned: what came of each adviser's suggestions, and how useful people found the copilot."""

import sqlalchemy as sa
from sqlalchemy import Column, Index, Table

from incident_copilot.store.column_types import Time
from incident_copilot.store.metadata import Id, Workspace, metadata

trials = Table(
    "trials",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("adviser", sa.String(200), primary_key=True),
    Column("proposal_id", Id, primary_key=True),
    Column("incident_id", Id, nullable=False),
    Column("came", sa.String(20), nullable=False),
    Column("at", Time, nullable=False),
)
Index("ix_trials_at", trials.c.workspace_id, trials.c.at)

ratings = Table(
    "ratings",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("incident_id", Id, primary_key=True),
    Column("person", sa.String(64), primary_key=True),
    Column("stars", sa.Integer, nullable=False),
    Column("at", Time, nullable=False),
)
Index("ix_ratings_at", ratings.c.workspace_id, ratings.c.at)
