"""The tables of the copilot's talk with people: when they last looked, what it answered, what they thought of it."""

import sqlalchemy as sa
from sqlalchemy import Column, Index, Table

from incident_copilot.store.column_types import Time
from incident_copilot.store.metadata import Id, Workspace, metadata

looks = Table(
    "looks",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("incident_id", Id, primary_key=True),
    Column("person", sa.String(40), primary_key=True),
    Column("at", Time, nullable=False),
)

answers = Table(
    "answers",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("incident_id", Id),
    Column("person", sa.String(40), nullable=False),
    Column("channel", sa.String(40), nullable=False),
    Column("thread_ts", sa.String(40), nullable=False),
    Column("at", Time, nullable=False),
    Column("topic", sa.String(40), nullable=False),
    Column("model", sa.String(120)),
    Column("outcome", sa.String(60), nullable=False),
    Column("took_ms", sa.Integer, nullable=False),
    Column("sentences", sa.Integer, nullable=False),
    Column("struck", sa.Integer, nullable=False),
)

Index("ix_answers_thread", answers.c.workspace_id, answers.c.channel, answers.c.thread_ts)

open_streams = Table(
    "open_streams",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("channel", sa.String(40), primary_key=True),
    Column("ts", sa.String(40), primary_key=True),
    Column("thread_ts", sa.String(40), nullable=False),
    Column("until", Time, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("answer_id", Id, primary_key=True),
    Column("person", sa.String(40), primary_key=True),
    Column("helpful", sa.Boolean, nullable=False),
    Column("at", Time, nullable=False),
)
