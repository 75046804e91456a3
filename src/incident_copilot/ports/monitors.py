"""What looks at AI systems, and what gives them figures to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from incident_copilot.domain.observation import Observed
from incident_copilot.domain.verdict import Verdict


@runtime_checkable
class FigureSource(Protocol):
    """A context source that also answers a query with figures as they are now."""

    name: str

    async def figures(self, query: str) -> Sequence[tuple[Mapping[str, str], float]]:
        """Return labels and value of each series that a query names; an empty list: nothing is measured.

        Raises:
            VendorError: it could not be read.
        """
        ...


@dataclass(frozen=True)
class Watched:
    """What was observed of one AI system: in the window that is looked at, and in the baseline before it.

    Both are oldest first and bounded by whoever reads them. The window began at `began` and goes on until it is
    `window` long.
    """

    system: str
    now: datetime
    baseline: Sequence[Observed]
    current: Sequence[Observed]
    began: datetime
    window: timedelta = timedelta(days=1)


class Monitor(Protocol):
    """Looks at what was observed of an AI system; only computes, so `create(options)` gets nothing else.

    It may use `analysis.monitoring`.
    """

    name: str

    def look(self, watched: Watched) -> Sequence[Verdict]:
        """Return a verdict for each metric and group it knows; an empty list means that it has nothing to look at.

        Where a verdict has a `p`, its outcome is what it comes to if that holds: whoever asks corrects for how many
        tests there are, and takes back what does not.
        """
        ...
