"""What stands out in counts: more than chance would put into one of many places."""

import math
from collections.abc import Mapping

CLEAR = 0.05


def at_least(count: int, of: int, share: float) -> float:
    """Return how likely so many or more of a number fall into a place that takes this share of them."""
    return sum(math.comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(count, of + 1))


def standing_out(counts: Mapping[str, int], places: int) -> dict[str, float]:
    """Return the places that hold more than chance explains, with that chance, most telling first.

    All of `places` are looked at, counted in or not, so the chance is multiplied by their number (Bonferroni).
    """
    number = sum(counts.values())
    if places < 2:
        return {}
    chances = {name: min(1.0, places * at_least(count, number, 1 / places)) for name, count in counts.items()}
    return {name: chance for name, chance in sorted(chances.items(), key=lambda item: item[1]) if chance < CLEAR}
