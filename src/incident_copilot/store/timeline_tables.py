"""The tables of an incident's course: what was observed, and what people set out to do."""

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Table

from incident_copilot.store.column_types import Time
from incident_copilot.store.metadata import Id, Json, Workspace, metadata

timeline = Table(
    "timeline",
    metadata,
    Column("id", Id, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False),
    Column("at", Time, nullable=False),
    Column("kind", sa.String(20), nullable=False),
    Column("text", sa.Text, nullable=False),
    Column("author", sa.String(64)),
    Column("ref", sa.String(200)),
    Column("link", sa.Text),
    Column("evidence_id", Id),
    Column("deleted", sa.Boolean, nullable=False),
    Column("edited", sa.Boolean, nullable=False),
    Column("files", Json),
    Column("marks", Json),
    Column("corrected", sa.Boolean),
    Column("removed_by", sa.String(64)),
)
Index("uq_timeline_ref", timeline.c.incident_id, timeline.c.kind, timeline.c.ref, unique=True)
Index("ix_timeline_at", timeline.c.incident_id, timeline.c.at)
Index("ix_timeline_found", timeline.c.ref)

tasks = Table(
    "tasks",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), primary_key=True),
    Column("number", sa.Integer, primary_key=True),
    Column("assignee", sa.String(64)),
    Column("done_at", Time),
    Column("body", Json, nullable=False),
)
Index("ix_tasks_open", tasks.c.workspace_id, tasks.c.assignee, tasks.c.done_at)
