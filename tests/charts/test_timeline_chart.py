"""The timeline of an incident: lanes on one axis, with labels that touch nothing."""

import xml.etree.ElementTree as ET
from itertools import combinations

from incident_copilot.charts.chart import width_of
from incident_copilot.charts.timeline import GUTTER, MOST_ROWS, Moment, Story, draw, lay_out

START = 1_795_262_400.0  # noon
LANES = ("Impact", "Alerts", "People", "Status")


def moment(seconds, label, lane="People", until=None, kind="decision"):
    until = None if until is None else START + until
    return Moment(at=START + seconds, label=label, lane=lane, kind=kind, until=until)


def story(*moments):
    return Story(title="What happened <when>", lanes=LANES, moments=moments)


def texts(drawing):
    return [element.text for element in ET.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text")]


def extent(placed):
    if placed.leftwards:
        return placed.x - width_of(placed.text), placed.x_until
    return placed.x, placed.x_until + width_of(placed.text)


def test_each_lane_with_something_in_it_is_named_and_the_others_are_left_out():
    shown = story(moment(0, "HighErrorRate", "Alerts", kind="alert"), moment(600, "resolved", "Status", kind="end"))

    scene = lay_out(shown)

    assert [lane.name for lane in scene.lanes] == ["Alerts", "Status"]
    assert scene.lanes[1].top == scene.lanes[0].top + scene.lanes[0].height
    assert {"What happened <when>", "Alerts", "Status", "HighErrorRate", "resolved", "12:10"} <= set(
        texts(draw(shown, "x"))
    )


def test_moments_close_together_get_rows_in_which_their_labels_touch_nothing():
    close = story(*(moment(place, f"decision number {place}") for place in range(4)), moment(600, "later"))

    placed = lay_out(close).lanes[0].moments

    touching = [
        (one.text, other.text)
        for one, other in combinations(placed, 2)
        if one.y == other.y and extent(one)[0] < extent(other)[1] and extent(other)[0] < extent(one)[1]
    ]
    assert touching == []
    assert [one.text for one in placed][-1] == "later"


def test_what_finds_no_room_is_a_dot_that_still_says_its_name():
    crowded = story(*(moment(0, f"decision number {place}") for place in range(MOST_ROWS + 2)), moment(600, "end"))

    placed = lay_out(crowded).lanes[0].moments

    assert [one.text for one in placed].count("") == 2
    assert "<title>decision number 6</title>" in draw(crowded, "x")


def test_a_label_that_would_leave_the_picture_stands_to_the_left():
    shown = story(moment(0, "first"), moment(600, "the last thing that happened"))

    assert [one.leftwards for one in lay_out(shown).lanes[0].moments] == [False, True]


def test_what_lasts_is_a_bar_at_least_wide_enough_to_be_seen():
    shown = story(moment(0, "10 min", "Impact", until=600), moment(0, "1 s", "Alerts", until=1))

    drawing = draw(shown, "x")

    impact, alerts = lay_out(shown).lanes
    assert impact.moments[0].x_until - impact.moments[0].x > 500
    assert alerts.moments[0].x_until - alerts.moments[0].x < 3
    assert 'width="3"' in drawing
    assert drawing.count("<rect") == 3  # the paper and two bars


def test_a_single_moment_can_be_drawn():
    scene = lay_out(story(moment(0, "declared")))

    assert scene.lanes[0].moments[0].x > GUTTER


def test_it_is_described_to_people_who_do_not_see_it():
    drawing = draw(story(moment(0, "<script>")), 'Timeline: "<script>"')

    assert ET.fromstring(drawing).get("aria-label") == 'Timeline: "<script>"'
    assert "<script>" not in drawing
