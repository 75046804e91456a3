"""The table of how far the copilot goes for services: what people asked for, agreed to and changed."""

import sqlalchemy as sa
from sqlalchemy import Column, Index, Table

from incident_copilot.store.column_types import Time
from incident_copilot.store.metadata import Id, Workspace, metadata

level_changes = Table(
    "level_changes",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("service", sa.String(200), nullable=False),
    Column("was", sa.String(20), nullable=False),
    Column("wanted", sa.String(20), nullable=False),
    Column("state", sa.String(20), nullable=False),
    Column("asked_by", sa.String(64), nullable=False),
    Column("asked_at", Time, nullable=False),
    Column("expires_at", Time),
    Column("reason", Id),
    Column("decided_by", sa.String(64)),
    Column("decided_at", Time),
)
_LIVE = sa.text("state IN ('advised', 'asked', 'in_force')")
Index(
    "uq_level_changes_live",
    level_changes.c.workspace_id,
    level_changes.c.service,
    level_changes.c.state,
    unique=True,
    sqlite_where=_LIVE,
    postgresql_where=_LIVE,
)
