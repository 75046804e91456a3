"""Hear watchdogs, count noise, and remember how alerts turned out"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "heartbeats",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("alert", sa.JSON(), nullable=False),
        sa.Column("last_at", time, nullable=False),
        sa.Column("usual_s", sa.Float(), nullable=True),
        sa.Column("watched_since", time, nullable=False),
        sa.Column("checked_at", time, nullable=False),
        sa.Column("silent_since", time, nullable=True),
        sa.Column("incident_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "source", "fingerprint", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "noise",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("service", sa.String(length=200), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", time, nullable=False),
        sa.Column("last_at", time, nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "name", "service", name=op.f("pk_noise")),
    )
    op.create_table(
        "outcomes",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("service", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("ended_at", time, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "incident_id", name=op.f("pk_outcomes")),
    )
    op.create_index("ix_outcomes_alert", "outcomes", ["workspace_id", "name", "service", "ended_at"], unique=False)


def downgrade() -> None:
    """Refuse: what was heard and counted would be lost."""
    raise NotImplementedError("restore a backup to go back")
