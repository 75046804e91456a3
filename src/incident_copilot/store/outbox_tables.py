"""The tables of what goes out: effects, the messages they left, and when a channel or a chat takes the next one."""

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Table

from incident_copilot.store.column_types import Time
from incident_copilot.store.metadata import Id, Json, Workspace, metadata

effects = Table(
    "effects",
    metadata,
    Column("id", Id, primary_key=True),
    Column("workspace_id", Workspace, nullable=False),
    Column("incident_id", Id, ForeignKey("incidents.id")),
    Column("stream", sa.String(120), nullable=False),
    Column("seq", sa.Integer, nullable=False),
    Column("slot", sa.String(120)),
    Column("place", sa.String(20)),
    Column("deed", Json, nullable=False),
    Column("effect_class", sa.String(20), nullable=False),
    Column("needs", Json, nullable=False),
    Column("priority", sa.Integer, nullable=False),
    Column("state", sa.String(20), nullable=False),
    Column("attempts", sa.Integer, nullable=False),
    Column("run_at", Time, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("sent_at", Time),
    Column("proof_at", Time),
    Column("sends", sa.Integer, nullable=False),
    Column("asked", sa.Boolean, nullable=False),
    Column("lease_by", sa.String(64)),
    Column("lease_until", Time),
    Column("result", Json, nullable=False),
    Column("error", sa.Text),
    sa.UniqueConstraint("workspace_id", "stream", "seq"),
)
Index("ix_effects_due", effects.c.state, effects.c.run_at)
Index("ix_effects_incident", effects.c.incident_id)

messages = Table(
    "messages",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("scope", sa.String(64), primary_key=True),
    Column("slot", sa.String(120), primary_key=True),
    Column("channel", sa.String(40), primary_key=True),
    Column("ts", sa.String(40), nullable=False),
    Column("alias", sa.String(80)),
    Column("updated_at", Time, nullable=False),
)
Index("ix_messages_channel", messages.c.workspace_id, messages.c.channel, messages.c.ts)
Index("ix_messages_alias", messages.c.workspace_id, messages.c.alias)

send_slots = Table(
    "send_slots",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("channel", sa.String(80), primary_key=True),
    Column("next_at", Time, nullable=False),
)

outages = Table(
    "outages",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("since", Time, nullable=False),
    Column("code", sa.String(80)),
    Column("error", sa.Text, nullable=False),
    Column("try_at", Time, nullable=False),
)
