"""Draw what happened in an incident on one axis, a lane for each sort of thing, as SVG."""

from collections.abc import Callable
from html import escape

from incident_copilot.charts.chart import COLOURS, HEAD, RIGHT, WIDTH, MarkKind, clock, shortened, time_ticks, width_of
from incident_copilot.charts.svg import opening, with_halo
from incident_copilot.domain.base import Frozen

GUTTER = 96
"""Room for the names of the lanes, on the left."""
ROW = 17
MOST_ROWS = 5
"""Rows of labels a lane; what finds no room is a dot that says its name when pointed at."""
LONGEST = 38
BELOW = 30


class Moment(Frozen):
    """Something that happened at a time or, with `until`, lasted; both in epoch seconds."""

    at: float
    label: str
    lane: str
    kind: MarkKind
    until: float | None = None


class Story(Frozen):
    """What happened, in the lanes in which it is shown; lanes without a moment are left out."""

    title: str
    lanes: tuple[str, ...]
    moments: tuple[Moment, ...]


class PlacedMoment(Frozen):
    """A moment with its place; `text` is empty where there is no room for the label."""

    moment: Moment
    x: float
    x_until: float
    y: float
    text: str
    leftwards: bool


class Lane(Frozen):
    """A lane with its place."""

    name: str
    top: float
    height: float
    moments: tuple[PlacedMoment, ...]


class Scene(Frozen):
    """Everything in pixels."""

    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[float, str], ...]
    bottom: float
    height: float


def draw(story: Story, description: str) -> str:
    """Return a self-contained SVG; `description` is read to people who do not see it."""
    scene = lay_out(story)
    parts = [
        opening(scene.height, story.title, description),
        *(_tick(x, text, scene) for x, text in scene.ticks),
        *(_lane(lane) for lane in scene.lanes),
        "</svg>",
    ]
    return "".join(parts)


def lay_out(story: Story) -> Scene:
    """Return where everything stands; a story has at least one moment."""
    times = [time for one in story.moments for time in (one.at, one.until or one.at)]
    margin = max(1.0, (max(times) - min(times)) * 0.02)
    start, end = min(times) - margin, max(times) + margin

    def x(at: float) -> float:
        return round(GUTTER + (at - start) / (end - start) * (WIDTH - GUTTER - RIGHT), 1)

    lanes: list[Lane] = []
    top = float(HEAD)
    for name in story.lanes:
        moments = sorted((one for one in story.moments if one.lane == name), key=lambda one: one.at)
        if moments:
            lanes.append(_placed_lane(name, top, moments, x))
            top += lanes[-1].height
    return Scene(
        lanes=tuple(lanes),
        ticks=tuple((x(at), clock(at, start, end)) for at in time_ticks(start, end)),
        bottom=top,
        height=top + BELOW,
    )


def _placed_lane(name: str, top: float, moments: list[Moment], x: Callable[[float], float]) -> Lane:
    """Each moment goes into the first row in which its label touches nothing."""
    rows: list[list[tuple[float, float]]] = []
    placed = []
    for moment in moments:
        text = shortened(moment.label, LONGEST)
        left, right = x(moment.at), x(moment.until or moment.at)
        width = width_of(text)
        leftwards = right + width > WIDTH - 4
        taken = (left - width, right + 6) if leftwards else (left - 6, right + width)
        row = _free_row(rows, taken)
        if row is None:
            row, text, taken = MOST_ROWS - 1, "", (left - 4, right + 4)
        rows += [[] for _ in range(row + 1 - len(rows))]
        rows[row].append(taken)
        y = top + 14 + row * ROW
        placed.append(PlacedMoment(moment=moment, x=left, x_until=right, y=y, text=text, leftwards=leftwards))
    return Lane(name=name, top=top, height=len(rows) * ROW + 12, moments=tuple(placed))


def _free_row(rows: list[list[tuple[float, float]]], taken: tuple[float, float]) -> int | None:
    for number in range(MOST_ROWS):
        if number >= len(rows) or all(taken[1] < left or right < taken[0] for left, right in rows[number]):
            return number
    return None


def _tick(x: float, text: str, scene: Scene) -> str:
    return (
        f'<path d="M{x} {HEAD}V{scene.bottom:g}" stroke="{COLOURS["grid"]}"/>'
        f'<text x="{x}" y="{scene.bottom + 18:g}" text-anchor="middle" fill="{COLOURS["quiet"]}">{escape(text)}</text>'
    )


def _lane(lane: Lane) -> str:
    return (
        f'<path d="M12 {lane.top + lane.height:g}H{WIDTH - RIGHT}" stroke="{COLOURS["grid"]}"/>'
        f'<text x="12" y="{lane.top + 18:g}" fill="{COLOURS["quiet"]}">{escape(lane.name)}</text>'
        + "".join(_shape(placed) for placed in lane.moments)
        + "".join(_label(placed) for placed in lane.moments if placed.text)
    )


def _shape(placed: PlacedMoment) -> str:
    colour = COLOURS[placed.moment.kind]
    hint = f"<title>{escape(placed.moment.label)}</title>"
    if placed.moment.until is None:
        return f'<circle cx="{placed.x}" cy="{placed.y:g}" r="4.5" fill="{colour}">{hint}</circle>'
    width = max(3.0, placed.x_until - placed.x)
    return (
        f'<rect x="{placed.x}" y="{placed.y - 5:g}" width="{width:g}" height="10" rx="3" fill="{colour}">{hint}</rect>'
    )


def _label(placed: PlacedMoment) -> str:
    if placed.leftwards:
        return with_halo(placed.x - 8, placed.y + 4, placed.text, COLOURS["ink"], "end")
    return with_halo(placed.x_until + 8, placed.y + 4, placed.text, COLOURS["ink"])
