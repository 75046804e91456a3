"""The table of evidence that was kept as it was at a moment; append-only, as the log that vouches for it."""

import sqlalchemy as sa
from sqlalchemy import Column, Table

from incident_copilot.store.column_types import PackedBytes
from incident_copilot.store.metadata import Workspace, metadata

snapshots = Table(
    "snapshots",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("chain", sa.String(120), primary_key=True),
    Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    Column("name", sa.String(60), primary_key=True),
    Column("body", PackedBytes, nullable=False),
)
