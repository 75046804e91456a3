"""What doctor found, for one person: a table with a fix for each failure, failures first."""

from collections.abc import Sequence

from incident_copilot.domain.finding import Finding
from incident_copilot.slack import text as inert
from incident_copilot.slack.views import blocks as b

MOST_ROWS = 60
LONGEST = 220
"""Of one cell: a table has to be read on a phone, and a message holds some 12,000 characters."""


def findings(found: Sequence[Finding]) -> b.Rendered:
    """Return the table; the plain text names what fails, for whoever hears it read."""
    failing = [one for one in found if not one.is_well]
    well = [one for one in found if one.is_well]
    heading = f"{len(failing)} of {len(found)} need a hand" if failing else f"All {len(found)} are well"
    named = "; ".join(f"{one.what}: {one.said}" for one in failing)
    rows = [*failing, *well][:MOST_ROWS]
    table = {
        "type": "table",
        "column_settings": [{"is_wrapped": True}] * 3,
        "rows": [_row("What", "Found", "Fix"), *(_row(_mark(one), one.said, _fix(one)) for one in rows)],
    }
    more = len(found) - len(rows)
    return b.message(
        f"{heading}. {named}".strip(),
        [b.header(heading), table, b.footer(f"and {more} more: incident-copilot doctor") if more > 0 else None],
    )


def _mark(one: Finding) -> str:
    return f"{'ok' if one.is_well else 'FAIL'}: {one.what}"


def _fix(one: Finding) -> str:
    return "-" if one.is_well else one.fix or "-"


def _row(*cells: str) -> list[b.Element]:
    return [{"type": "raw_text", "text": inert.one_line(cell, LONGEST) or "-"} for cell in cells]
