"""Keep what came of suggestions, and how useful people found it"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "trials",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("adviser", sa.String(length=200), nullable=False),
        sa.Column("proposal_id", sa.String(length=32), nullable=False),
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("came", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "adviser", "proposal_id", name=op.f("pk_trials")),
    )
    op.create_index("ix_trials_at", "trials", ["workspace_id", "at"], unique=False)
    op.create_table(
        "ratings",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "incident_id", "person", name=op.f("pk_ratings")),
    )
    op.add_column("outcomes", sa.Column("lasted_s", sa.Float(), nullable=True))
    op.add_column("outcomes", sa.Column("worst", sa.Float(), nullable=True))
    op.add_column("outcomes", sa.Column("bound", sa.Float(), nullable=True))
    op.create_index("ix_ratings_at", "ratings", ["workspace_id", "at"], unique=False)


def downgrade() -> None:
    """Refuse: what was kept would be lost."""
    raise NotImplementedError("restore a backup to go back")
