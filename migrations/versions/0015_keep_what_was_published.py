"""Keep what was published where"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "publications",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("proposal_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "proposal_id", "channel", name=op.f("pk_publications")),
    )
    op.create_index("ix_publications_incident_id", "publications", ["incident_id", "at"], unique=False)


def downgrade() -> None:
    """Refuse: what was kept would be lost."""
    raise NotImplementedError("restore a backup to go back")
