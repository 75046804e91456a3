"""Triggers that make the action log append-only; Alembic's batch operations on SQLite drop them silently."""

import sqlalchemy as sa

_SAME = "chain = NEW.chain AND seq = NEW.seq"
APPEND_ONLY = {"action_log": _SAME, "log_checkpoints": _SAME, "snapshots": f"{_SAME} AND name = NEW.name"}
"""The tables, and what tells that a row is there already."""
CUTTABLE = ("action_log", "snapshots")
CUT = "FROM log_checkpoints WHERE workspace_id = OLD.workspace_id AND chain = OLD.chain AND seq >= OLD.seq"
"""A row of the log, and what it vouches for, goes only where a signed checkpoint stands for it; checkpoints stay."""

_SQLITE = {
    "no_update": "BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    "no_delete": "BEFORE DELETE ON {table} {unless_cut} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    # INSERT OR REPLACE deletes the old row without firing the trigger above.
    "no_replace": "BEFORE INSERT ON {table} WHEN EXISTS "
    "(SELECT 1 FROM {table} WHERE {same}) "
    "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
}
_POSTGRES = {
    "no_change": "BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "no_truncate": "BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
}
_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF TG_OP = 'DELETE' AND TG_TABLE_NAME IN {cuttable} THEN
  IF EXISTS (SELECT 1 {cut}) THEN RETURN OLD; END IF;
END IF;
RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""


def make_append_only(db: sa.Connection) -> None:
    """Create the triggers anew on every append-only table that is there; called at the end of each migration run."""
    there = set(sa.inspect(db).get_table_names())
    is_postgres = db.dialect.name == "postgresql"
    if is_postgres:
        db.execute(sa.text(_POSTGRES_FUNCTION.format(cut=CUT, cuttable=CUTTABLE)))
    for table in there.intersection(APPEND_ONLY):
        unless_cut = f"WHEN NOT EXISTS (SELECT 1 {CUT})" if table in CUTTABLE else ""
        for name, body in (_POSTGRES if is_postgres else _SQLITE).items():
            drop = f"DROP TRIGGER IF EXISTS {table}_{name}"
            db.execute(sa.text(f"{drop} ON {table}" if is_postgres else drop))
            made = body.format(table=table, unless_cut=unless_cut, same=APPEND_ONLY[table])
            db.execute(sa.text(f"CREATE TRIGGER {table}_{name} {made}"))
