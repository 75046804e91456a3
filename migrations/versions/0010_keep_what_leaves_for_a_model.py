"""Keep what leaves for a language model"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "egress",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("incident_id", sa.String(length=32), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("endpoint", sa.String(length=250), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("prompt", sa.String(length=80), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("hidden", sa.JSON(), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=True),
        sa.Column("sentences", sa.Integer(), nullable=True),
        sa.Column("struck", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_egress")),
    )
    op.create_index("ix_egress_incident_id", "egress", ["incident_id"], unique=False)


def downgrade() -> None:
    """Refuse: what was kept would be lost."""
    raise NotImplementedError("restore a backup to go back")
