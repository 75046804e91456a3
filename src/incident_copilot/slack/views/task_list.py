"""The tasks of an incident: one message with Take and Done, and the form that adds one."""

from incident_copilot.domain.content import TaskList
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.task import Task
from incident_copilot.slack.views import blocks as b
from incident_copilot.slack.views.modals.parts import View, line, member, modal

MOST_OPEN, MOST_DONE = 15, 10


def listed(shown: TaskList) -> b.Rendered:
    """Return the list: what is open with its buttons, what is done in short."""
    still = [task for task in shown.tasks if task.is_open]
    done = [task for task in shown.tasks if not task.is_open]
    more = len(still) - MOST_OPEN
    said = f"{shown.incident.label}: {len(still)} of {len(shown.tasks)} tasks open"
    return b.message(
        said,
        [
            b.lines([[b.label(f"Tasks of {shown.incident.label}: "), b.space(f"{len(still)} open, {len(done)} done")]]),
            *(block for task in still[:MOST_OPEN] for block in _open(shown.incident, task)),
            b.footer(f"and {more} more: /incident tasks") if more > 0 else None,
            b.bullets([_done(task) for task in done[-MOST_DONE:]]),
            b.actions([b.button("New task", "task_new", shown.incident.id)], block_id="tasks"),
        ],
    )


def form(incident: Incident) -> View:
    """Return the form that adds a task."""
    return modal(
        "task",
        f"Task of {incident.label}",
        [line("text", "What is to be done?", most=500), member("who", "By whom?", optional=True)],
        submit="Add",
        kept=incident.id,
    )


def _open(incident: Incident, task: Task) -> list[b.Block]:
    value, name = f"{incident.id}:{task.number}", f"task {task.number}"
    with_whom = b.person(task.assignee) if task.assignee else b.label("nobody yet")
    told = b.lines([[b.label(f"{task.number} "), b.words(task.text, limit=500), b.space(" · with "), with_whom]])
    buttons = [
        b.button("Done", "task_done", value, said_as=f"{name} is done"),
        b.button("Take", "task_take", value, said_as=f"Take {name}"),
    ]
    return [block for block in (told, b.actions(buttons if task.assignee is None else buttons[:1])) if block]


def _done(task: Task) -> list[b.Element]:
    by = [b.space(" · done by "), b.person(task.done_by)] if task.done_by else []
    return [b.label(f"{task.number} "), b.words(task.text, "strike", limit=200), *by]
