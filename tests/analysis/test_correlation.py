"""How surely an alert belongs to an incident: services, dependencies, time, place and words, each with its reason."""

import pytest

from incident_copilot.analysis.correlation import (
    PLAUSIBLE,
    SURE,
    Factor,
    Neighbours,
    Sign,
    Span,
    Tie,
    by_people,
    is_own_fault,
    likeness,
    plain,
    tie,
)

SHOP = {
    "frontend": ["checkout", "search"],
    "checkout": ["payments"],
    "payments": ["ledger"],
    "ledger": ["postgres"],
    "search": [],
    "cart-service": ["valkey"],
}
WINDOW_S = 600


def tied(service, *, name="HighErrorRate", at=40.0, span=None, graph=SHOP, **fields):
    """The tie of an alert of a service, which began 40 s after the incident, to an incident on payments."""
    sign = Sign(service=service, name=name, at=at, **fields)
    return tie(sign, span or spans(payments=0.0), Neighbours(graph), WINDOW_S)


def spans(*, last=0.0, **services):
    return Span(services=services, began=0.0, last=last, names=frozenset({"SlowQueries"}))


def verdict(found):
    if found is None or found.score < PLAUSIBLE:
        return "no"
    return "sure" if found.score >= SURE else "plausible"


def test_every_factor_is_told_with_its_points():
    span = Span(
        services={"payments": 0.0},
        began=0.0,
        last=0.0,
        names=frozenset({"HighLatency"}),
        cluster="eu-1",
        namespaces=frozenset({"shop"}),
    )

    found = tied("checkout", span=span, cluster="eu-1", namespace="shop")

    assert found == Tie(
        (
            Factor(0.5, "checkout depends on payments, 40 s apart"),
            Factor(0.093),
            Factor(0.05, "same cluster eu-1"),
            Factor(0.05, "same namespace shop"),
            Factor(0.007),
        )
    )
    assert found.text == "checkout depends on payments, 40 s apart, same cluster eu-1, same namespace shop"
    assert found.score == 0.7


@pytest.mark.parametrize(
    ("service", "said", "how_sure"),
    [
        ("payments", "same service payments", "sure"),
        ("checkout", "checkout depends on payments, 40 s apart", "sure"),
        ("frontend", "frontend depends on payments through checkout, 40 s apart", "sure"),
        ("ledger", "payments depends on ledger, 40 s apart", "sure"),
        ("postgres", "payments depends on postgres through ledger, 40 s apart", "no"),
    ],
    ids=["same", "symptom", "symptom of a symptom", "cause", "cause of the cause"],
)
def test_symptoms_count_more_than_causes_and_each_hop_counts_less(service, said, how_sure):
    found = tied(service)

    assert (found.text, verdict(found)) == (said, how_sure)


def test_a_cause_two_hops_away_is_plausible_where_the_place_agrees():
    span = Span(services={"payments": 0.0}, began=0.0, last=0.0, cluster="eu-1", namespaces=frozenset({"shop"}))

    assert verdict(tied("postgres", span=span, cluster="eu-1", namespace="shop")) == "plausible"


@pytest.mark.parametrize(
    ("service", "fields"),
    [
        ("search", {}),
        (None, {}),
        ("checkout", {"at": 601.0}),
        ("checkout", {"at": -601.0}),
        ("checkout", {"cluster": "us-1", "span": Span({"payments": 0.0}, began=0.0, last=0.0, cluster="eu-1")}),
    ],
    ids=["no dependency", "no service", "too late", "too early", "another cluster"],
)
def test_nothing_ties_what_place_time_or_services_tell_apart(service, fields):
    assert tied(service, **fields) is None


def test_the_time_runs_from_the_latest_that_began():
    assert tied("checkout", at=1_100.0, span=spans(payments=0.0, last=600.0)) is not None


def test_another_namespace_counts_against_it():
    span = Span(services={"payments": 0.0}, began=0.0, last=0.0, namespaces=frozenset({"shop"}))

    found = tied("ledger", span=span, namespace="billing")

    assert verdict(found) == "plausible"
    assert found.text == "payments depends on ledger, 40 s apart, another namespace billing"


def test_two_pods_that_do_not_start_are_two_faults():
    span = Span(services={"payments": 0.0}, began=0.0, last=0.0, faults=frozenset({"payments"}))

    assert verdict(tied("checkout", span=span)) == "sure"
    assert verdict(tied("payments", name="KubePodCrashLooping", span=span)) == "sure"
    found = tied("checkout", name="KubePodCrashLooping", span=span)
    assert (verdict(found), found.text) == (
        "plausible",
        "checkout depends on payments, 40 s apart, but each a fault of its own (payments)",
    )


