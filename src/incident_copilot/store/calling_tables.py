"""The tables of calling people and of what is held back: who is on call, what was paged, switches, signed heads."""

import sqlalchemy as sa
from sqlalchemy import Column, Index, Table

from incident_copilot.store.column_types import Time
from incident_copilot.store.metadata import Id, Json, Workspace, metadata

duties = Table(
    "duties",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("source", sa.String(100), primary_key=True),
    Column("schedule", sa.String(200), primary_key=True),
    Column("people", Json, nullable=False),
    Column("read_at", Time),
    Column("problem", sa.Text),
)

pages = Table(
    "pages",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("pager", sa.String(100), primary_key=True),
    Column("key", sa.String(200), primary_key=True),
    Column("incident_id", Id, nullable=False),
    Column("state", sa.String(20), nullable=False),
    Column("at", Time, nullable=False),
)
Index("ix_pages_incident", pages.c.incident_id)

switches = Table(
    "switches",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("name", sa.String(60), primary_key=True),
    Column("by", sa.String(64), nullable=False),
    Column("at", Time, nullable=False),
)

log_checkpoints = Table(
    "log_checkpoints",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("chain", sa.String(120), primary_key=True),
    Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    Column("at", Time, nullable=False),
    Column("hash", sa.String(64), nullable=False),
    Column("signature", sa.String(200), nullable=False),
)

signed_heads = Table(
    "signed_heads",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("day", sa.String(10), primary_key=True),
    Column("at", Time, nullable=False),
    Column("body", sa.Text, nullable=False),
    Column("signature", sa.String(200), nullable=False),
)
