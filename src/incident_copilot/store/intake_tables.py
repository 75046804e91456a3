"""The tables of what comes in: deliveries, what nobody understood, changes, and when sources were heard."""

import sqlalchemy as sa
from sqlalchemy import Column, Index, Table

from incident_copilot.store.column_types import Packed, PackedBytes, Time
from incident_copilot.store.metadata import Id, Json, Workspace, metadata

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("workspace_id", Workspace, nullable=False),
    Column("source", sa.String(100), nullable=False),
    Column("delivery_key", sa.String(300), nullable=False),
    Column("received_at", Time, nullable=False),
    Column("body", Packed, nullable=False),
    sa.UniqueConstraint("workspace_id", "source", "delivery_key"),
)

sources_heard = Table(
    "sources_heard",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("source", sa.String(100), primary_key=True),
    Column("last_at", Time, nullable=False),
    Column("lag_s", sa.Float),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Id, primary_key=True),
    Column("workspace_id", Workspace, nullable=False),
    Column("source", sa.String(100), nullable=False),
    Column("digest", sa.String(64), nullable=False),
    Column("state", sa.String(10), nullable=False),
    Column("received_at", Time, nullable=False),
    Column("times", sa.Integer, nullable=False),
    Column("why", sa.Text, nullable=False),
    Column("headers", Json, nullable=False),
    Column("body", PackedBytes, nullable=False),
    sa.UniqueConstraint("workspace_id", "source", "digest"),
)
Index("ix_dead_letters_state", dead_letters.c.workspace_id, dead_letters.c.source, dead_letters.c.state)

changes = Table(
    "changes",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("key", sa.String(64), primary_key=True),
    Column("service", sa.String(200)),
    Column("at", Time, nullable=False),
    Column("change", Json, nullable=False),
)
Index("ix_changes_at", changes.c.workspace_id, changes.c.at)