def test_a_shared_node_makes_it_plausible_and_a_dependency_surer():
    span = Span(services={"payments": 0.0}, began=0.0, last=0.0, things=frozenset({"node n7"}))

    assert (
        tied("search", span=span, things=("node n7",)).text,
        verdict(tied("search", span=span, things=("node n7",))),
    ) == ("same node n7", "plausible")
    assert tied(None, span=span, things=("zone a", "node n7")).text == "same node n7"
    surer = tied("checkout", span=span, things=("node n7",))
    assert surer.score == round(tied("checkout", span=span).score + 0.05, 3)


def test_of_two_ties_as_strong_the_latest_is_told():
    span = spans(checkout=0.0, search=30.0)

    assert tied("frontend", span=span).text == "frontend depends on search, 10 s apart"


def test_names_that_teams_write_differently_are_one_service():
    around = Neighbours(SHOP)

    assert [
        around.named(name) for name in ("cart-service", "cart", "Cart_SVC", "check-out", "unheard-of", "valkey")
    ] == [
        "cart-service",
        "cart-service",
        "cart-service",
        "checkout",
        "unheard-of",
        "valkey",
    ]
    assert [plain(name) for name in ("service", "Payment-Service", "frontend_proxy")] == [
        "service",
        "payment",
        "frontendproxy",
    ]


def test_in_a_circle_the_stronger_way_counts():
    circle = {"a": ["b"], "b": ["c"], "c": ["a"]}

    around = Neighbours(circle).around("a")

    assert {name: (link.points, link.text) for name, link in around.items()} == {
        "b": (0.5, "a depends on b"),
        "c": (0.45, "c depends on a"),
    }


@pytest.mark.parametrize(
    ("name", "is_fault"),
    [
        ("KubePodCrashLooping", True),
        ("KubeContainerWaiting", True),
        ("ContainerOOMKilled", True),
        ("KubeDeploymentRolloutStuck", True),
        ("HighErrorRate", False),
        ("NoRequestsReceived", False),
        ("PodcastLatency", False),
    ],
)
def test_alerts_about_pods_speak_of_a_fault_of_their_own(name, is_fault):
    assert is_own_fault(name) is is_fault


def test_likeness_is_the_share_of_words_in_common():
    assert likeness("DiskPressure", ["DiskFull", "DiskPressure"]) == 1.0
    assert likeness("DiskPressure", []) == 0.0
    assert likeness("a", ["b"]) == 0.0


SAID = {"together": {"X": "1 May", "A on a": "3 May"}, "apart": {"Y": "2 May", "B on b": "4 May"}}


@pytest.mark.parametrize(
    ("kinds", "factor"),
    [
        ({"A on a"}, Factor(0.35, "people merged it with A on a on 3 May")),
        ({"B on b"}, Factor(-0.7, "people kept it apart from B on b on 4 May")),
        ({"A on a", "B on b"}, Factor(0.35, "people merged it with A on a on 3 May")),
        ({"A on a", "it itself"}, None),
        ({"Z"}, None),
    ],
)
def test_what_people_said_of_kinds_of_alert_counts(kinds, factor):
    sign = Sign(service=None, name="N", at=0.0, kind="it itself", **SAID)

    assert by_people(sign, frozenset(kinds)) == factor


@pytest.mark.parametrize(
    ("at", "cluster", "found"),
    [(5.0, "eu-1", "sure"), (290.0, "eu-1", "sure"), (310.0, "eu-1", "plausible"), (40.0, None, "plausible")],
)
def test_what_people_merged_is_a_tie_by_itself_where_time_and_place_agree(at, cluster, found):
    span = Span(services={}, began=0.0, last=0.0, cluster="eu-1", kinds=frozenset({"A on a"}))

    assert verdict(tied("search", at=at, span=span, cluster=cluster, kind="it", **SAID)) == found


def test_what_people_kept_apart_is_neither_joined_nor_proposed():
    span = Span(services={"payments": 0.0}, began=0.0, last=0.0, cluster="eu-1", kinds=frozenset({"B on b"}))

    assert verdict(tied("payments", at=0.0, span=span, cluster="eu-1", kind="it", **SAID)) == "no"
