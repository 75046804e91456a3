"""What was observed, with what was computed of it once: a baseline stays the same from look to look."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

from incident_copilot.domain.observation import Observed

T = TypeVar("T")


class Kept(list[Observed]):
    """Figures that nobody changes any more."""

    def __init__(self, observed: Iterable[Observed] = ()) -> None:
        super().__init__(observed)
        self._known: dict[Hashable, Any] = {}  # each name stands for one type, which whoever asks knows

    def once(self, what: Hashable, compute: Callable[[], T]) -> T:
        """Return what was computed under a name, computing it where it was not yet."""
        if what not in self._known:
            self._known[what] = compute()
        found: T = self._known[what]
        return found


def once(observed: Iterable[Observed], what: Hashable, compute: Callable[[], T]) -> T:
    """Return what is computed of figures, once under a name where they are kept."""
    return observed.once(what, compute) if isinstance(observed, Kept) else compute()
