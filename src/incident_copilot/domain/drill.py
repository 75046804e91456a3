"""Drill: a rehearsed incident in a world of its own, and how people and copilot did in it."""

from typing import Any

from pydantic import Field

from incident_copilot.domain.base import Frozen, Utc

SOURCE = "drill"
"""The name under which alerts of drills come in; no alert source of copilot.yaml may have it."""
LABEL = "copilot_drill"
"""The label of an alert that names its drill."""


class Mark(Frozen):
    """One line of a scorecard; `ok` None: told, not judged. `name` and `took_s` are what drills are compared by."""

    text: str
    ok: bool | None = None
    name: str = ""
    took_s: int | None = None


class Drill(Frozen):
    """One drill; `started_by` None: the calendar did it.

    `text` is the whole scenario, so that it goes on as it began when a release changes it. `sent` are the alerts that
    came in so far, `done` what was carried out in its world, both as the world names them.
    """

    id: str
    workspace_id: str
    key: str
    scenario: str
    text: str
    started_by: str | None = None
    started_at: Utc
    incident_id: str | None = None
    sent: tuple[str, ...] = ()
    done: tuple[dict[str, Any], ...] = ()
    ended_at: Utc | None = None
    marks: tuple[Mark, ...] = ()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None

    @property
    def result(self) -> str:
        """How it went, in a few words."""
        judged = [mark.ok for mark in self.marks if mark.ok is not None]
        return f"{sum(judged)} of {len(judged)} as it should be" if judged else "not judged"


class Conclusion(Frozen):
    """What is really wrong in a drill, and what only looks guilty; `is_rollback`: rolling back heals it."""

    cause: str
    culprit: str
    service: str
    herring: str
    why_not: str
    is_rollback: bool


class Offered(Frozen):
    """A scenario that can be drilled."""

    name: str
    title: str
    is_rollback: bool


class Played(Frozen):
    """A scenario as it is played: its name and its whole text."""

    name: str
    text: str = Field(repr=False)
