"""Keep when people last looked at an incident, and what the copilot answered them"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "looks",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "incident_id", "person", name=op.f("pk_looks")),
    )
    op.create_table(
        "answers",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("incident_id", sa.String(length=32), nullable=True),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("thread_ts", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=True),
        sa.Column("outcome", sa.String(length=60), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("sentences", sa.Integer(), nullable=False),
        sa.Column("struck", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_answers")),
    )
    op.create_index("ix_answers_thread", "answers", ["workspace_id", "channel", "thread_ts"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("answer_id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "answer_id", "person", name=op.f("pk_feedback")),
    )


def downgrade() -> None:
    """Refuse: what was kept would be lost."""
    raise NotImplementedError("restore a backup to go back")
