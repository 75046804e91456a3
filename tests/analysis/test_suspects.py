"""Where the trouble began: series ranked by service, along the call graph."""

import pytest

from incident_copilot.analysis.ranking import RankedSeries
from incident_copilot.analysis.suspects import Suspect, rank_suspects

CALLS = {"shop": ["search", "pay"], "search": ["table"], "pay": ["bank", "queue", "table"], "queue": ["worker"]}


def series(name, service, shift=0.0, *, score=20.0, after=0.0):
    direction = "flat" if not shift else "up" if shift > 0 else "down"
    return RankedSeries(
        name=f"{name} of {service}",
        service=service,
        score=score if shift else 0.0,
        standing=0.0,
        before=0.0,
        after=after or shift,
        direction=direction,
        pinned=False,
        reason="",
        shift=shift,
    )


def order(ranked, **known):
    return [one.service for one in rank_suspects(ranked, **known)]


def test_deepest_slow_service_on_the_way_is_where_it_began():
    slow = [series("latency", name, 0.3) for name in ("shop", "search", "table")]

    suspects = rank_suspects([*slow, series("latency", "pay")], alerting="shop", symptom="latency", depends_on=CALLS)

    table, shop, search, pay = suspects
    assert table == Suspect("table", 0.8696, slow[2], ("shop", "search", "table"), 0.0)
    assert (shop.service, shop.explained, search.service, search.explained) == ("shop", 0.87, "search", 0.87)
    assert (pay.service, pay.score) == ("pay", 0.0)


def test_slow_service_that_no_slow_one_leads_to_is_not_blamed():
    calm = [series("latency", name) for name in ("search", "pay")]
    ranked = [series("latency", "shop", 0.3), *calm, series("latency", "table", 9)]

    assert order(ranked, alerting="shop", depends_on=CALLS)[:2] == ["shop", "table"]


def test_service_of_which_nothing_is_known_lets_trouble_through():
    ranked = [series("latency", "shop", 0.3), series("latency", "worker", 0.3), series("latency", "pay", 0.3)]

    assert order(ranked, alerting="shop", depends_on=CALLS)[0] == "worker"


def test_failures_are_counted_where_the_number_of_calls_is_known():
    ranked = [
        series("availability", "shop", -2.0),
        series("availability", "search", -3.0),
        series("availability", "bank", -12.0),
        series("availability", "pay", -12.0),
        *(series("requests", name, 1, after=n) for name, n in {"shop": 400, "search": 700, "pay": 50}.items()),
        series("requests", "bank", 1, after=50),
    ]

    assert order(ranked, alerting="shop", symptom="errors", depends_on=CALLS)[0] == "search"


def test_percentiles_are_compared_as_they_are():
    ranked = [
        series("p99 latency", "shop", 0.5),
        series("p99 latency", "pay", 0.5),
        *(series("requests", name, 1, after=n) for name, n in {"shop": 400, "pay": 50}.items()),
    ]

    assert order(ranked, alerting="shop", symptom="latency", depends_on=CALLS)[0] == "pay"


def test_percentiles_do_not_count_beside_means():
    slow = [series("mean latency", "shop", 0.5), series("mean latency", "search", 0.5), series("mean latency", "pay")]
    tails = [series("p99 latency", "shop", 9), series("p99 latency", "pay", 9)]

    assert order([*slow, *tails], alerting="shop", symptom="latency", depends_on=CALLS)[0] == "search"
    assert order(tails, alerting="shop", symptom="latency", depends_on=CALLS)[0] == "pay"


def test_service_whose_calls_are_not_counted_costs_its_caller_no_more_than_it_lost():
    ranked = [
        series("availability", "shop", -2.0),
        series("availability", "search", -3.0),
        series("availability", "pay", -60.0),
        *(series("requests", name, 1, after=n) for name, n in {"shop": 400, "search": 700}.items()),
    ]

    assert order(ranked, alerting="shop", symptom="errors", depends_on=CALLS)[:2] == ["search", "pay"]


def test_services_without_calls_lose_nothing():
    ranked = [
        series("latency", "shop", 0.5),
        series("latency", "pay", 0.5),
        *(series("requests", name, -1, after=0.0) for name in ("shop", "pay")),
    ]
    idle = [one if one.name.startswith("latency") else series("requests", one.service) for one in ranked]

    assert [one.score for one in rank_suspects(idle, alerting="shop", depends_on=CALLS)] == [0.0, 0.0]


def test_idle_dependency_explains_a_caller_that_has_calls_only_as_far_as_it_is_slow_itself():
    ranked = [
        series("latency", "shop", 0.5),
        series("latency", "pay", 0.5),
        series("requests", "shop"),
        series("requests", "pay", 1, after=9),
    ]

    assert order(ranked, alerting="shop", depends_on=CALLS) == ["pay", "shop"]


def test_own_resource_that_ran_out_speaks_against_the_dependencies():
    slow = [series("latency", name, 0.3) for name in ("shop", "pay", "bank")]
    full = [*slow, series("CPU usage", "pay", 0.9, score=100)]

    assert order(slow, alerting="shop", depends_on=CALLS)[0] == "bank"
    assert order(full, alerting="shop", depends_on=CALLS)[:2] == ["bank", "pay"]


def test_kind_of_the_alert_counts_more_than_the_other():
    ranked = [
        series("errors", "shop", 3),
        series("errors", "pay", 3),
        series("latency", "shop", 3),
        series("latency", "search", 3),
    ]

    assert order(ranked, alerting="shop", symptom="errors", depends_on=CALLS)[:2] == ["pay", "search"]
    assert order(ranked, alerting="shop", symptom="latency", depends_on=CALLS)[:2] == ["search", "pay"]


@pytest.mark.parametrize("known", [{}, {"alerting": "shop"}, {"alerting": "table", "depends_on": CALLS}])
def test_without_a_graph_the_oddest_series_counts_and_what_spreads_less(known):
    ranked = [
        series("latency", "shop", 3, score=50),
        series("CPU usage", "pay", 0.9, score=50),
        series("CPU usage", "bank", -0.9, score=50),
        series("latency", "search", 3, score=100),
    ]

    assert [(one.service, one.path) for one in rank_suspects(ranked, **known)] == [
        ("pay", ()),
        ("search", ()),
        ("shop", ()),
        ("bank", ()),
    ]


def test_unrelated_service_comes_after_those_that_the_alert_leads_to():
    ranked = [series("latency", "shop", 3), series("errors", "mail", 9, score=100)]

    suspects = rank_suspects(ranked, alerting="shop", depends_on=CALLS)

    assert [(one.service, one.path) for one in suspects] == [("shop", ("shop",)), ("mail", ())]


def test_no_series_no_suspects():
    assert rank_suspects([], alerting="shop", depends_on=CALLS) == []
