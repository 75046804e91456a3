"""What stands out is more than chance explains, after looking at all places."""

import pytest

from incident_copilot.analysis.patterns import at_least, standing_out


def test_the_chance_of_so_many_or_more():
    assert at_least(2, 3, 0.5) == pytest.approx(0.5)
    assert at_least(0, 3, 0.5) == pytest.approx(1.0)


def test_only_what_chance_does_not_explain_stands_out():
    found = standing_out({"mon": 7, "tue": 2, "wed": 1}, 28)

    assert list(found) == ["mon"]
    assert found["mon"] == pytest.approx(28 * at_least(7, 10, 1 / 28))
    assert standing_out({"a": 2, "b": 1}, 3) == {}
    assert standing_out({"a": 9}, 1) == {}
