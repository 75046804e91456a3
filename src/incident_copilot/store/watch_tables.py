"""The tables of what is watched over time: heartbeats of monitoring, noise, and how incidents turned out."""

import sqlalchemy as sa
from sqlalchemy import Column, Index, Table

from incident_copilot.store.column_types import Time
from incident_copilot.store.metadata import Id, Json, Workspace, metadata

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("source", sa.String(100), primary_key=True),
    Column("fingerprint", sa.String(64), primary_key=True),
    Column("alert", Json, nullable=False),
    Column("last_at", Time, nullable=False),
    Column("usual_s", sa.Float),
    Column("watched_since", Time, nullable=False),
    Column("checked_at", Time, nullable=False),
    Column("silent_since", Time),
    Column("incident_id", Id),
)

noise = Table(
    "noise",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("name", sa.String(200), primary_key=True),
    Column("service", sa.String(200), primary_key=True),
    Column("times", sa.Integer, nullable=False),
    Column("first_at", Time, nullable=False),
    Column("last_at", Time, nullable=False),
    Column("why", sa.String(300), nullable=False),
    Column("fingerprint", sa.String(64), nullable=False),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("incident_id", Id, primary_key=True),
    Column("name", sa.String(200), nullable=False),
    Column("service", sa.String(200), nullable=False),
    Column("outcome", sa.String(20), nullable=False),
    Column("ended_at", Time, nullable=False),
    Column("lasted_s", sa.Float),
    Column("worst", sa.Float),
    Column("bound", sa.Float),
)
Index("ix_outcomes_alert", outcomes.c.workspace_id, outcomes.c.name, outcomes.c.service, outcomes.c.ended_at)
