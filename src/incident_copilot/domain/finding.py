"""Finding: one thing that doctor looked at, how it is, and what mends it."""

from typing import NamedTuple


class Finding(NamedTuple):
    """`said` is what is well about it, or what is wrong; `fix` what to do about it, empty where nothing is."""

    what: str
    is_well: bool
    said: str
    fix: str = ""
