"""An incident as a read-only page: card, brief and timeline, for when Slack is away; no script, nothing loaded."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from html import escape
from importlib.resources import files
from typing import NamedTuple

from incident_copilot.domain.content import BriefView, Card
from incident_copilot.domain.hypothesis import Statement
from incident_copilot.domain.log import TimelineEntry
from incident_copilot.pipeline.reviewing import inert
from incident_copilot.pipeline.show import in_words

MOST_ENTRIES = 200


class Shown(NamedTuple):
    """Everything the page shows."""

    card: Card
    brief: BriefView | None
    timeline: list[TimelineEntry]
    is_reviewed: bool = False


def render(shown: Shown) -> str:
    """Return the page."""
    incident = shown.card.incident
    name = f"{incident.label} {_text(incident.title)}"
    return "".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{name}</title><style>{_style()}</style></head><body>",
            f'<header><p class="label">{incident.label}</p><h1>{_text(incident.title)}</h1>',
            *_card(shown.card),
            *_nav(shown),
            "<main>",
            *_brief(shown.brief),
            *_timeline(shown.timeline),
            "</main></body></html>\n",
        ]
    )


@cache
def _style() -> str:
    """Return the style of the postmortem's page, so that both look alike."""
    return files("incident_copilot.pipeline.reviewing").joinpath("postmortem.css").read_text("utf-8")


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
    yield '<dl class="facts">'
    for name, value in rows.items():
        yield f"<div><dt>{name}</dt><dd>{_text(value)}</dd></div>"
    yield f"<div><dt>Started</dt><dd>{_time(incident.started_at)}</dd></div></dl>"
    yield f'<p class="how">As of {_time(shown.now)}. This page only shows; people decide in Slack.</p></header>'


def _nav(shown: Shown) -> Iterator[str]:
    number = shown.card.incident.number
    yield '<nav aria-label="Sections"><ul><li><a href="#brief">Brief</a></li><li><a href="#timeline">Timeline</a></li>'
    if shown.is_reviewed:
        yield f'<li><a href="/incidents/{number}/postmortem">Postmortem</a></li>'
    yield "</ul></nav>"


def _brief(shown: BriefView | None) -> Iterator[str]:
    yield '<section id="brief"><h2>Brief</h2>'
    if shown is None:
        yield '<p class="note">There is none yet.</p></section>'
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
    yield f'<p class="note">As of {_time(brief.as_of)}</p></section>'


def _said(statement: Statement) -> str:
    return _text(statement.text) + ("" if statement.evidence_ids else " (not verified)")


def _timeline(entries: list[TimelineEntry]) -> Iterator[str]:
    kept = [entry for entry in entries if not entry.deleted]
    yield '<section id="timeline"><h2>Timeline</h2>'
    if len(kept) > MOST_ENTRIES:
        yield f'<p class="note">The newest {MOST_ENTRIES} of {len(kept)} entries.</p>'
    yield from _list((_moment(entry) for entry in reversed(kept[-MOST_ENTRIES:])), "lines timed")
    yield "</section>"


def _moment(entry: TimelineEntry) -> str:
    time = f'<time datetime="{entry.at.isoformat()}">{entry.at:%H:%M:%S}</time>'
    return f'{time}<div class="what">{_text(entry.text)}</div>'


def _list(items: Iterable[str], kind: str = "lines") -> Iterator[str]:
    """`items` are HTML already."""
    listed = [f"<li>{item}</li>" for item in items]
    if listed:
        yield f'<ul class="{kind}">'
        yield from listed
        yield "</ul>"


def _text(text: str) -> str:
    return escape(inert.one_line(text))


def _time(at: datetime) -> str:
    return f'<time datetime="{at.isoformat()}">{at:%Y-%m-%d %H:%M:%S} UTC</time>'
