"""Where we got lucky: what helped although nobody had seen to it; rules over computed facts."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from incident_copilot.domain.incident import Ending
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.postmortem import Line, Section
from incident_copilot.pipeline.reviewing import times
from incident_copilot.pipeline.reviewing.record import Record, computed, of_log
from incident_copilot.pipeline.reviewing.times import exactly

NEARLY = 0.8
"""From which share of its target on an acknowledgement came only just in time."""
SHORT = timedelta(minutes=15)


def section(record: Record) -> Section:
    """Return the facts that were luck."""
    lines = tuple(line for rule in RULES for line in rule(record))
    note = "" if lines else "No rule found anything; add what you saw."
    return Section(key="lucky", heading="Where we got lucky", lines=lines, note=note)


def _by_day(record: Record) -> Iterator[Line]:
    hours, began = record.working_hours, record.incident.started_at
    if hours.cover(began):
        local = began.astimezone(ZoneInfo(hours.zone))
        source = computed("working-hours", f"{local:%a %H:%M} {hours.zone} is within {hours.begin} to {hours.end}")
        text = f"It began on a {local:%A} at {local:%H:%M} ({hours.zone}), within working hours."
        yield Line(text=text, sources=(*times.onset_sources(record), source))


def _noticed(record: Record) -> Iterator[Line]:
    if record.first_alert is None:
        yield Line(text="A person happened to notice; no alert would have told.", sources=times.opening_sources(record))


def _just_in_time(record: Record) -> Iterator[Line]:
    span = times.acknowledge(record)
    if span and span.target and NEARLY * span.target <= span.length <= span.target:
        text = f"It was acknowledged {exactly(span.target - span.length)} before the target was missed."
        yield Line(text=text, sources=span.sources)


def _by_itself(record: Record) -> Iterator[Line]:
    if record.incident.ending is Ending.SELF_RECOVERED:
        rows = record.rows(LogKind.ENDED)[-1:]
        yield Line(text="It recovered by itself.", sources=tuple(of_log(row) for row in rows))


def _nobody_acted(record: Record) -> Iterator[Line]:
    span = times.resolve(record)
    is_resolved = record.incident.ending is Ending.RESOLVED
    if is_resolved and span and not record.rows(LogKind.CARRIED_OUT, LogKind.DONE):
        source = computed("no-action", f"no action carried out among {len(record.log)} rows of the action log")
        yield Line(text="It ended although no action of the copilot's was taken.", sources=(*span.sources, source))


def _short(record: Record) -> Iterator[Line]:
    span = times.resolve(record)
    if span and span.length <= SHORT and not record.rows(LogKind.ACKNOWLEDGED):
        yield Line(text="It was short: nobody had taken it when it ended.", sources=span.sources)


RULES: tuple[Callable[[Record], Iterator[Line]], ...] = (
    _by_day,
    _noticed,
    _just_in_time,
    _by_itself,
    _nobody_acted,
    _short,
)
