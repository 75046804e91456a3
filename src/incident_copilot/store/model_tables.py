"""The table of what the model looks into."""

import sqlalchemy as sa
from sqlalchemy import Column, Index, Table

from incident_copilot.store.column_types import Time
from incident_copilot.store.metadata import Id, Json, Workspace, metadata

investigations = Table(
    "investigations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("workspace_id", Workspace, nullable=False),
    Column("incident_id", Id, nullable=False),
    Column("state", sa.String(20), nullable=False),
    Column("step", sa.Integer, nullable=False),
    Column("stopped_by", sa.String(64)),
    Column("began_at", Time, nullable=False),
    Column("body", Json, nullable=False),
)
Index("ix_investigations_incident", investigations.c.workspace_id, investigations.c.incident_id, investigations.c.id)
