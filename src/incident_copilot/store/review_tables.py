"""The tables of a postmortem's life: what its sections said, how far its review is, and the work that follows."""

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Table

from incident_copilot.store.column_types import Time
from incident_copilot.store.metadata import Id, Json, Workspace, metadata

postmortem_sections = Table(
    "postmortem_sections",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), primary_key=True),
    Column("section", sa.String(40), primary_key=True),
    Column("version", sa.Integer, primary_key=True),
    Column("at", Time, nullable=False),
    Column("by", sa.String(64), nullable=False),
    Column("text_id", Id, nullable=False),
    Column("log_seq", sa.Integer),
)

postmortem_reviews = Table(
    "postmortem_reviews",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), primary_key=True),
    Column("state", sa.String(20), nullable=False),
    Column("owner", sa.String(64)),
    Column("body", Json, nullable=False),
)
Index("ix_postmortem_reviews_state", postmortem_reviews.c.workspace_id, postmortem_reviews.c.state)

action_items = Table(
    "action_items",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), primary_key=True),
    Column("number", sa.Integer, primary_key=True),
    Column("assignee", sa.String(64)),
    Column("due", sa.Date),
    Column("done_at", Time),
    Column("external_key", sa.String(200)),
    Column("body", Json, nullable=False),
)
Index("ix_action_items_open", action_items.c.workspace_id, action_items.c.done_at, action_items.c.assignee)
Index("ix_action_items_external", action_items.c.workspace_id, action_items.c.external_key)
