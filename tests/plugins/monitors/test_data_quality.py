"""Fields go missing, schemas change, data grows old or thin; each is told by name."""

from datetime import timedelta

import pytest

from .watching import HOUR, NOW, Observed, figure, looked, told, watched


def test_a_field_that_goes_missing_fires():
    before = figure("data.missing.income", successes=100, n=10_000)
    now = figure("data.missing.income", successes=300, n=2000)

    found = looked("data_quality", watched([before], [now]))["data.missing.income"]

    said = "missing of income is 0.15, was 0.01 (n 2,000, baseline 10,000)"
    assert told(found) == ("firing", "critical", said)
    assert (found.value, found.baseline) == pytest.approx((0.15, 0.01))
    assert (found.low, found.high) == pytest.approx((0.125, 0.156), abs=0.003)
    assert found.incident_type == "data_quality"


def test_values_out_of_range_without_a_baseline_say_nothing():
    assert looked("data_quality", watched([], [figure("data.out_of_range.age", successes=9, n=10)])) == {}


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        (("age:int", "name:str"), ("fine", "warning", "schema is as it was")),
        (("age:int", "name:str", "vat:str"), ("weak", "warning", "schema changed: new: vat:str")),
        (("age:str", "name:str"), ("firing", "warning", "schema changed: gone: age:int; new: age:str")),
    ],
)
def test_a_schema_that_changed_names_what_did(fields, wanted):
    before = figure("data.schema", counts={"age:int": 1, "name:str": 1})
    now = figure("data.schema", counts=dict.fromkeys(fields, 1))

    assert told(looked("data_quality", watched([before], [now]))["data.schema"]) == wanted


def test_a_schema_without_a_baseline_is_no_change():
    assert looked("data_quality", watched([], [figure("data.schema", counts={"age:int": 1})])) == {}


@pytest.mark.parametrize(("hours", "outcome"), [(3, "fine"), (30, "firing")])
def test_data_that_is_old_fires(hours, outcome):
    found = looked("data_quality", watched([], [figure("data.age_s", value=hours * 3600.0)]))["data.age_s"]

    assert told(found) == (outcome, "warning", f"data is {hours}.0 h old, 24 h are allowed")


def test_an_age_that_is_not_told_is_no_age():
    assert looked("data_quality", watched([], [figure("data.age_s"), figure("data.other", value=1)])) == {}


@pytest.mark.parametrize(("rows", "outcome"), [(1000, "fine"), (100, "weak")])
def test_an_hour_with_few_rows_is_a_weak_signal(rows, outcome):
    begun = NOW - 73 * HOUR
    before = [Observed(at=begun + hour * HOUR, figure=figure("data.rows", value=1000 + hour % 3)) for hour in range(72)]
    last = Observed(at=NOW - HOUR + timedelta(minutes=1), figure=figure("data.rows", value=rows))

    found = looked("data_quality", watched(before[:48], [*before[48:], last]))["data.rows"]

    assert found.outcome == outcome
    assert found.summary.startswith(f"{rows:,} rows in the last hour, usually 1,00")


def test_rows_without_a_history_say_nothing():
    assert looked("data_quality", watched([], [figure("data.rows", value=5)])) == {}
