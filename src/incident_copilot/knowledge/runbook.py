"""Runbook: what to do about one kind of problem, in sections that can be linked to and steps that can be proposed."""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.proposal import Risk

_ALERT_NAME = re.compile(r"`?(?=\w*[a-z])[A-Z](?=\w*[A-Z])\w{5,}`?")


def is_alert_name(heading: str) -> bool:
    """Whether a heading is called as alerts are, in one word of several parts: KafkaLagHigh."""
    return _ALERT_NAME.fullmatch(heading.strip()) is not None


class StepKind(StrEnum):
    """What a step is for; only mitigation and rollback change production."""

    CHECK = "check"
    DIAGNOSTIC = "diagnostic"
    MITIGATION = "mitigation"
    ROLLBACK = "rollback"
    VERIFY = "verify"
    ESCALATION = "escalation"


class Step(Frozen):
    """One thing to do: an imperative sentence, why, and commands for people to run.

    `risk` is what the author named, else what the commands tell; None where they only look. `caution` is what to beware
    of before pasting them. Text and commands may hold parameters such as {{service}}.
    """

    number: int
    text: str
    why: str = ""
    commands: tuple[str, ...] = ()
    risk: Risk | None = None
    caution: str = ""
    kind: StepKind


class Section(Frozen):
    """A part under one heading; `id` is its anchor in a link, `text` its Markdown.

    `anchors` are those of smaller headings in it.
    """

    id: str
    heading: str
    text: str
    steps: tuple[Step, ...] = ()
    anchors: tuple[str, ...] = ()

    @property
    def is_of_one_alert(self) -> bool:
        """Whether its heading is an alert's name."""
        return is_alert_name(self.heading)


class Runbook(Frozen):
    """A runbook as its file says; `id` is its path in the folder without .md, `path` the whole of it.

    Empty `services` means any service. `content_hash` is the SHA-256 of the file, to tell which text people saw.
    """

    id: str
    title: str
    path: str
    alerts: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    severity_hint: Severity | None = None
    owner: str = ""
    last_reviewed: date | None = None
    sections: tuple[Section, ...]
    content_hash: str

    @property
    def first_section_with_steps(self) -> Section:
        """Where a person begins: the first section that has steps, else the first section."""
        return next((section for section in self.sections if section.steps), self.sections[0])

    def section(self, section_id: str) -> Section | None:
        """The section with this anchor, or with a heading that has it; None if there is none."""
        return next((one for one in self.sections if section_id in {one.id, *one.anchors}), None)

    def steps(self, *kinds: StepKind) -> Iterator[tuple[Section, Step]]:
        """Every step of these kinds in reading order, with its section."""
        for section in self.sections:
            for step in section.steps:
                if step.kind in kinds:
                    yield section, step


class Library(Frozen):
    """All runbooks that could be read, by id, and one line for each thing somebody should put right."""

    runbooks: tuple[Runbook, ...] = ()
    problems: tuple[str, ...] = ()

    def get(self, runbook_id: str) -> Runbook | None:
        """The runbook with this id, None if there is none."""
        return next((runbook for runbook in self.runbooks if runbook.id == runbook_id), None)
