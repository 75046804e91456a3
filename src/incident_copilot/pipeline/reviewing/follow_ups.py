"""Action items that follow from the likely cause and from what went badly; people add and drop theirs."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from incident_copilot.domain.hypothesis import Hypothesis
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.postmortem import ActionItem
from incident_copilot.pipeline.reviewing import of_ai, tasks
from incident_copilot.pipeline.reviewing.lessons import lessons
from incident_copilot.pipeline.reviewing.record import Record

DUE = {"detect": 14, "mitigate": 14, "process": 14, "prevent": 30}
"""Within how many days of the end each type should be done, unless people set another day; half of it after a P0."""
Suggest = Callable[[Record, Hypothesis], tuple[str, str]]
"""Returns the kind and the text of the action item for a cause."""


def action_items(record: Record) -> tuple[ActionItem, ...]:
    """Return follow-up work with the team that owns it, what prevents the cause first."""
    found = [*_about_the_cause(record), *tasks.left(record)]
    found += [
        ActionItem(text=lesson.follow_up, kind=lesson.kind, owner=record.owner, sources=lesson.sources)
        for lesson in lessons(record)
        if lesson.follow_up
    ]
    found += of_ai.action_items(record)
    dated = (item.model_copy(update={"due": due(record, item.kind)}) for item in found)
    return tuple({item.text: item for item in dated}.values())


def due(record: Record, kind: str) -> date:
    """Return by when follow-up work of a type should be done."""
    ended = record.incident.ended_at or record.written_at
    days = DUE.get(kind, DUE["process"])
    return ended.date() + timedelta(days=days // 2 if record.incident.severity is Severity.P0 else days)


def _about_the_cause(record: Record) -> Iterator[ActionItem]:
    suspect = record.brief.suspect if record.brief else None
    if suspect is None:
        return
    kind, text = CAUSES.get(suspect.kind, _find_the_cause)(record, suspect)
    ids = (one for statement in suspect.supporting for one in statement.evidence_ids)
    owner = _owner_of_change(record, suspect) or record.owner
    yield ActionItem(text=text, kind=kind, owner=owner, sources=record.sources(ids) or record.brief_source())


def _owner_of_change(record: Record, suspect: Hypothesis) -> str | None:
    change = next((item for item in record.evidence if item.id == suspect.change_id), None)
    return record.teams.get(str(change.data["service"])) if change else None


def _find_the_cause(record: Record, one: Hypothesis) -> tuple[str, str]:
    return "process", f"Find the cause of {record.incident.label}: {one.next_check.rstrip('.')}"


def _service(record: Record) -> str:
    return record.incident.service or "the service"


CAUSES: Mapping[str, Suggest] = {
    "change": lambda _, one: ("prevent", f"Add a check that catches {one.cause} before it reaches production"),
    "saturation": lambda _, one: ("detect", f"Alert before it runs out: {one.cause}"),
    "dependency": lambda record, one: (
        "mitigate",
        f"Decide how {_service(record)} goes on when {one.object} fails, and test it",
    ),
    "external provider": lambda _, one: ("mitigate", f"Add a fallback for when {one.object} is away, and test it"),
    "traffic": lambda record, _: ("prevent", f"Limit or absorb load on {_service(record)}"),
}
