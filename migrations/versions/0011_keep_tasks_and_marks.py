"""Keep tasks, and what people mark and correct on the timeline"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.add_column("timeline", sa.Column("files", sa.JSON(), nullable=True))
    op.add_column("timeline", sa.Column("marks", sa.JSON(), nullable=True))
    op.add_column("timeline", sa.Column("corrected", sa.Boolean(), nullable=True))
    op.create_index("ix_timeline_found", "timeline", ["ref"], unique=False)
    op.create_table(
        "tasks",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("assignee", sa.String(length=64), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_tasks_incident_id_incidents")),
        sa.PrimaryKeyConstraint("workspace_id", "incident_id", "number", name=op.f("pk_tasks")),
    )
    op.create_index("ix_tasks_open", "tasks", ["workspace_id", "assignee", "done_at"], unique=False)


def downgrade() -> None:
    """Refuse: what people wrote down would be lost."""
    raise NotImplementedError("restore a backup to go back")
