"""What a chart shows and where; the same facts in SVG and PNG."""

import io
import math
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from incident_copilot.charts import png, svg
from incident_copilot.charts.chart import (
    COLOURS,
    HEAD,
    LEFT,
    PLOT,
    RIGHT,
    ROW,
    WIDTH,
    Chart,
    Mark,
    clock,
    label,
    lay_out,
    nice_ticks,
    shortened,
    time_ticks,
    width_of,
)

START = 1_795_262_400.0  # noon
FAILING = Chart(
    title="Error ratio <checkout>",
    unit="ratio",
    points=tuple((START + 60 * minute, 0.004 if minute < 30 else 0.2) for minute in range(61)),
    marks=(
        Mark(at=START + 1770, label="payments v2.31.0", kind="change"),
        Mark(at=START + 1800, label="onset", kind="onset"),
        Mark(at=START + 1880, label="checkout v5.8.1", kind="change"),
        Mark(at=START + 1980, label="alert", kind="alert"),
    ),
    limit=0.05,
)


def texts(drawing):
    root = ET.fromstring(drawing)
    return [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]


def test_each_mark_has_a_row_of_its_own_and_no_line_runs_through_the_label_of_another():
    placed = lay_out(FAILING).marks

    rows = [one.y for one in placed]
    extents = [
        (one.x - width_of(one.text), one.x) if one.anchor == "end" else (one.x, one.x + width_of(one.text))
        for one in placed
    ]
    crossed = [
        (line.mark.label, labelled.mark.label)
        for line in placed
        for labelled, (left, right) in zip(placed, extents, strict=True)
        if line is not labelled and left < line.x < right and line.y - 8 < labelled.y - 8
    ]
    assert sorted(rows) == [HEAD + ROW * row + 8 for row in range(4)]
    assert crossed == []


def test_a_chart_grows_with_its_marks_and_keeps_its_plot():
    layout = lay_out(FAILING)
    plain = lay_out(FAILING.model_copy(update={"marks": ()}))

    assert (plain.top, layout.top) == (HEAD, HEAD + 4 * ROW)
    assert (plain.bottom - plain.top, layout.bottom - layout.top) == (PLOT, PLOT)
    assert layout.height - plain.height == 4 * ROW


@pytest.mark.parametrize(("minute", "anchor"), [(2, "start"), (58, "end")])
def test_a_label_stands_where_there_is_room(minute, anchor):
    mark = Mark(at=START + 60 * minute, label="a rather long label of a mark", kind="decision")

    placed = lay_out(FAILING.model_copy(update={"marks": (mark,)})).marks

    assert [one.anchor for one in placed] == [anchor]


def test_a_label_that_does_not_fit_on_the_side_of_the_others_stands_on_the_other():
    early = Mark(at=START + 60, label="a rather long label of a mark", kind="change")
    late = [Mark(at=START + 60 * minute, label="late", kind="alert") for minute in (50, 55, 58)]

    placed = lay_out(FAILING.model_copy(update={"marks": (early, *late)})).marks

    assert [(one.text, one.anchor) for one in placed] == [
        ("late", "end"),
        ("late", "end"),
        ("late", "end"),
        ("a rather long label of a mark", "start"),
    ]


def test_a_long_label_is_shortened():
    assert shortened("x" * 50) == "x" * 43 + "…"
    assert shortened("short") == "short"


def test_marks_outside_of_the_range_stand_at_its_edge():
    mark = Mark(at=START - 3600, label="before", kind="change")

    placed = lay_out(FAILING.model_copy(update={"marks": (mark,)})).marks

    assert placed[0].x == LEFT


def test_the_limit_has_a_line_and_is_always_in_the_picture():
    calm = FAILING.model_copy(update={"points": ((START, 0.001), (START + 60, 0.001))})

    layout = lay_out(calm)

    assert layout.top <= layout.limit_y < layout.curve[0][0][1]
    assert lay_out(calm.model_copy(update={"limit": None})).limit_y is None
    assert lay_out(calm.model_copy(update={"limit": 0.0})).limit_y == layout.bottom


def test_a_point_that_is_no_number_is_a_hole_in_the_curve():
    values = (math.nan, 0.1, 0.1, math.nan, math.inf, 0.2)
    points = tuple((START + 60 * place, value) for place, value in enumerate(values))

    layout = lay_out(FAILING.model_copy(update={"points": points}))

    assert [len(piece) for piece in layout.curve] == [2, 1]


def test_a_constant_series_and_one_without_any_number_can_be_drawn():
    constant = Chart(title="t", unit="", points=((START, 7.0), (START + 60, 7.0)))
    nothing = Chart(title="t", unit="", points=((START, math.nan),))

    assert [text for _, text in lay_out(constant).y_ticks] == ["0", "2", "4", "6", "8"]
    assert [text for _, text in lay_out(nothing).y_ticks] == ["0", "0.25", "0.5", "0.75", "1"]
    assert lay_out(nothing).curve == ()
    assert svg.draw(nothing, "nothing").startswith("<svg")


