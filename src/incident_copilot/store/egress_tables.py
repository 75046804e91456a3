"""The table of what left for a language model."""

import sqlalchemy as sa
from sqlalchemy import Column, Index, Table

from incident_copilot.store.column_types import Time
from incident_copilot.store.metadata import Id, Json, Workspace, metadata

egress = Table(
    "egress",
    metadata,
    Column("id", Id, primary_key=True),
    Column("workspace_id", Workspace, nullable=False),
    Column("incident_id", Id),
    Column("at", Time, nullable=False),
    Column("endpoint", sa.String(250), nullable=False),
    Column("purpose", sa.String(60), nullable=False),
    Column("prompt", sa.String(80), nullable=False),
    Column("characters", sa.Integer, nullable=False),
    Column("digest", sa.String(64), nullable=False),
    Column("hidden", Json, nullable=False),
    Column("model", sa.String(120)),
    Column("sentences", sa.Integer),
    Column("struck", sa.Integer),
)
Index("ix_egress_incident_id", egress.c.incident_id)
