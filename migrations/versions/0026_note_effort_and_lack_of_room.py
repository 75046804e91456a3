"""Note how hard a model was to think about each question, and what that had no room for"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.add_column("model_calls", sa.Column("reasoning_effort", sa.String(length=10), nullable=True))
    op.add_column("model_calls", sa.Column("lacked", sa.String(length=60), nullable=True))


def downgrade() -> None:
    """Refuse: what was noted would be lost."""
    raise NotImplementedError("restore a backup to go back")
