"""The table of what the model looks into."""

import sqlalchemy as sa
from sqlalchemy import Column, Index, Table

from incident_copilot.store.column_types import Time
from incident_copilot.store.metadata import Id, Json, Workspace, metadata

investigations = Table(
    "investigations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("workspace_id", Workspace, nullable=False),
    Column("incident_id", Id, nullable=False),
    Column("state", sa.String(20), nullable=False),
    Column("step", sa.Integer, nullable=False),
    Column("stopped_by", sa.String(64)),
    Column("began_at", Time, nullable=False),
    Column("body", Json, nullable=False),
)
Index("ix_investigations_incident", investigations.c.workspace_id, investigations.c.incident_id, investigations.c.id)

model_calls = Table(
    "model_calls",
    metadata,
    Column("id", Id, primary_key=True),
    Column("workspace_id", Workspace, nullable=False),
    Column("incident_id", Id),
    Column("at", Time, nullable=False),
    Column("purpose", sa.String(60), nullable=False),
    Column("model", sa.String(120), nullable=False),
    Column("outcome", sa.String(60), nullable=False),
    Column("latency_ms", sa.Integer, nullable=False),
    Column("input_tokens", sa.Integer, nullable=False),
    Column("output_tokens", sa.Integer, nullable=False),
    Column("role", sa.String(20)),
    Column("prompt", sa.String(60)),
    Column("prompt_version", sa.Integer),
    Column("prompt_digest", sa.String(12)),
    Column("cost_usd", sa.Float),
    Column("temperature", sa.Float),
    Column("seed", sa.Integer),
    Column("sent_characters", sa.Integer),
    Column("reasoning_effort", sa.String(10)),
    Column("lacked", sa.String(60)),
)
