"""The tables of running the copilot: drills, installations of the app, and who wants to hear of which incidents."""

import sqlalchemy as sa
from sqlalchemy import Column, Index, Table

from incident_copilot.store.column_types import Time
from incident_copilot.store.metadata import Id, Json, Workspace, metadata

drills = Table(
    "drills",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("key", sa.String(100), nullable=False),
    Column("incident_id", Id),
    Column("started_at", Time, nullable=False),
    Column("ended_at", Time),
    Column("body", Json, nullable=False),
    sa.UniqueConstraint("workspace_id", "key"),
)
Index(
    "uq_drills_running",
    drills.c.workspace_id,
    unique=True,
    sqlite_where=drills.c.ended_at.is_(None),
    postgresql_where=drills.c.ended_at.is_(None),
)

installations = Table(
    "installations",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("enterprise_id", sa.String(40), nullable=False),
    Column("team_id", sa.String(40), nullable=False),
    Column("bot_user_id", sa.String(40), nullable=False),
    Column("bot_id", sa.String(40), nullable=False),
    Column("scopes", sa.Text, nullable=False),
    Column("sealed", sa.Text, nullable=False),
    Column("installed_by", sa.String(40), nullable=False),
    Column("installed_at", Time, nullable=False),
    Column("revoked_at", Time),
)

oauth_states = Table(
    "oauth_states",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("digest", sa.String(64), primary_key=True),
    Column("expires_at", Time, nullable=False),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("person", sa.String(40), primary_key=True),
    Column("severity", sa.String(2), nullable=False),
    Column("address", sa.String(320)),
    Column("at", Time, nullable=False),
)
