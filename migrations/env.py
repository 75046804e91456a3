"""How Alembic reaches the database: over the connection that store/schema.py opened, locked and will commit."""

import sqlalchemy as sa
from alembic import context

from incident_copilot.store.tables import metadata
from incident_copilot.store.triggers import make_append_only

connection: sa.Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
make_append_only(connection)
