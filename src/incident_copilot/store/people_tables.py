"""The tables of what people say about alerts: silences, here and elsewhere, and which alerts belong together."""

import sqlalchemy as sa
from sqlalchemy import Column, Index, Table

from incident_copilot.store.column_types import Time
from incident_copilot.store.metadata import Id, Json, Workspace, metadata

pairings = Table(
    "pairings",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("one", sa.String(250), primary_key=True),
    Column("other", sa.String(250), primary_key=True),
    Column("together", sa.Boolean, nullable=False),
    Column("at", Time, nullable=False),
)
Index("ix_pairings_at", pairings.c.workspace_id, pairings.c.at)

silences = Table(
    "silences",
    metadata,
    Column("id", Id, primary_key=True),
    Column("workspace_id", Workspace, nullable=False),
    Column("number", sa.Integer, nullable=False),
    Column("source", sa.String(100), nullable=False),
    Column("ref", sa.String(100), nullable=False),
    Column("until", Time, nullable=False),
    Column("ended_at", Time),
    Column("body", Json, nullable=False),
    sa.UniqueConstraint("workspace_id", "number"),
)
Index(
    "uq_silences_ref",
    silences.c.workspace_id,
    silences.c.source,
    silences.c.ref,
    unique=True,
    sqlite_where=silences.c.ended_at.is_(None),
    postgresql_where=silences.c.ended_at.is_(None),
)

silences_read = Table(
    "silences_read",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("source", sa.String(100), primary_key=True),
    Column("tried_at", Time, nullable=False),
    Column("read_at", Time),
    Column("problem", sa.Text),
)
