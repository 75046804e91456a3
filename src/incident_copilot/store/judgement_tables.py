"""The table of what people said of requests to an AI system."""

import sqlalchemy as sa
from sqlalchemy import Column, Table

from incident_copilot.store.column_types import Time
from incident_copilot.store.metadata import Id, Workspace, metadata

judgements = Table(
    "judgements",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("incident_id", Id, primary_key=True),
    Column("request", sa.String(200), primary_key=True),
    Column("stratum", sa.String(20), nullable=False),
    Column("bad", sa.Boolean, nullable=False),
    Column("by", sa.String(64), nullable=False),
    Column("at", Time, nullable=False),
)
