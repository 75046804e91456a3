"""Postmortem: the review of an incident, every factual line with its source."""

from pydantic import Field

from incident_copilot.domain.base import Frozen, Utc


class Source(Frozen):
    """Where a line comes from: a row of the log ("log:7"), a timeline entry, a piece of evidence or a computation."""

    ref: str
    label: str
    link: str | None = None


class Line(Frozen):
    """One sentence and its sources."""

    text: str
    sources: tuple[Source, ...] = ()
    at: Utc | None = None


class Section(Frozen):
    """A headed part of the review; `note` is shown when there is nothing to say."""

    key: str
    heading: str
    lines: tuple[Line, ...] = ()
    note: str = ""


class ActionItem(Frozen):
    """Follow-up work."""

    text: str
    kind: str
    owner: str | None = None
    sources: tuple[Source, ...] = ()


class Postmortem(Frozen):
    """The whole review; `charts` maps a name to SVG text."""

    incident_id: str
    label: str
    title: str
    written_at: Utc
    sections: tuple[Section, ...]
    action_items: tuple[ActionItem, ...] = ()
    charts: dict[str, str] = Field(default_factory=dict)
