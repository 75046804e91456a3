"""What set it off: the change, the load or the failure elsewhere that came right before the onset."""

from collections.abc import Iterator

from incident_copilot.domain.evidence import Evidence
from incident_copilot.domain.postmortem import Line, Section
from incident_copilot.pipeline.reviewing import causes, story, times
from incident_copilot.pipeline.reviewing.record import Record, computed, of_evidence
from incident_copilot.pipeline.reviewing.times import exactly

MOST_OTHERS = 5
WHAT = {
    "saturation": "Something ran out: {cause}.",
    "traffic": "The load rose: {cause}.",
    "dependency": "A dependency failed: {cause}.",
    "external provider": "A provider failed: {cause}.",
}


def section(record: Record) -> Section:
    """Return what set it off, and what else changed near the onset; what is not known is said."""
    return Section(key="trigger", heading="Trigger", lines=tuple(_lines(record)))


def _lines(record: Record) -> Iterator[Line]:
    suspect = record.brief.suspect if record.brief else None
    nearby = [item for item in story.changes_nearby(record) if story.moment(item) <= record.incident.started_at]
    change = next((item for item in record.changes() if suspect and item.id == suspect.change_id), None)
    if change:
        yield _change(record, change, "It was set off, as far as the evidence goes, by")
    elif suspect:
        text = WHAT.get(suspect.kind, "It was set off, as far as the evidence goes, by {cause}.")
        ids = (one for statement in suspect.supporting for one in statement.evidence_ids)
        sources = record.sources(ids) or record.brief_source()
        yield Line(text=text.format(cause=suspect.cause), sources=sources)
    else:
        yield Line(text="What set it off is not known.", sources=causes.in_one_line(record).sources)
    others = [item for item in nearby if change is None or item.id != change.id]
    for item in others[-MOST_OTHERS:]:
        yield _change(record, item, "Also before the onset:")
    if not nearby and change is None:
        counted = computed("changes-nearby", f"none of {len(record.changes())} changes is in the hour before the onset")
        yield Line(text="No change is known in the hour before the onset.", sources=(counted,))


def _change(record: Record, item: Evidence, lead: str) -> Line:
    before = record.incident.started_at - story.moment(item)
    text = f"{lead} {item.data['service']} {item.data['version']}, {exactly(before)} before the onset."
    if before.total_seconds() < 0:
        text = f"{lead} {item.data['service']} {item.data['version']}, {exactly(-before)} after the measured onset."
    told = (of_evidence(item), *times.onset_sources(record)[:1])
    return Line(text=text, sources=tuple(dict.fromkeys(told)), at=story.moment(item))
