"""Draw a chart as PNG, for the chat, with the font that Pillow brings along."""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from incident_copilot.charts.chart import COLOURS, HEAD, LEFT, RIGHT, WIDTH, Chart, Layout, PlacedMark, lay_out

SCALE = 2  # sharp on a phone

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def draw(chart: Chart) -> bytes:
    """Return the PNG of a chart, 1440 pixels wide."""
    layout = lay_out(chart)
    image = Image.new("RGB", (WIDTH * SCALE, int(layout.height * SCALE)), COLOURS["paper"])
    canvas = ImageDraw.Draw(image)
    _text(canvas, (12, HEAD - 14), chart.title, COLOURS["ink"], 14, anchor="ls")
    _grid(canvas, layout)
    _limit(canvas, layout)
    for placed in layout.marks:
        line = _scaled([(placed.x, placed.y - 8), (placed.x, layout.bottom)])
        canvas.line(line, fill=COLOURS[placed.mark.kind], width=3 * SCALE // 2)
    for piece in layout.curve:
        _line(canvas, piece)
    for left, top, right in layout.bars:
        canvas.rectangle(_scaled([(left, top), (max(left + 1, right), layout.bottom)]), fill=COLOURS["line"])
    for placed in layout.marks:
        _label(canvas, placed)
    kept = io.BytesIO()
    image.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _grid(canvas: ImageDraw.ImageDraw, layout: Layout) -> None:
    for y, text in layout.y_ticks:
        canvas.line(_scaled([(LEFT, y), (WIDTH - RIGHT, y)]), fill=COLOURS["grid"], width=SCALE)
        _text(canvas, (LEFT - 8, y), text, COLOURS["quiet"], 12, anchor="rm")
    for x, text in layout.x_ticks:
        _text(canvas, (x, layout.bottom + 14), text, COLOURS["quiet"], 12, anchor="mm")


def _limit(canvas: ImageDraw.ImageDraw, layout: Layout) -> None:
    if layout.limit_y is None:
        return
    for x in range(LEFT, WIDTH - RIGHT, 9):
        canvas.line(_scaled([(x, layout.limit_y), (x + 5, layout.limit_y)]), fill=COLOURS["limit"], width=SCALE)
    _text(canvas, (LEFT + 4, layout.limit_y - 5), "limit", COLOURS["limit"], 11, anchor="ls", halo=2)


def _line(canvas: ImageDraw.ImageDraw, piece: tuple[tuple[float, float], ...]) -> None:
    if len(piece) == 1:
        canvas.circle(_scaled(piece)[0], 2 * SCALE, fill=COLOURS["line"])
    else:
        canvas.line(_scaled(piece), fill=COLOURS["line"], width=2 * SCALE, joint="curve")


def _label(canvas: ImageDraw.ImageDraw, placed: PlacedMark) -> None:
    side, anchor = (4, "ls") if placed.anchor == "start" else (-4, "rs")
    _text(canvas, (placed.x + side, placed.y), placed.text, COLOURS[placed.mark.kind], 11, anchor=anchor, halo=2)


def _text(
    canvas: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    colour: str,
    size: int,
    *,
    anchor: str,
    halo: int = 0,
) -> None:
    font: Font = ImageFont.load_default(size * SCALE)
    x, y = at[0] * SCALE, at[1] * SCALE
    width, paper = halo * SCALE, COLOURS["paper"]
    canvas.text((x, y), text, fill=colour, font=font, anchor=anchor, stroke_width=width, stroke_fill=paper)


def _scaled(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(x * SCALE, y * SCALE) for x, y in points]
