"""What went well and badly, and what to do about it: rules over computed facts, no opinions, no blame."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.log import LogEntry, LogKind
from incident_copilot.domain.postmortem import Line, Section, Source
from incident_copilot.domain.proposal import Audience, ProposalKind
from incident_copilot.pipeline.reviewing import sections, times, words
from incident_copilot.pipeline.reviewing.record import Record, computed, of_log
from incident_copilot.pipeline.reviewing.times import Span, exactly

LATE_DETECTION = timedelta(minutes=5)
"""Beyond this between onset and alert, people are told to alert sooner."""


class Lesson(Frozen):
    """A fact that speaks for or against how it went, and the follow-up that a rule asks for, where one does."""

    is_good: bool
    text: str
    sources: tuple[Source, ...]
    follow_up: str = ""
    kind: str = ""


def went_well(record: Record) -> Section:
    """Return the facts that speak for how it went."""
    lines = tuple(_line(lesson) for lesson in lessons(record) if lesson.is_good)
    note = "" if lines else "No rule found anything; add what you saw."
    return Section(key="went_well", heading="What went well", lines=lines, note=note)


def went_badly(record: Record) -> Section:
    """Return the facts that speak against how it went."""
    lines = tuple(_line(lesson) for lesson in lessons(record) if not lesson.is_good)
    note = "" if lines else "No rule found anything; add what you saw."
    return Section(key="went_badly", heading="What went badly", lines=lines, note=note)


def lessons(record: Record) -> list[Lesson]:
    """Return all facts worth learning from, in the order of the incident."""
    return [lesson for rule in RULES for lesson in rule(record)]


def _detected(record: Record) -> Iterator[Lesson]:
    span = times.detect(record)
    if span is None:
        yield Lesson(
            is_good=False,
            text="No alert told of it; a person noticed.",
            sources=times.opening_sources(record),
            follow_up=f'Alert on what people noticed: "{record.incident.title}"',
            kind="detect",
        )
    elif span.length > LATE_DETECTION:
        after = f"fired {exactly(span.length)} after the onset"
        names = ", ".join(alert.name for alert in record.alerts if alert == record.first_alert)
        yield Lesson(
            is_good=False,
            text=f"The alert {after}.",
            sources=span.sources,
            follow_up=f"Alert sooner: {names} {after}",
            kind="detect",
        )
    else:
        yield Lesson(
            is_good=True, text=f"It was detected {exactly(span.length)} after the onset.", sources=span.sources
        )


def _briefed(record: Record) -> Iterator[Lesson]:
    span = times.brief(record)
    if span:
        target = exactly(times.BRIEF_TARGET)
        text = f"The brief was there {exactly(span.length)} after opening; its target is {target}."
        yield Lesson(is_good=not span.is_late, text=text, sources=span.sources)


def _acknowledged(record: Record) -> Iterator[Lesson]:
    target = record.response_target
    span: Span | None = times.acknowledge(record)
    team = record.owner or "the owning team"
    review = f"Review with {team} how its on-call is reached: no acknowledgement within {exactly(target)}"
    if span and not span.is_late:
        text = f"It was acknowledged {exactly(span.length)} after opening; the target was {exactly(target)}."
        yield Lesson(is_good=True, text=text, sources=span.sources)
    elif span:
        text = f"It was acknowledged {exactly(span.length)} after opening; the target was {exactly(target)}."
        yield Lesson(is_good=False, text=text, sources=span.sources, follow_up=review, kind="process")
    else:
        waited = (record.incident.ended_at or record.written_at) - record.incident.opened_at
        source = computed("acknowledge", "no row incident:acknowledged in the action log")
        sources = (*times.opening_sources(record), source)
        follow_up = review if waited > target else ""
        text = "Nobody acknowledged it."
        yield Lesson(is_good=False, text=text, sources=sources, follow_up=follow_up, kind="process")


def _escalated(record: Record) -> Iterator[Lesson]:
    for row in record.rows(LogKind.PAGED):
        if row.payload["turn"] == "secondary":
            yield Lesson(is_good=False, text="The secondary had to be called.", sources=(of_log(row),))


def _raised(record: Record) -> Iterator[Lesson]:
    for row in record.rows(LogKind.SEVERITY_SET):
        if str(row.payload["to"]) < str(row.payload["from"]):
            text = f"It was seen as {row.payload['from']} first and raised to {row.payload['to']} later."
            yield Lesson(is_good=False, text=text, sources=(of_log(row),))


def _acted(record: Record) -> Iterator[Lesson]:
    for row in record.rows(LogKind.VERIFIED):
        text = words.sentence(record, row)
        sources = (of_log(row), *record.sources(str(one) for one in row.payload.get("evidence", ())))
        if row.payload["healthy"]:
            by = "verified on the alerting metric" if row.actor.startswith("policy:") else "as people saw"
            yield Lesson(is_good=True, text=f"{text[:-1]}, {by}.", sources=sources)
        else:
            follow_up = f"Note in the runbook that {words.title_of(record, row)} did not help here"
            yield Lesson(is_good=False, text=text, sources=sources, follow_up=follow_up, kind="process")
    for row in record.rows(LogKind.FAILED, LogKind.UNKNOWN):
        title = words.title_of(record, row)
        follow_up = f"Find out why {title} could not be carried out, and repair it"
        text = words.sentence(record, row)
        yield Lesson(is_good=False, text=text, sources=(of_log(row),), follow_up=follow_up, kind="mitigate")


def _told(record: Record) -> Iterator[Lesson]:
    row = sections.first_told(record, Audience.CUSTOMERS)
    if row:
        after = exactly(row.at - record.incident.started_at)
        yield Lesson(is_good=True, text=f"Customers were told {after} after the onset.", sources=(of_log(row),))
        return
    drafted = [row for row in record.rows(LogKind.PROPOSED) if _is_for_customers(record, row)]
    for one in drafted[:1]:
        text = "Users were affected, and no update for customers was published."
        yield Lesson(is_good=False, text=text, sources=(of_log(one),))


def _undecided(record: Record) -> Iterator[Lesson]:
    late = [row for row in record.rows(LogKind.EXPIRED) if row.payload["because"] == "nobody decided in time"]
    if late:
        count = "One proposal" if len(late) == 1 else f"{len(late)} proposals"
        text = f"{count} expired without a decision."
        yield Lesson(is_good=False, text=text, sources=tuple(of_log(row) for row in late))


def _looked(record: Record) -> Iterator[Lesson]:
    for gap in dict.fromkeys(record.brief.gaps if record.brief else ()):
        reason = gap.reason.rstrip(".")
        text = f"{gap.source} could not be asked: {reason}."
        follow_up = f"Make {gap.source} answer during incidents ({reason})"
        yield Lesson(is_good=False, text=text, sources=record.brief_source(), follow_up=follow_up, kind="detect")


def _guided(record: Record) -> Iterator[Lesson]:
    if record.brief and not sections.has_runbook(record):
        alert = record.first_alert
        name = alert.name if alert else record.incident.title
        source = computed("runbook", f"none of {len(record.evidence)} pieces of evidence is a runbook")
        text = f"No runbook fitted {name}."
        follow_up = f"Write a runbook for {name}"
        yield Lesson(is_good=False, text=text, sources=(source,), follow_up=follow_up, kind="process")


def _ended(record: Record) -> Iterator[Lesson]:
    for row in record.rows(LogKind.REOPENED):
        yield Lesson(is_good=False, text="It came back after it had ended.", sources=(of_log(row),))
    for row in record.rows(LogKind.RESOLVED):
        if row.payload.get("red"):
            text = "It was resolved while the restoration check was not clear."
            yield Lesson(is_good=False, text=text, sources=(of_log(row),))


RULES: tuple[Callable[[Record], Iterator[Lesson]], ...] = (
    _detected,
    _briefed,
    _acknowledged,
    _escalated,
    _raised,
    _acted,
    _told,
    _undecided,
    _looked,
    _guided,
    _ended,
)


def _is_for_customers(record: Record, row: LogEntry) -> bool:
    proposal = next(one for one in record.proposals if one.id == row.payload["proposal"])
    return proposal.kind is ProposalKind.UPDATE and proposal.audience is Audience.CUSTOMERS


def _line(lesson: Lesson) -> Line:
    return Line(text=lesson.text, sources=lesson.sources, tag="good" if lesson.is_good else "bad")
