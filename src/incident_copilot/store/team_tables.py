"""The tables of what people set in the chat, and of channels that are closed to the copilot."""

import sqlalchemy as sa
from sqlalchemy import Column, Table

from incident_copilot.store.column_types import Time
from incident_copilot.store.metadata import Json, Workspace, metadata

team_settings = Table(
    "team_settings",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("team", sa.String(100), primary_key=True),
    Column("name", sa.String(40), primary_key=True),
    Column("value", Json, nullable=False),
    Column("set_by", sa.String(64), nullable=False),
    Column("set_at", Time, nullable=False),
)

closed_channels = Table(
    "closed_channels",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("channel", sa.String(40), primary_key=True),
    Column("why", sa.String(20), nullable=False),
    Column("since", Time, nullable=False),
)
