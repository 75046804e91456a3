"""Pairing: what people said of two kinds of alert: that they belong together, or that they do not."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from incident_copilot.domain.alert import Alert
from incident_copilot.domain.base import Frozen, Utc

HOLDS = timedelta(days=90)
"""How long people's word counts; systems change."""
MOST_KINDS = 12
"""Of how many kinds of alert of an incident people's word is taken, those that it has most of."""


class Pairing(Frozen):
    """The last word on two kinds of alert; `one` comes first in the alphabet."""

    one: str
    other: str
    together: bool
    at: Utc

    @property
    def day(self) -> str:
        """When it was said, as people say it."""
        return f"{self.at:%-d %B}"


def kind_of(alert: Alert) -> str:
    """Return an alert's name and service, in words people read."""
    return (f"{alert.name} on {alert.service}" if alert.service else alert.name)[:250]


def mark_of(kind: str) -> str:
    """Return a short mark for a kind, for where any text could be too long or strange."""
    return f"kind:{hashlib.sha256(kind.encode(errors='surrogatepass')).hexdigest()[:16]}"


def kinds_of(alerts: Iterable[Alert]) -> list[str]:
    """Return the kinds that there are most of."""
    return [kind for kind, _ in Counter(map(kind_of, alerts)).most_common(MOST_KINDS)]


def pairs(some: Iterable[str], others: Iterable[str]) -> list[tuple[str, str]]:
    """Return each pair of a kind of the first and one of the second that are not the same, in the alphabet's order."""
    rest = list(others)
    return sorted({(min(one, other), max(one, other)) for one in some for other in rest if one != other})
