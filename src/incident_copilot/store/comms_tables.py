"""The table of updates that were published."""

import sqlalchemy as sa
from sqlalchemy import Column, Index, Table

from incident_copilot.store.column_types import Time
from incident_copilot.store.metadata import Id, Json, Workspace, metadata

publications = Table(
    "publications",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("proposal_id", Id, primary_key=True),
    Column("channel", sa.String(80), primary_key=True),
    Column("incident_id", Id, nullable=False),
    Column("audience", sa.String(20), nullable=False),
    Column("at", Time, nullable=False),
    Column("body", Json, nullable=False),
)
Index("ix_publications_incident_id", publications.c.incident_id, publications.c.at)
