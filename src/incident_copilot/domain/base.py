"""What every domain type shares: frozen, strict about fields, and sortable ids."""

import os
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value: change it by `model_copy(update=...)`."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _as_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time needs a time zone")
    return value.astimezone(UTC)


Utc = Annotated[datetime, AfterValidator(_as_utc)]
"""An aware time in UTC; a naive one is refused."""


def new_id(now: datetime) -> str:
    """Return a uuid7 (RFC 9562) as 32 hex digits: its order is the order of `now` in milliseconds."""
    milliseconds = int(now.timestamp() * 1000)
    random = int.from_bytes(os.urandom(10))
    value = (
        (milliseconds & (2**48 - 1)) << 80
        | 0x7 << 76
        | (random >> 68 & 0xFFF) << 64
        | 0b10 << 62
        | random & (2**62 - 1)
    )
    return f"{value:032x}"
