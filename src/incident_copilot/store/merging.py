"""One statement that merges many told alerts into their rows; each database takes many rows in its own way."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from incident_copilot.domain.alert import Alert

_Row = TypeVar("_Row")

State = tuple[Any, str]
"""When a firing began, as the database compares it, and the status: the later of two is the greater."""

_KNOWN = (
    "SELECT fingerprint, starts_at, status FROM alerts WHERE workspace_id = {workspace} AND fingerprint IN ({told})"
)

# Later is a later start, or of one firing its end: "resolved" sorts after "firing".
_MERGE = """
INSERT INTO alerts (workspace_id, fingerprint, alert, status, starts_at, first_seen, last_seen, times_seen, waiting)
SELECT {workspace}, fingerprint, alert, status, starts_at, {now}, {now}, times, TRUE
FROM {told} WHERE fingerprint IS NOT NULL
ON CONFLICT (workspace_id, fingerprint) DO UPDATE SET
  alert = CASE WHEN (excluded.starts_at, excluded.status) >= (alerts.starts_at, alerts.status)
    THEN excluded.alert ELSE alerts.alert END,
  waiting = alerts.waiting OR (excluded.starts_at, excluded.status) > (alerts.starts_at, alerts.status),
  status = CASE WHEN (excluded.starts_at, excluded.status) > (alerts.starts_at, alerts.status)
    THEN excluded.status ELSE alerts.status END,
  starts_at = CASE WHEN excluded.starts_at > alerts.starts_at THEN excluded.starts_at ELSE alerts.starts_at END,
  last_seen = excluded.last_seen,
  times_seen = alerts.times_seen + excluded.times_seen
"""

_COLUMNS = 5
_VALUES = """(SELECT column1 AS fingerprint, column2 AS alert, column3 AS status, column4 AS starts_at, column5 AS times
  FROM (VALUES {rows}))"""
_ARRAYS = """unnest($3::text[], $4::json[], $5::text[], $6::timestamptz[], $7::integer[])
  AS told (fingerprint, alert, status, starts_at, times)"""

# SQLite keeps the compiled statement for each of these numbers of rows; what is missing to one is filled with NULLs.
_SIZES = (1, 8, 64, 512)


class Told(NamedTuple):
    """The newest of what a batch says about one alert, and how often the batch speaks of it."""

    alert: Alert
    state: State
    times: int


def state_of(db: AsyncConnection, alert: Alert) -> State:
    """Return the state of an alert, to be compared with those that `states` returns."""
    return _stamp(db, alert.starts_at), alert.status


async def states(db: AsyncConnection, workspace_id: str, fingerprints: Sequence[str]) -> dict[str, State]:
    """Return the stored states of those alerts that are known."""
    found: dict[str, State] = {}
    if _is_postgres(db):
        query = _KNOWN.format(workspace="$1", told="SELECT unnest($2::text[])")
        rows = await db.exec_driver_sql(query, (workspace_id, list(fingerprints)))
        return _states(rows)
    for part in _parts(fingerprints):
        size = _size(part)
        query = _KNOWN.format(workspace="?", told=", ".join("?" * size))
        rows = await db.exec_driver_sql(query, (workspace_id, *part, *[None] * (size - len(part))))
        found |= _states(rows)
    return found


async def merge(db: AsyncConnection, workspace_id: str, told: Mapping[str, Told], now: datetime) -> None:
    """Write what was told, in the order of the keys, so that two processes never wait for each other in a circle."""
    rows = [_row(fingerprint, told[fingerprint]) for fingerprint in sorted(told)]
    if _is_postgres(db):
        statement = _MERGE.format(workspace="$1", now="$2::timestamptz", told=_ARRAYS)
        await db.exec_driver_sql(statement, (workspace_id, now, *map(list, zip(*rows, strict=True))))
        return
    for part in _parts(rows):
        size = _size(part)
        source = _VALUES.format(rows=", ".join(["(?, ?, ?, ?, ?)"] * size))
        statement = _MERGE.format(workspace="?1", now="?2", told=source)
        flat = [value for row in part for value in row]
        nothing = [None] * (_COLUMNS * (size - len(part)))
        await db.exec_driver_sql(statement, (workspace_id, _stamp(db, now), *flat, *nothing))


def _states(rows: Iterable[Any]) -> dict[str, State]:
    return {fingerprint: (starts_at, status) for fingerprint, starts_at, status in rows}


def _row(fingerprint: str, told: Told) -> tuple[Any, ...]:
    starts_at, status = told.state
    return fingerprint, told.alert.model_dump_json(), status, starts_at, told.times


def _stamp(db: AsyncConnection, at: datetime) -> Any:
    """Return a UTC time as the driver takes it; for SQLite as the type `Time` writes it."""
    return at if _is_postgres(db) else at.isoformat(" ", "microseconds").removesuffix("+00:00")


def _is_postgres(db: AsyncConnection) -> bool:
    return db.dialect.name == "postgresql"


def _parts(rows: Sequence[_Row]) -> list[Sequence[_Row]]:
    return [rows[start : start + _SIZES[-1]] for start in range(0, len(rows), _SIZES[-1])]


def _size(part: Sequence[Any]) -> int:
    return next(size for size in _SIZES if size >= len(part))
