"""The page of measures draws what there is, and says nothing of what there is not."""

from datetime import UTC, datetime, timedelta

from incident_copilot.domain.measures import Measures, Share, Week
from incident_copilot.web.stats_page import charts, render

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def test_shares_are_drawn_with_their_doubt_and_weeks_without_an_end_say_none():
    share = Share(name="action", part=5, whole=6, low=0.5, high=0.94)
    week = Week(begins=NOW - timedelta(days=7), incidents=2, resolve_s=None)
    found = Measures(since=NOW - timedelta(days=30), until=NOW, incidents=2, weeks=(week,), accepted=(share,))

    drawn = {one.title: [(bar.name, bar.text) for bar in one.bars] for one in charts(found)}

    assert drawn["Incidents by week"] == [("21 Nov", "2")]
    assert drawn["Median time to resolve by week"] == [("21 Nov", "none")]
    assert drawn["Suggestions taken, of those decided"] == [("action", "5 of 6")]
    assert drawn["Median time to resolve by service"] == []
    assert "<table>" not in render(found)
