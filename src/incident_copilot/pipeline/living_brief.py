"""The living brief as Markdown: where the incident stands, who does what, what is known, links."""

from collections.abc import Iterator, Sequence

from incident_copilot.domain.content import Card
from incident_copilot.domain.hypothesis import Brief
from incident_copilot.domain.incident import Incident
from incident_copilot.pipeline.postmortem_markdown import safe

KEPT = "Kept by the copilot, which replaces what is written here. Write in the channel, or use /incident note."
MOST_LINKS = 10


def text_of(card: Card, brief: Brief | None) -> str:
    """Return the whole text; what comes from outside is escaped, and links nowhere that the incident does not."""
    incident = card.incident
    parts = [f"# {safe(f'{incident.label} {incident.title}')}", KEPT, *_section("Where it stands", [*_state(card)])]
    parts += _section("What is known", [*_known(brief)] if brief else [])
    parts += _section("Links", [*_links(incident)])
    return "\n\n".join([*parts, f"As of {card.now:%Y-%m-%d %H:%M} UTC."])


def _section(heading: str, rows: Sequence[str]) -> list[str]:
    return [f"## {heading}", "\n".join(f"- {row}" for row in rows)] if rows else []


def _state(card: Card) -> Iterator[str]:
    incident = card.incident
    yield safe(f"{incident.status}, {incident.severity_in_words}, {incident.service or 'service unknown'}")
    yield f"Started {incident.started_at:%Y-%m-%d %H:%M} UTC"
    yield f"Alerts: {card.firing} firing, {card.resolved} resolved"
    if card.tasks_open or card.tasks_done:
        yield f"Tasks: {card.tasks_open} open, {card.tasks_done} done"
    yield f"Owner: {_person(incident.acknowledged_by)}"
    for duty in incident.all_duties:
        if incident.holder(duty):
            yield f"{safe(incident.called(duty))}: {_person(incident.holder(duty))}"


def _known(brief: Brief) -> Iterator[str]:
    yield from (safe(line.text) for line in brief.lines)
    if brief.cause:
        yield safe(brief.cause)
    if brief.first_step:
        yield f"First step: {safe(brief.first_step.text)}"


def _links(incident: Incident) -> Iterator[str]:
    for name, url in list(incident.links.items())[:MOST_LINKS]:
        if url.startswith(("https://", "http://")) and not set(url) & set("()<> \n"):
            yield f"[{safe(name)}]({url})"


def _person(who: str | None) -> str:
    """https://docs.slack.dev/surfaces/canvases: a canvas mentions people as pictures with their id."""
    return f"![](@{who})" if who and who.isalnum() else "nobody yet"
