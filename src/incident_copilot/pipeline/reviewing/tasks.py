"""The tasks of an incident: what was done by whom, and what is left, which becomes an action item."""

from collections.abc import Iterator

from incident_copilot.domain.log import LogKind
from incident_copilot.domain.postmortem import ActionItem, Line, Section, Source
from incident_copilot.domain.task import Task
from incident_copilot.pipeline.reviewing.record import CLOCK, Record, of_log

KINDS = (LogKind.TASK_ADDED, LogKind.TASK_ASSIGNED, LogKind.TASK_DONE, LogKind.TASK_REOPENED)


def sections(record: Record) -> tuple[Section, ...]:
    """Return the section of the tasks; none where there were none."""
    lines = tuple(_line(record, task) for task in record.tasks)
    return (Section(key="tasks", heading="Tasks", lines=lines),) if lines else ()


def left(record: Record) -> Iterator[ActionItem]:
    """Yield what is still to be done, with who has it."""
    for task in record.tasks:
        if task.is_open:
            owner = record.called(task.assignee) if task.assignee else record.owner
            yield ActionItem(text=task.text, kind="process", owner=owner, sources=_sources(record, task))


def _line(record: Record, task: Task) -> Line:
    if task.done_at and task.done_by:
        end = f"done by {record.called(task.done_by)} at {task.done_at:{CLOCK}} UTC"
    else:
        end = f"open, with {record.called(task.assignee)}" if task.assignee else "open, with nobody"
    return Line(text=f"{task.number}. {task.text}: {end}.", sources=_sources(record, task), at=task.added_at)


def _sources(record: Record, task: Task) -> tuple[Source, ...]:
    return tuple(of_log(row) for row in record.rows(*KINDS) if row.payload["task"] == task.number)
