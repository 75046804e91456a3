"""Bars beside their names, with the interval that each is uncertain by; narrow, so that a phone shows them readable."""

from collections.abc import Iterator
from html import escape

from incident_copilot.charts.chart import COLOURS, HEAD, shortened
from incident_copilot.domain.base import Frozen

WIDTH, ROW = 360, 24
NAMES, VALUES = 110, 90
"""Room for names on the left and for values on the right."""
LONGEST = 14


class Bar(Frozen):
    """One bar; `text` is its value as people read it, `low` and `high` between what it truly lies."""

    name: str
    value: float
    text: str
    low: float | None = None
    high: float | None = None


class Bars(Frozen):
    """Bars of one measure, in the order in which they are shown."""

    title: str
    bars: tuple[Bar, ...]
    most: float | None = None
    """What the full width stands for; without it the greatest value."""


def draw(shown: Bars) -> str:
    """Return a self-contained SVG that says its values to people who do not see it."""
    height = HEAD + ROW * max(1, len(shown.bars)) + 8
    said = "; ".join(f"{one.name}: {one.text}" for one in shown.bars) or "nothing yet"
    frame = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" class="chart"'
    told = escape(f"{shown.title}. {said}")
    return "".join(
        [
            f'{frame} aria-label="{told}" font-family="system-ui, sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{height}" rx="8" fill="{COLOURS["paper"]}"/>',
            _text(12, HEAD - 14, shown.title, "ink", size=13, weight=600),
            *_rows(shown),
            "</svg>",
        ]
    )


def _rows(shown: Bars) -> Iterator[str]:
    if not shown.bars:
        yield _text(12, HEAD + 14, "Nothing yet.", "quiet")
        return
    reach = max([shown.most or 0.0, *(max(one.value, one.high or 0.0) for one in shown.bars)]) or 1.0
    room = WIDTH - NAMES - VALUES
    for place, one in enumerate(shown.bars):
        top = HEAD + ROW * place
        yield _text(NAMES - 8, top + 14, shortened(one.name, LONGEST), "quiet", anchor="end")
        width = max(1.0, room * one.value / reach) if one.value else 0.0
        yield f'<rect x="{NAMES}" y="{top + 3}" width="{width:.1f}" height="14" rx="2" fill="{COLOURS["line"]}"/>'
        if one.low is not None and one.high is not None:
            begin, end = (NAMES + room * edge / reach for edge in (one.low, one.high))
            yield f'<path d="M{begin:.1f} {top + 10}H{end:.1f}" stroke="{COLOURS["onset"]}" stroke-width="2"/>'
        yield _text(WIDTH - VALUES + 6, top + 14, one.text, "ink")


def _text(
    x: float, y: float, text: str, colour: str, *, anchor: str = "start", size: int = 12, weight: int = 400
) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{COLOURS[colour]}" font-size="{size}"'
        f' font-weight="{weight}">{escape(text)}</text>'
    )
