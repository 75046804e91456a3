"""Note prompt, role and cost of each question to a model"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.add_column("model_calls", sa.Column("role", sa.String(length=20), nullable=True))
    op.add_column("model_calls", sa.Column("prompt", sa.String(length=60), nullable=True))
    op.add_column("model_calls", sa.Column("prompt_version", sa.Integer(), nullable=True))
    op.add_column("model_calls", sa.Column("prompt_digest", sa.String(length=12), nullable=True))
    op.add_column("model_calls", sa.Column("cost_usd", sa.Float(), nullable=True))
    op.add_column("model_calls", sa.Column("temperature", sa.Float(), nullable=True))
    op.add_column("model_calls", sa.Column("seed", sa.Integer(), nullable=True))
    op.add_column("model_calls", sa.Column("sent_characters", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Refuse: what was noted would be lost."""
    raise NotImplementedError("restore a backup to go back")
