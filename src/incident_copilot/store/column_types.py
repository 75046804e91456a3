"""Column types that both databases read back as they were written."""

import zlib
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

_LONG = 2048
"""From how many bytes on compression is worth its time."""


class Time(sa.TypeDecorator[datetime]):
    """An aware UTC time; SQLite gives naive ones back, so the zone is attached here and nowhere else."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Store in UTC."""
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Attach the zone that SQLite loses."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Packed(sa.TypeDecorator[str]):
    """A text that is compressed where it is long: the bodies of a storm say almost the same."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Compress a long text; the first byte says whether it was."""
        return _pack(value.encode()) if value is not None else None

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Return the text as it was given."""
        return unpack(value).decode() if value is not None else None


class PackedBytes(sa.TypeDecorator[bytes]):
    """Bytes that are compressed where they are long."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Compress what is long; the first byte says whether it was."""
        return _pack(value) if value is not None else None

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Return the bytes as they were given."""
        return unpack(value) if value is not None else None


def _pack(plain: bytes) -> bytes:
    return b"z" + zlib.compress(plain, 1) if len(plain) > _LONG else b"-" + plain


def unpack(packed: bytes) -> bytes:
    """Return what was packed. Raises zlib.error: somebody else wrote it."""
    return zlib.decompress(packed[1:]) if packed.startswith(b"z") else packed[1:]
