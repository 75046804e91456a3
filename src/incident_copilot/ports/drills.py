"""The worlds that drills are played in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.drill import Conclusion, Drill, Offered, Played
from incident_copilot.ports.plugins import ContextSource, Delivery, SupervisedAction


class Notified(NamedTuple):
    """A webhook of a drill's world: `key` tells it from others of that world, `body` is what it said."""

    key: str
    delivery: Delivery
    body: bytes


class DrillWorld(Protocol):
    """The world of one drill as it stands now."""

    @property
    def conclusion(self) -> Conclusion:
        """What is really wrong."""
        ...

    @property
    def catalog(self) -> Catalog:
        """Its services and teams, without people: those are real."""
        ...

    @property
    def context_sources(self) -> Mapping[str, ContextSource]:
        """What reads it."""
        ...

    @property
    def actions(self) -> Mapping[str, SupervisedAction]:
        """What changes it, and nothing else."""
        ...

    @property
    def is_healed(self) -> bool:
        """Whether what was carried out has healed it by now."""
        ...

    @property
    def next_at(self) -> datetime | None:
        """When its next alert fires or ends, None where nothing more comes by itself."""
        ...

    @property
    def done(self) -> tuple[dict[str, object], ...]:
        """What was carried out in it, as `Drill.done` keeps it."""
        ...

    def notified(self) -> Sequence[Notified]:
        """Return what its monitoring has sent by now, oldest first."""
        ...


class Drills(Protocol):
    """The scenarios that can be drilled, and their worlds."""

    def offered(self) -> Sequence[Offered]:
        """Return the scenarios that are shipped."""
        ...

    def named(self, name: str) -> Played:
        """Return a shipped scenario.

        Raises:
            UnknownThing: there is none of this name; names those that are there.
        """
        ...

    def made(self, seed: int, *, rollback: bool = False) -> Played:
        """Return the scenario that a seed makes; with `rollback` one that a rollback heals."""
        ...

    def world(self, drill: Drill) -> DrillWorld:
        """Return the world of a drill as it stands now."""
        ...
