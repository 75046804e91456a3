"""Postmortem: the review of an incident, every factual line with its source."""

from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import Field

from incident_copilot.domain.base import Frozen, Utc


class Source(Frozen):
    """Where a line comes from, by `ref`.

    "log:<seq>" is a row of the action log, "timeline:<id>" an entry of the timeline, "evidence:<id>" a piece of
    evidence, "computed:<what>" a computation whose inputs `label` names.
    """

    ref: str
    label: str
    link: str | None = None


class Line(Frozen):
    """One sentence and its sources; `detail` is quoted below it word for word, `tag` says who or what speaks."""

    text: str
    sources: tuple[Source, ...] = ()
    at: Utc | None = None
    detail: str = ""
    tag: str = ""


class Part(Frozen):
    """A headed part of a section, such as one decision."""

    heading: str
    lines: tuple[Line, ...] = ()
    tag: str = ""


class Section(Frozen):
    """A headed part of the review; `note` is shown below the lines, or alone when there is nothing to say.

    `changed` says what was computed anew below what people wrote, where it differs.
    """

    key: str
    heading: str
    lines: tuple[Line, ...] = ()
    parts: tuple[Part, ...] = ()
    note: str = ""
    edited_by: str | None = None
    changed: tuple[str, ...] = ()

    @property
    def all_lines(self) -> tuple[Line, ...]:
        """The section's own lines and those of its parts, in order."""
        return (*self.lines, *(line for part in self.parts for line in part.lines))


class External(Frozen):
    """The same work in another system: a GitHub issue, a Jira ticket; `state` is what that system calls it."""

    system: str
    key: str
    url: str
    state: str


class ActionItem(Frozen):
    """Follow-up work; `kind` is prevent, detect, mitigate or process, `owner` a team, `assignee` a chat id.

    `number` counts within its incident; 0 is one that is only suggested. What is `dropped` is over without being done.
    """

    text: str
    kind: str
    owner: str | None = None
    sources: tuple[Source, ...] = ()
    incident_id: str = ""
    number: int = 0
    added_by: str = "copilot"
    assignee: str | None = None
    due: date | None = None
    done_by: str | None = None
    done_at: Utc | None = None
    dropped: bool = False
    external: External | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.done_at is None


class ReviewState(StrEnum):
    """How far the review of a postmortem is."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"

    @property
    def words(self) -> str:
        """What people call it."""
        return self.value.replace("_", " ")


class Approval(Frozen):
    """Somebody's word that the postmortem may be published as it was shown; an edit takes its ground away."""

    by: str
    at: Utc
    sha256: str


class Review(Frozen):
    """The review of a postmortem: how far it is, who sees to it, and who approved what is written now."""

    workspace_id: str
    incident_id: str
    state: ReviewState = ReviewState.DRAFT
    owner: str | None = None
    written_at: Utc
    sha256: str
    asked_at: Utc | None = None
    published_at: Utc | None = None
    published_by: str | None = None
    approvals: tuple[Approval, ...] = ()


class Exhibit(Frozen):
    """What stands behind a source: the query, the numbers, the words, and where to see it live."""

    ref: str
    title: str
    summary: str = ""
    at: Utc | None = None
    facts: tuple[tuple[str, str], ...] = ()
    quote: str = ""
    link: str | None = None


class LedgerRow(Frozen):
    """One row of the action log as the appendix lists it."""

    seq: int
    at: Utc
    actor: str
    kind: str
    hash: str


class Picture(Frozen):
    """A chart: SVG text and the same in words; `chart` is what it was drawn from, to draw it as PNG too."""

    title: str
    svg: str
    alt: str
    chart: dict[str, Any] = Field(default_factory=dict)


class Postmortem(Frozen):
    """The whole review; `charts` maps a name to a picture, `exhibits` are what the sources of its lines point to."""

    incident_id: str
    label: str
    title: str
    written_at: Utc
    facts: tuple[tuple[str, str], ...] = ()
    sections: tuple[Section, ...]
    action_items: tuple[ActionItem, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
    ledger: tuple[LedgerRow, ...] = ()
    charts: dict[str, Picture] = Field(default_factory=dict)

    def section(self, key: str) -> Section:
        """Return the section of this key; KeyError where there is none."""
        return {section.key: section for section in self.sections}[key]
