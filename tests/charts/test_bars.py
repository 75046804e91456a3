"""Bars: names, values and doubt, readable by eyes and by screen readers."""

from incident_copilot.charts.bars import Bar, Bars, draw


def test_bars_are_as_long_as_their_values_and_say_them():
    half, none = Bar(name="checkout", value=5, text="5 min", low=2, high=10), Bar(name="a<b", value=0, text="none")

    drawn = draw(Bars(title="Median", bars=(half, none)))

    assert 'aria-label="Median. checkout: 5 min; a&lt;b: none"' in drawn
    assert '<rect x="110" y="37" width="80.0" height="14"' in drawn
    assert '<path d="M142.0 44H270.0"' in drawn
    assert '<rect x="110" y="61" width="0.0"' in drawn
    assert ">a&lt;b</text>" in drawn


def test_a_set_scale_holds_and_nothing_is_said_to_be_nothing():
    assert 'width="40.0"' in draw(Bars(title="Taken", bars=(Bar(name="action", value=0.25, text="1 of 4"),), most=1.0))
    assert "Nothing yet." in draw(Bars(title="Taken", bars=()))
