"""The whole postmortem of a record: its sections, what follows from them, and what stands behind each line."""

from incident_copilot.domain.incident import Ending
from incident_copilot.domain.log import TimelineKind
from incident_copilot.domain.postmortem import ActionItem, Postmortem, Review, ReviewState
from incident_copilot.pipeline.reviewing import (
    causes,
    decisions,
    exhibits,
    follow_ups,
    learnt,
    lessons,
    luck,
    of_ai,
    pictures,
    sections,
    story,
    tasks,
    times,
    trigger,
)
from incident_copilot.pipeline.reviewing.record import Record

ENDING_WORDS = {
    Ending.RESOLVED: "resolved",
    Ending.FALSE_ALARM: "false alarm",
    Ending.SELF_RECOVERED: "recovered by itself",
    Ending.MERGED: "merged into another incident",
}


def build(found: Record) -> Postmortem:
    """Return the postmortem of a record; every factual line of it has a source."""
    parts = (
        sections.summary(found),
        sections.impact(found),
        times.section(found),
        sections.detection(found),
        trigger.section(found),
        causes.section(found),
        decisions.section(found),
        sections.communications(found),
        sections.people(found),
        *tasks.sections(found),
        lessons.went_well(found),
        lessons.went_badly(found),
        luck.section(found),
        learnt.section(found),
        learnt.open_questions(found),
        *of_ai.sections_of(found),
        story.section(found),
    )
    items = tuple(_named(found, item) for item in found.items or follow_ups.action_items(found))
    return Postmortem(
        incident_id=found.incident.id,
        label=found.incident.label,
        title=found.incident.title,
        written_at=found.written_at,
        facts=_facts(found),
        sections=parts,
        action_items=items,
        exhibits=exhibits.exhibits(found, parts, items),
        ledger=exhibits.ledger(found),
        charts=pictures.pictures(found),
    )


def _named(found: Record, item: ActionItem) -> ActionItem:
    """An item as the document shows it: a person goes before the team."""
    return item.model_copy(update={"owner": found.called(item.assignee)}) if item.assignee else item


def _facts(found: Record) -> tuple[tuple[str, str], ...]:
    incident, span = found.incident, times.resolve(found)
    facts = [("Severity", f"{incident.severity_in_words}")]
    facts += [("Service", incident.service)] if incident.service else []
    facts += [("Owner", incident.team)] if incident.team else []
    facts += [("Led by", found.called(incident.commander))] if incident.commander else []
    facts += [("Began", f"{incident.started_at:%-d %b %Y, %H:%M} UTC")]
    facts += [("Ended", f"{span.until:%-d %b %Y, %H:%M} UTC"), ("Lasted", times.exactly(span.length))] if span else []
    facts += [("Ended as", ENDING_WORDS[incident.ending or Ending.RESOLVED]), ("Built from", _used(found))]
    return (*facts, *_state(found))


def _used(found: Record) -> str:
    """What it was built from, in numbers, and what was left out."""
    messages = found.moments(TimelineKind.MESSAGE)
    deleted = sum(entry.deleted for entry in found.timeline)
    used = [
        f"log rows: {len(found.log)}",
        f"timeline: {len(found.timeline) - deleted} (messages: {len(messages)})",
        f"alerts: {len(found.alerts)} of {max(len(found.memberships), len(found.alerts))}",
        f"evidence: {len(found.evidence)}",
    ]
    left_out = f"; deleted messages, left out: {deleted}" if deleted else ""
    return f"{', '.join(used)}{left_out}"


def _state(found: Record) -> tuple[tuple[str, str], ...]:
    review = found.review
    if review is None or review.state is ReviewState.DRAFT:
        return (("State", "draft, for review"), *_owner(found, review))
    approved = [found.called(one.by) for one in review.approvals]
    facts = [("State", review.state.words), *_owner(found, review)]
    return (*facts, *([("Approved by", ", ".join(approved))] if approved else []))


def _owner(found: Record, review: Review | None) -> tuple[tuple[str, str], ...]:
    return (("Review by", found.called(review.owner)),) if review and review.owner else ()
