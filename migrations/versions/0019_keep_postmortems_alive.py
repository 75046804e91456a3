"""Keep what people write into postmortems, their reviews, and action items"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "postmortem_sections",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("section", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("text_id", sa.String(length=32), nullable=False),
        sa.Column("log_seq", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_postmortem_sections_incident_id_incidents")
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "incident_id", "section", "version", name=op.f("pk_postmortem_sections")
        ),
    )
    op.create_table(
        "postmortem_reviews",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_postmortem_reviews_incident_id_incidents")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "incident_id", name=op.f("pk_postmortem_reviews")),
    )
    op.create_index("ix_postmortem_reviews_state", "postmortem_reviews", ["workspace_id", "state"], unique=False)
    op.create_table(
        "action_items",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("assignee", sa.String(length=64), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("external_key", sa.String(length=200), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_action_items_incident_id_incidents")),
        sa.PrimaryKeyConstraint("workspace_id", "incident_id", "number", name=op.f("pk_action_items")),
    )
    op.create_index("ix_action_items_open", "action_items", ["workspace_id", "done_at", "assignee"], unique=False)
    op.create_index("ix_action_items_external", "action_items", ["workspace_id", "external_key"], unique=False)


def downgrade() -> None:
    """Refuse: what was kept would be lost."""
    raise NotImplementedError("restore a backup to go back")
