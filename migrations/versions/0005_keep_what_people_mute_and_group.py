"""Keep what mutes an alert, silences, and which alerts people grouped or kept apart"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.add_column("alerts", sa.Column("inhibits", sa.Boolean(), nullable=True))
    op.add_column("alerts", sa.Column("muted_by", sa.String(length=100), nullable=True))
    op.create_index(
        "ix_alerts_inhibits",
        "alerts",
        ["workspace_id", "incident_id"],
        unique=False,
        sqlite_where=sa.text("inhibits"),
        postgresql_where=sa.text("inhibits"),
    )
    op.create_index(
        "ix_alerts_muted",
        "alerts",
        ["workspace_id", "muted_by", "status"],
        unique=False,
        sqlite_where=sa.text("muted_by IS NOT NULL"),
        postgresql_where=sa.text("muted_by IS NOT NULL"),
    )
    op.create_table(
        "pairings",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("one", sa.String(length=250), nullable=False),
        sa.Column("other", sa.String(length=250), nullable=False),
        sa.Column("together", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "one", "other", name=op.f("pk_pairings")),
    )
    op.create_index("ix_pairings_at", "pairings", ["workspace_id", "at"], unique=False)
    op.create_table(
        "silences",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("ref", sa.String(length=100), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silences")),
        sa.UniqueConstraint("workspace_id", "number", name=op.f("uq_silences_workspace_id")),
    )
    op.create_index(
        "uq_silences_ref",
        "silences",
        ["workspace_id", "source", "ref"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "silences_read",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "source", name=op.f("pk_silences_read")),
    )


def downgrade() -> None:
    """Refuse: what was kept would be lost."""
    raise NotImplementedError("restore a backup to go back")
