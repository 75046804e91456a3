"""Note when sources were heard"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "sources_heard",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lag_s", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "source", name=op.f("pk_sources_heard")),
    )


def downgrade() -> None:
    """Refuse: what was noted would be lost."""
    raise NotImplementedError("restore a backup to go back")
