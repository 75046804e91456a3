"""The table of evaluations: what came of a set of cases, asked of one version of an AI system."""

import sqlalchemy as sa
from sqlalchemy import Column, Index, Table

from incident_copilot.store.column_types import Packed, Time
from incident_copilot.store.metadata import Id, Workspace, metadata

evaluation_runs = Table(
    "evaluation_runs",
    metadata,
    Column("workspace_id", Workspace, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("system", sa.String(100), nullable=False),
    Column("suite", sa.String(60), nullable=False),
    Column("at", Time, nullable=False),
    Column("body", Packed, nullable=False),
)
Index(
    "ix_evaluation_runs_suite",
    evaluation_runs.c.workspace_id,
    evaluation_runs.c.system,
    evaluation_runs.c.suite,
    evaluation_runs.c.at,
)
