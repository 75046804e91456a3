"""Chance that is the same every time: numbers computed from a name and an index, never from a clock or a state."""

import math
import zlib

_MASK = (1 << 64) - 1


def seed_of(*names: object) -> int:
    """Return a stable number for the names; Python's own hash differs from run to run."""
    return zlib.crc32("\x1f".join(str(name) for name in names).encode())


def bits(seed: int, index: int) -> int:
    """Return 64 well mixed bits for the index (splitmix64)."""
    mixed = (seed * 0x9E3779B97F4A7C15 + index * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return mixed ^ (mixed >> 31)


def uniform(seed: int, index: int) -> float:
    """Return a number from 0 up to, but not including, 1."""
    return (bits(seed, index) >> 11) / (1 << 53)


def normal(seed: int, index: int) -> float:
    """Return a number from the standard normal distribution, cut at three deviations."""
    radius = math.sqrt(-2 * math.log(1 - uniform(seed, 2 * index)))
    drawn = radius * math.cos(2 * math.pi * uniform(seed, 2 * index + 1))
    return max(-3.0, min(3.0, drawn))
