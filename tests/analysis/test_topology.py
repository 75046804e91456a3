"""Who depends on whom, how far, and through what."""

import pytest

from incident_copilot.analysis.topology import Relation, common_source, distance, path, related, turned, upstream_of

from .story import DEPENDS_ON

CYCLE = {"a": ["b"], "b": ["c"], "c": ["a"]}


def test_distance_counts_dependencies_and_is_none_against_their_direction():
    assert distance(DEPENDS_ON, "frontend", "postgres") == 3
    assert distance(DEPENDS_ON, "checkout", "checkout") == 0
    assert distance(DEPENDS_ON, "postgres", "frontend") is None


def test_upstream_of_lists_all_dependencies_nearest_first():
    assert list(upstream_of(DEPENDS_ON, "checkout").items()) == [("payments", 1), ("cart", 1), ("postgres", 2)]


def test_common_source_is_what_most_others_depend_on_and_of_equals_the_furthest_upstream():
    assert common_source(DEPENDS_ON, ["checkout", "payments", "postgres"]) == ("postgres", ["checkout", "payments"])
    assert common_source({"a": ["b"], "b": ["c"]}, ["a", "b", "c"]) == ("c", ["a", "b"])
    assert common_source(DEPENDS_ON, ["frontend", "cart", "elsewhere"]) == ("cart", ["frontend"])
    assert common_source(DEPENDS_ON, ["cart", "elsewhere"]) is None
    assert common_source(DEPENDS_ON, []) is None


def test_turned_it_says_who_depends_on_each():
    assert turned({"a": ["c"], "b": ["c", "a"], "c": []}) == {"c": ("a", "b"), "a": ("b",)}


def test_cycles_end():
    assert common_source(CYCLE, ["a", "b"]) == ("a", ["b"])
    assert upstream_of(CYCLE, "a") == {"b": 1, "c": 2}
    assert path(CYCLE, "a", "c") == ("a", "b", "c")
    assert path(CYCLE, "a", "elsewhere") == ()


@pytest.mark.parametrize(
    ("a", "b", "relation"),
    [
        ("cart", "cart", Relation("same", 0, ("cart",), "it is cart itself")),
        (
            "checkout",
            "payments",
            Relation("depends_on", 1, ("checkout", "payments"), "checkout depends on payments"),
        ),
        (
            "checkout",
            "postgres",
            Relation(
                "depends_on", 2, ("checkout", "payments", "postgres"), "checkout depends on postgres through payments"
            ),
        ),
        (
            "checkout",
            "frontend",
            Relation("needed_by", 1, ("checkout", "frontend"), "frontend depends on checkout"),
        ),
    ],
)
def test_relation_names_the_path(a, b, relation):
    assert related(DEPENDS_ON, a, b) == relation


def test_in_a_cycle_the_shorter_way_is_the_relation():
    assert related(CYCLE, "a", "b") == Relation("depends_on", 1, ("a", "b"), "a depends on b")
    assert related(CYCLE, "b", "a") == Relation("needed_by", 1, ("b", "a"), "a depends on b")


def test_direct_shared_dependency_relates_two_services():
    graph = {"cart": ["redis", "postgres"], "search": ["redis"]}

    assert related(graph, "cart", "search") == Relation(
        "shares", 2, ("cart", "redis", "search"), "cart and search both depend on redis"
    )


def test_unrelated_services_have_no_relation():
    assert related(DEPENDS_ON, "checkout", "search") is None