def test_values_below_zero_are_in_the_picture():
    assert nice_ticks(-3.0, 5.0) == [-4.0, -2.0, 0.0, 2.0, 4.0, 6.0]


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.2, "ratio", "20 %"),
        (0.25, "s", "250 ms"),
        (3.0, "s", "3 s"),
        (12_000.0, "", "12,000"),
        (0.5, "B", "0.5 B"),
        (40.0, "connections", "40 connections"),
    ],
)
def test_ticks_are_labelled_in_their_unit(value, unit, shown):
    assert label(value, unit) == shown


@pytest.mark.parametrize(
    ("span_s", "shown"),
    [
        (60, ["12:00:00", "12:00:15", "12:00:30", "12:00:45", "12:01:00"]),
        (3600, ["12:00", "12:10", "12:20", "12:30", "12:40", "12:50", "13:00"]),
        (30 * 86_400, ["23 Nov 00:00", "28 Nov 00:00", "03 Dec 00:00", "08 Dec 00:00", "13 Dec 00:00", "18 Dec 00:00"]),
    ],
)
def test_time_ticks_are_round_and_few(span_s, shown):
    ticks = time_ticks(START, START + span_s)

    assert [clock(tick, START, START + span_s) for tick in ticks] == shown


def test_svg_says_everything_in_inert_text_and_to_those_who_do_not_see_it():
    drawing = svg.draw(FAILING, 'between 0.4 % and 20 % "<b>"')

    assert ET.fromstring(drawing).get("aria-label") == 'between 0.4 % and 20 % "<b>"'
    assert {"Error ratio <checkout>", "payments v2.31.0", "onset", "alert", "limit", "20 %"} <= set(texts(drawing))
    assert 'paint-order="stroke"' in drawing


def test_svg_draws_a_lonely_point_as_a_dot():
    points = ((START, 0.1), (START + 60, math.nan), (START + 120, 0.1), (START + 180, 0.1))

    drawing = svg.draw(FAILING.model_copy(update={"points": points, "limit": None}), "x")

    assert (drawing.count("<circle"), drawing.count("<polyline")) == (1, 1)
    assert "limit" not in texts(drawing)


def test_png_shows_what_svg_shows_in_the_same_places():
    layout = lay_out(FAILING)

    image = Image.open(io.BytesIO(png.draw(FAILING)))

    assert image.size == (WIDTH * png.SCALE, layout.height * png.SCALE)
    for placed in layout.marks:
        at = (round(placed.x * png.SCALE), round((layout.bottom - 2) * png.SCALE))
        assert image.getpixel(at) == rgb(COLOURS[placed.mark.kind])
    x, y = layout.curve[0][10]
    assert image.getpixel((round(x * png.SCALE), round(y * png.SCALE))) == rgb(COLOURS["line"])
    assert image.getpixel((round((LEFT + 2) * png.SCALE), round(layout.limit_y * png.SCALE))) == rgb(COLOURS["limit"])


def test_png_draws_a_lonely_point_as_a_dot_and_no_limit_where_there_is_none():
    points = ((START, 0.1), (START + 60, math.nan), (START + 120, 0.1), (START + 180, 0.1))
    lonely = FAILING.model_copy(update={"points": points, "limit": None, "marks": ()})

    image = Image.open(io.BytesIO(png.draw(lonely)))

    x, y = lay_out(lonely).curve[0][0]
    assert image.getpixel((round(x * png.SCALE), round(y * png.SCALE))) == rgb(COLOURS["line"])
    assert rgb(COLOURS["limit"]) not in {colour for _, colour in image.getcolors(100_000)}


def test_every_colour_of_text_can_be_read_on_the_paper():
    assert {name: contrast(colour) >= 4.5 for name, colour in COLOURS.items() if name not in ("grid", "paper")} == {
        name: True for name in COLOURS if name not in ("grid", "paper")
    }


def test_the_curve_stays_inside_the_plot():
    layout = lay_out(FAILING)

    assert all(
        LEFT <= x <= WIDTH - RIGHT and layout.top <= y <= layout.bottom for piece in layout.curve for x, y in piece
    )


def rgb(colour):
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))


def contrast(colour):
    """The contrast against white, by WCAG."""
    parts = [value / 255 for value in rgb(colour)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


COUNTED = Chart(
    title="Alerts in each 1 min",
    unit="",
    points=((START, 3.0), (START + 60, 0.0), (START + 120, 12.0), (START + 180, 0.0)),
    marks=(Mark(at=START + 90, label="mitigated", kind="end"),),
    bars=True,
)


def test_counts_are_bars_from_their_time_until_the_next():
    laid_out = lay_out(COUNTED)

    assert laid_out.curve == ()
    assert [(left, right) for left, _, right in laid_out.bars] == [(64.0, 275.0), (488.0, 699.0)]
    assert svg.draw(COUNTED, "counts").count("<rect") == 3
    assert Image.open(io.BytesIO(png.draw(COUNTED))).size[0] == 1440
