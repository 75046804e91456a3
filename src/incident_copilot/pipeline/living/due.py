"""Reminders after an incident: the immediate tasks two hours after its end, the review two days after it (seed 003)."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from incident_copilot.domain.content import Notice
from incident_copilot.domain.effect import Place, Show, ShowTo
from incident_copilot.domain.incident import Incident
from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.domain.postmortem import Review, ReviewState
from incident_copilot.domain.proposal import Audience
from incident_copilot.pipeline import chosen, show, wakeups
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.living import missing
from incident_copilot.store import action_items, action_log, incidents, postmortems, reviews
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

TASKS, REVIEW = "tasks", "review"
AFTER = {TASKS: timedelta(hours=2), REVIEW: timedelta(hours=48)}
AGAIN = timedelta(hours=48)
MOST_REMINDERS = 3
"""Of one review; who does not answer then will not."""


async def plan(tx: Tx, deps: Deps, incident: Incident) -> None:
    """Set both timers, from the end of the incident, in the working hours of its team."""
    ended = incident.ended_at or deps.now()
    for stage, after in AFTER.items():
        at = chosen.working_hours(deps, incident.team).next_time(max(ended + after, deps.now()))
        await wakeups.postmortem_due(tx, deps, incident.id, stage, count=0, at=at)


async def remind(deps: Deps, job: Job) -> None:
    """Remind whoever owns the review of what is left to do; what is published needs nobody."""
    async with job.finish(deps.db) as tx:
        incident = await incidents.lock(tx, job.payload["incident_id"])
        review = await reviews.get(tx, incident.id)
        if incident.is_running or review is None or review.state is ReviewState.PUBLISHED:
            return
        stage, count = str(job.payload["stage"]), int(job.payload["count"])
        text, detail = await _words(tx, incident, review, stage)
        await tell(tx, deps, incident, review.owner, f"postmortem-{stage}", text, detail)
        if stage == REVIEW and count + 1 < MOST_REMINDERS:
            at = chosen.working_hours(deps, incident.team).next_time(deps.now() + AGAIN)
            await wakeups.postmortem_due(tx, deps, incident.id, stage, count=count + 1, at=at)


async def tell(tx: Tx, deps: Deps, incident: Incident, who: str | None, name: str, text: str, detail: str) -> None:
    """Tell one person alone, or the incident's channel where nobody is named."""
    content = Notice(text=text, detail=detail)
    slot = f"notice:{name}"
    deed: Show = Show(place=Place.INCIDENT, slot=slot, content=content, anew=True)
    if who:
        deed = ShowTo(place=Place.PERSON, to=who, slot=slot, content=content, anew=True)
    await show.send(tx, deps, incident, deed, stream=f"person:{incident.id}")


async def _words(tx: Tx, incident: Incident, review: Review, stage: str) -> tuple[str, str]:
    if stage == TASKS:
        lines = _tasks(await action_log.entries(tx, incident.id))
        return f"{incident.label} ended a while ago. What is to be done right after an incident:", "\n".join(lines)
    kept = await postmortems.get(tx, incident.id)
    items = [item for item in await action_items.of_incident(tx, incident.id) if item.is_open]
    left = missing.in_words(kept.postmortem, review, items) if kept else []
    text = f"The postmortem of {incident.label} {incident.title} is {review.state.words} and due for review."
    return text, "\n".join(f"• {line}" for line in left) or "Nothing is missing: publish it."


def _tasks(rows: Sequence[LogEntry]) -> Iterator[str]:
    checked = any(row.kind is LogKind.RESOLVED and row.payload.get("red") is False for row in rows)
    told = {str(row.payload["audience"]) for row in rows if row.kind is LogKind.PUBLISHED}
    yield _line("Service restored", "the restoration check was clear", "look whether it works again", is_done=checked)
    for audience in (Audience.INTERNAL, Audience.CUSTOMERS):
        left = f"draft it with /incident update {audience.value}"
        done = "an update was published"
        yield _line(f"{audience.readers.capitalize()} told", done, left, is_done=audience.value in told)
    added = any(row.kind is LogKind.POSTMORTEM_EDITED for row in rows)
    yield _line("First lessons noted", "somebody has", "edit the postmortem while you remember", is_done=added)


def _line(what: str, done: str, left: str, *, is_done: bool) -> str:
    return f"• {what}: {done}" if is_done else f"• {what}? Not in the log: {left}"
