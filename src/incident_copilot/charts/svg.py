"""Draw a chart as SVG, for pages."""

from html import escape

from incident_copilot.charts.chart import COLOURS, HEAD, LEFT, RIGHT, WIDTH, Chart, Layout, PlacedMark, lay_out


def draw(chart: Chart, description: str) -> str:
    """Return a self-contained SVG; `description` is read to people who do not see it."""
    layout = lay_out(chart)
    parts = [
        opening(layout.height, chart.title, description),
        *_grid(layout),
        *_limit(layout),
        *_marks(layout),
        *(_line(piece) for piece in layout.curve),
        *(_bar(bar, layout.bottom) for bar in layout.bars),
        *(_label(placed) for placed in layout.marks),
        "</svg>",
    ]
    return "".join(parts)


def opening(height: float, title: str, description: str) -> str:
    """Return the start of a drawing: frame, paper, title, and what it says to people who do not see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img" class="chart"'
        f' aria-label="{escape(description)}" font-family="system-ui, sans-serif" font-size="12">'
        f'<rect width="{WIDTH}" height="{height:g}" rx="8" fill="{COLOURS["paper"]}"/>'
        f'<text x="12" y="{HEAD - 14}" font-size="14" font-weight="600" fill="{COLOURS["ink"]}">{escape(title)}</text>'
    )


def with_halo(x: float, y: float, text: str, colour: str, anchor: str = "start") -> str:
    """Return a small label that stays readable where lines run behind it."""
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{colour}" font-size="11" paint-order="stroke"'
        f' stroke="{COLOURS["paper"]}" stroke-width="4" stroke-linejoin="round">{escape(text)}</text>'
    )


def _grid(layout: Layout) -> list[str]:
    right, quiet = WIDTH - RIGHT, COLOURS["quiet"]
    lines = [f'<path d="M{LEFT} {y}H{right}" stroke="{COLOURS["grid"]}"/>' for y, _ in layout.y_ticks]
    lines += [
        f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end" fill="{quiet}">{escape(text)}</text>'
        for y, text in layout.y_ticks
    ]
    lines += [
        f'<text x="{x}" y="{layout.bottom + 18}" text-anchor="middle" fill="{quiet}">{escape(text)}</text>'
        for x, text in layout.x_ticks
    ]
    return lines


def _limit(layout: Layout) -> list[str]:
    if layout.limit_y is None:
        return []
    colour = COLOURS["limit"]
    return [
        f'<path d="M{LEFT} {layout.limit_y}H{WIDTH - RIGHT}" stroke="{colour}" stroke-dasharray="5 4"/>',
        with_halo(LEFT + 4, layout.limit_y - 5, "limit", colour),
    ]


def _marks(layout: Layout) -> list[str]:
    return [
        f'<path d="M{placed.x} {placed.y - 8}V{layout.bottom}" stroke="{COLOURS[placed.mark.kind]}"'
        ' stroke-width="1.5"/>'
        for placed in layout.marks
    ]


def _label(placed: PlacedMark) -> str:
    side = 4 if placed.anchor == "start" else -4
    return with_halo(placed.x + side, placed.y, placed.text, COLOURS[placed.mark.kind], placed.anchor)


def _bar(bar: tuple[float, float, float], bottom: float) -> str:
    left, top, right = bar
    size = f'width="{max(1.0, right - left):g}" height="{bottom - top:g}"'
    return f'<rect x="{left:g}" y="{top:g}" {size} fill="{COLOURS["line"]}" fill-opacity="0.75"/>'


def _line(piece: tuple[tuple[float, float], ...]) -> str:
    if len(piece) == 1:
        return f'<circle cx="{piece[0][0]}" cy="{piece[0][1]}" r="2" fill="{COLOURS["line"]}"/>'
    points = " ".join(f"{x},{y}" for x, y in piece)
    return (
        f'<polyline points="{points}" fill="none" stroke="{COLOURS["line"]}" stroke-width="2" stroke-linejoin="round"/>'
    )
