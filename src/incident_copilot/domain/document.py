"""Document: something written here that is kept elsewhere too, such as a postmortem in a repository."""

from enum import StrEnum

from pydantic import Field

from incident_copilot.domain.base import Frozen

MARK = "Kept by incident-copilot"
"""What stands in what the copilot wrote elsewhere, so that it knows its own words from those of people."""


class Form(StrEnum):
    """What a document's text is written in; a place takes one of them."""

    MARKDOWN = "markdown"
    HTML = "html"


class Document(Frozen):
    """One document in the form that its place takes; `key` makes several tellings of it one.

    `path` is the runbook that it changes, below the folder of runbooks; without one it is a postmortem, for which the
    place has a file or page of its own under `name`. `ref` is what the place answered the last time.
    """

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")
    name: str
    title: str
    summary: str = ""
    text: str
    path: str | None = None
    ref: dict[str, str] = Field(default_factory=dict)
