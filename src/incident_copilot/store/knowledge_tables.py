"""The table of incidents that are over, as search reads them."""

import sqlalchemy as sa
from sqlalchemy import Column, Index, Table

from incident_copilot.store.column_types import Time
from incident_copilot.store.metadata import Json, Workspace, metadata

past_incidents = Table(
    "past_incidents",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("id", sa.String(250), primary_key=True),
    Column("digest", sa.String(64), nullable=False),
    Column("body", Json, nullable=False),
    Column("changed_at", Time, nullable=False),
)
Index("ix_past_incidents_changed_at", past_incidents.c.workspace_id, past_incidents.c.changed_at)
