"""What every part of a scenario file is built on: frozen, and refusing fields it does not know."""

from pydantic import BaseModel, ConfigDict


class Spec(BaseModel):
    """A part of a scenario; all `_s` fields are seconds relative to the first alert (negative: before it)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
