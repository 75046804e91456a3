"""Keep what incidents have covered, and alerts that a rule holds back"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.add_column("incidents", sa.Column("footprint", sa.JSON(), nullable=True))
    op.add_column("alerts", sa.Column("held", sa.String(length=250), nullable=True))
    op.create_index(
        "ix_alerts_held",
        "alerts",
        ["workspace_id", "held", "starts_at"],
        unique=False,
        sqlite_where=sa.text("held IS NOT NULL"),
        postgresql_where=sa.text("held IS NOT NULL"),
    )


def downgrade() -> None:
    """Refuse: what was kept would be lost."""
    raise NotImplementedError("restore a backup to go back")
