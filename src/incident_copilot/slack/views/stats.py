"""Measures for one person: the times with their trend, the copilot, quality, and load."""

from collections.abc import Sequence

from incident_copilot.domain.measures import Measures
from incident_copilot.pipeline.stats import told
from incident_copilot.slack.views import blocks as b

NOTHING = "No incident was opened then."
LONGEST = 600


def stats(found: Measures) -> b.Rendered:
    """Return the measures of a period."""
    heading = told.heading(found)
    parts = {
        "Times": told.times(found),
        "By severity": told.groups(found, "severity"),
        "By service": told.groups(found, "service"),
        "By type": told.groups(found, "type"),
        "The copilot": told.copilot(found),
        "Detection, triage, updates": told.quality(found),
        "Load": told.loads(found),
    }
    shown = [block for title, rows in parts.items() for block in _part(title, rows)]
    method = "Medians say what is usual; with few incidents the interval is wide, and a mean says little."
    return b.message(heading, [b.header(heading), *(shown or [b.footer(NOTHING)]), b.footer(method)])


def _part(title: str, rows: Sequence[str]) -> list[b.Block | None]:
    if not rows:
        return []
    return [b.lines([[b.label(title)], *([b.words(row, limit=LONGEST)] for row in rows)])]
