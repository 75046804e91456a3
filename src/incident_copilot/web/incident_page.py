"""An incident as a read-only page: card, brief and timeline, for when Slack is away; no script, nothing loaded."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape
from typing import NamedTuple

from incident_copilot.domain.content import BriefView, Card
from incident_copilot.domain.hypothesis import Statement
from incident_copilot.domain.log import TimelineEntry
from incident_copilot.pipeline.reviewing import inert
from incident_copilot.pipeline.show import in_words

STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;"
    "padding:0 1rem}h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}dt{font-weight:600}"
    "dd{margin:0 0 .5rem}li{margin:.25rem 0}time{white-space:nowrap;opacity:.75}"
)
MOST_ENTRIES = 200


class Shown(NamedTuple):
    """Everything the page shows."""

    card: Card
    brief: BriefView | None
    timeline: list[TimelineEntry]


def render(shown: Shown) -> str:
    """Return the page."""
    incident = shown.card.incident
    name = f"{incident.label} {_text(incident.title)}"
    return "".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{name}</title><style>{STYLE}</style></head><body><main><h1>{name}</h1>",
            *_card(shown.card),
            *_brief(shown.brief),
            *_timeline(shown.timeline),
            "</main></body></html>\n",
        ]
    )


def _card(shown: Card) -> Iterator[str]:
    incident = shown.incident
    rows = {
        "Severity": f"{incident.severity_in_words}",
        "Status": incident.status.value,
        "Service": incident.service or "unknown",
        "Team": incident.team or "unknown",
        "Owner": incident.acknowledged_by or "nobody yet",
        "Commander": incident.commander or "nobody yet",
        "Alerts": f"{shown.firing} firing, {shown.resolved} resolved",
        "Lasting": in_words((incident.ended_at or shown.now) - incident.started_at),
    }
    yield "<dl>"
    for name, value in rows.items():
        yield f"<dt>{name}</dt><dd>{_text(value)}</dd>"
    yield f"<dt>Started</dt><dd>{_time(incident.started_at)}</dd></dl>"


def _brief(shown: BriefView | None) -> Iterator[str]:
    yield "<h2>Brief</h2>"
    if shown is None:
        yield "<p>There is none yet.</p>"
        return
    brief = shown.brief
    yield f"<p>{_text(brief.headline)}</p>"
    yield from _list(_said(line) for line in brief.lines)
    if brief.cause:
        yield f"<p>{_text(brief.cause)}</p>"
    if brief.first_step:
        yield f"<p>First step: {_said(brief.first_step)}</p>"
    yield from _list(f"{phase.phase.capitalize()}: {_text(phase.text)}" for phase in brief.phases)
    yield from _list(f"Could not look: {_text(gap.source)}: {_text(gap.reason)}" for gap in brief.gaps)
    yield f"<p>As of {_time(brief.as_of)}</p>"


def _said(statement: Statement) -> str:
    return _text(statement.text) + ("" if statement.evidence_ids else " (not verified)")


def _timeline(entries: list[TimelineEntry]) -> Iterator[str]:
    kept = [entry for entry in entries if not entry.deleted]
    yield "<h2>Timeline</h2>"
    if len(kept) > MOST_ENTRIES:
        yield f"<p>The newest {MOST_ENTRIES} of {len(kept)} entries.</p>"
    yield from _list(f"{_time(entry.at)} {_text(entry.text)}" for entry in reversed(kept[-MOST_ENTRIES:]))


def _list(items: Iterable[str]) -> Iterator[str]:
    """`items` are HTML already."""
    listed = [f"<li>{item}</li>" for item in items]
    if listed:
        yield "<ul>"
        yield from listed
        yield "</ul>"


def _text(text: str) -> str:
    return escape(inert.one_line(text))


def _time(at: datetime) -> str:
    return f'<time datetime="{at.isoformat()}">{at:%Y-%m-%d %H:%M:%S} UTC</time>'
