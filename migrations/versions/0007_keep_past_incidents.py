"""Keep incidents that are over, as search reads them"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "past_incidents",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=250), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_past_incidents")),
    )
    op.create_index("ix_past_incidents_changed_at", "past_incidents", ["workspace_id", "changed_at"], unique=False)


def downgrade() -> None:
    """Refuse: what was kept would be lost."""
    raise NotImplementedError("restore a backup to go back")
