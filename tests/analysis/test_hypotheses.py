"""What the causes are, how sure, and on which evidence each statement rests."""

from dataclasses import replace

from incident_copilot.analysis.changes import rank_changes
from incident_copilot.analysis.findings import Findings, ProviderStatus, Statement
from incident_copilot.analysis.hypotheses import weigh
from incident_copilot.analysis.logs import LogLine, compare_templates
from incident_copilot.analysis.ranking import rank_series
from incident_copilot.analysis.trust import Trust
from incident_copilot.domain.advice import Came

from .story import DEPENDS_ON, ONSET, calm_lines, checkout_date, payments_pool, pool_limit_lines, step, symptoms


def findings(*, changes=(), series=None, lines=(), **other):
    """Findings of the checkout incident, worked out from raw material as a caller does."""
    calm = calm_lines(30, start=ONSET, length_s=180)
    templates = compare_templates(calm_lines(300), [*calm, *lines], before_s=1800, during_s=180)
    texts = tuple(one.headline for one in templates)
    ranked = rank_changes(list(changes), symptoms(log_texts=texts))
    return Findings(
        alert="alert-1",
        service="checkout",
        onset_at=ONSET,
        changes={one.change.id: one for one in ranked},
        series={f"series-{one.name}": one for one in rank_series(series or {}, onset=ONSET)},
        templates={f"log-{place}": one for place, one in enumerate(templates)},
        depends_on=DEPENDS_ON,
        **other,
    )


def summary(causes):
    return [(cause.kind, cause.subject, cause.verdict) for cause in causes]


def of_kind(kind, causes):
    return next(cause for cause in causes if cause.kind == kind)


FULL_POOL = {
    "payments_db_pool_utilization": step(0.4, 1.0, service="payments", noise=0.001),
    "payments_request_duration_seconds": step(0.2, 30, service="payments"),
    "checkout_error_ratio": step(0.004, 0.2),
}


def test_shrunken_pool_is_the_likely_cause_and_the_later_deploy_is_excluded_with_its_reason():
    causes = weigh(findings(changes=[payments_pool(), checkout_date()], series=FULL_POOL, lines=pool_limit_lines()))

    assert summary(causes) == [
        ("change", "c-payments", "likely"),
        ("saturation", "payments", "unlikely"),
        ("dependency", "payments", "unlikely"),
        ("no change explains this", "checkout", "unlikely"),
        ("change", "c-checkout", "excluded"),
    ]
    payments, *_, checkout = causes
    assert payments.title == "payments v2.31.0 (pool_size 20 -> 4)"
    assert payments.mechanism == "It set pool_size 20 -> 4 in payments, and checkout feels it through payments."
    assert payments.supporting[0] == Statement("it went out 30 s before errors began", ("c-payments",))
    assert payments.supporting[1] == Statement(
        'its diff (pool_size 20 -> 4) fits "QueuePool limit of size 4"', ("c-payments", "log-0")
    )
    assert 0.8 < payments.confidence < 0.9
    assert checkout.contradicting[0] == Statement("errors began 80 s before it", ("c-checkout",))
    assert checkout.confidence == 0.0


def test_a_rule_that_was_wrong_before_makes_its_cause_less_sure_and_the_cause_says_so():
    told = {"changes": [payments_pool()], "series": FULL_POOL, "lines": pool_limit_lines()}
    wrong, few = (Trust(counts={Came.DID_NOT: number}, mean=0.3) for number in (6, 2))
    plain, same, less = (weigh(findings(**told, trust=trust))[0] for trust in ({}, {"change": few}, {"change": wrong}))

    assert same == plain
    assert (less.record, less.confidence < plain.confidence) == (
        "worked 0 of 6 times: it counts less than what is new",
        True,
    )


def test_trouble_of_the_changed_service_is_explained_by_the_change_and_not_its_rival():
    causes = weigh(findings(changes=[payments_pool()], series=FULL_POOL, lines=pool_limit_lines()))

    explained = Statement("payments v2.31.0 (pool_size 20 -> 4) explains it", ("c-payments",))
    assert of_kind("saturation", causes).contradicting == (explained,)
    assert of_kind("dependency", causes).contradicting == (explained,)


def test_full_pool_without_a_change_is_saturation():
    causes = weigh(findings(series=FULL_POOL, lines=pool_limit_lines()))

    assert summary(causes) == [
        ("saturation", "payments", "likely"),
        ("dependency", "payments", "unlikely"),
        ("no change explains this", "checkout", "unlikely"),
    ]
    assert causes[0].title == "payments is at the limit of its connection pool"
    assert causes[1].contradicting == (
        Statement("payments is at the limit of its connection pool explains it", causes[0].supporting[0].keys),
    )
    assert causes[0].supporting[-1] == Statement(
        '"QueuePool limit of size 4 overflow 0 reached, connection timed out, timeout 30.00"'
        " in the logs of payments, from 0 to 1,240 a minute",
        ("log-0",),
    )
    assert causes[2].supporting == (Statement("no change went out around the onset", ("alert-1",)),)


def test_red_herring_deploy_stays_below_the_saturated_dependency():
    causes = weigh(findings(changes=[checkout_date(at=ONSET - 300)], series=FULL_POOL, lines=pool_limit_lines()))

    assert causes[0].kind == "saturation"
    assert all(cause.verdict != "likely" for cause in causes if cause.kind == "change")


def test_errors_without_any_fitting_change_or_other_cause_say_so():
    known = findings(changes=[checkout_date()], series={"checkout_error_ratio": step(0.004, 0.2)})

    causes = weigh(known)

    assert summary(causes) == [
        ("no change explains this", "checkout", "possible"),
        ("not enough data", "checkout", "possible"),
        ("change", "c-checkout", "excluded"),
    ]
    assert causes[0].supporting == (
        Statement("1 change looked at around the onset", ("alert-1", "c-checkout")),
        Statement("checkout v5.8.1: errors began 80 s before it", ("c-checkout",)),
    )


def test_possible_change_is_named_against_there_being_none():
    series = {"checkout_error_ratio": step(0.004, 0.2)}

    causes = weigh(findings(changes=[payments_pool()], series=series))

    assert summary(causes)[0] == ("change", "c-payments", "possible")
    assert causes[1].contradicting == (
        Statement("payments v2.31.0 (pool_size 20 -> 4) may explain it", ("c-payments",)),
    )


def test_change_of_the_alerting_service_itself_names_no_way_through():
    change = checkout_date(at=ONSET - 30)
    ranked = rank_changes([change], symptoms(error_services=frozenset({"checkout"}), log_texts=()))
    known = Findings("alert-1", "checkout", ONSET, changes={"c": ranked[0]}, depends_on=DEPENDS_ON)

    causes = weigh(known)

    assert causes[0].mechanism == "It changed checkout."
    assert causes[0].verdict == "possible"


def test_outage_of_a_provider_that_the_messages_name_is_the_likely_cause():
    lines = [
        LogLine(ONSET + i, f"call to ExampleAI failed with 429 overloaded, try {i}", "checkout") for i in range(90)
    ]
    provider = ProviderStatus("ExampleAI", "outage", since=ONSET - 120, detail="Elevated errors")

    causes = weigh(findings(lines=lines, providers={"status-1": provider}))

    assert summary(causes)[0] == ("external provider", "ExampleAI", "likely")
    assert causes[0].supporting == (
        Statement("ExampleAI reports: outage (Elevated errors), since 2 min before the onset", ("status-1",)),
        Statement(
            '"call to ExampleAI failed with 429 overloaded, try <NUM>" in the logs of checkout, from 0 to 30 a minute',
            ("log-0",),
        ),
    )
    assert "saturation" not in [cause.kind for cause in causes]


def test_provider_incident_that_began_later_speaks_against_it():
    provider = ProviderStatus("ExampleAI", "degraded", since=ONSET + 3600)

    cause = of_kind("external provider", weigh(findings(providers={"status-1": provider})))

    assert cause.verdict == "unlikely"
    assert cause.supporting == (Statement("ExampleAI reports: degraded", ("status-1",)),)
    assert cause.contradicting == (
        Statement("ExampleAI reports: degraded, since 60 min after the onset", ("status-1",)),
    )


def test_provider_that_says_it_is_fine_is_still_named_when_the_messages_complain_about_it():
    lines = [LogLine(ONSET + i, f"ExampleAI timed out after {i}ms", "checkout") for i in range(90)]
    providers = {
        "status-1": ProviderStatus("ExampleAI", "operational"),
        "status-2": ProviderStatus("Quiet", "operational"),
    }

    causes = weigh(findings(lines=lines, providers=providers))

    external = [cause for cause in causes if cause.kind == "external provider"]
    assert [cause.title for cause in external] == ["ExampleAI is not answering"]
    assert external[0].contradicting == (Statement("ExampleAI reports: operational", ("status-1",)),)


def test_grown_traffic_is_a_likely_cause_where_nothing_else_is_seen():
    causes = weigh(findings(series={"http_requests_per_second": step(100, 450), "checkout_error_ratio": step(1, 9)}))

    traffic = of_kind("traffic", causes)
    assert traffic.title == "4.5 times the usual traffic on checkout"
    assert traffic.verdict == "likely"


def test_traffic_from_nothing_has_no_factor():
    causes = weigh(findings(series={"http_requests_per_second": step(0, 450)}))

    assert of_kind("traffic", causes).title == "unusual traffic on checkout"


def test_falling_free_memory_and_a_pinned_unknown_metric_are_saturation():
    series = {
        "FreeableMemory": step(8e9, 1e8, service="postgres"),
        "widget_level": step(5, 64, service="cart", noise=0.001),
        "widget_other": step(5, 64, service="cart", noise=0.1),
    }

    causes = weigh(findings(series=series))

    assert [(cause.subject, cause.title) for cause in causes if cause.kind == "saturation"] == [
        ("cart", "cart is at the limit of its capacity"),
        ("postgres", "postgres is at the limit of its memory"),
    ]


def test_failing_service_that_is_no_dependency_is_not_blamed():
    causes = weigh(findings(series={"search_error_ratio": step(0.1, 9, service="search")}))

    assert "dependency" not in [cause.kind for cause in causes]


def test_dependency_that_is_only_odd_in_traffic_is_not_failing():
    causes = weigh(findings(series={"cart_requests": step(10, 1, service="cart")}))

    assert "dependency" not in [cause.kind for cause in causes]


def test_nothing_found_and_a_silent_source_is_not_enough_data():
    causes = weigh(findings(gaps={"gap-1": "Loki: no answer in 3 s"}, changes_known=False))

    assert summary(causes) == [("not enough data", "checkout", "likely")]
    assert causes[0].supporting == (
        Statement("Loki: no answer in 3 s", ("gap-1",)),
        Statement("no series left its normal range and no message is new", ("alert-1",)),
    )


def test_gap_beside_a_good_explanation_is_mentioned_last():
    known = findings(
        changes=[payments_pool()], series=FULL_POOL, lines=pool_limit_lines(), gaps={"gap-1": "GitHub: HTTP 503"}
    )

    last = weigh(known)[-2:]

    assert {cause.kind for cause in last} == {"not enough data", "no change explains this"}
    assert of_kind("not enough data", last).supporting == (Statement("GitHub: HTTP 503", ("gap-1",)),)


def test_every_statement_rests_on_evidence_and_every_cause_can_be_settled():
    known = findings(
        changes=[payments_pool(), checkout_date()],
        series={**FULL_POOL, "http_requests": step(10, 90)},
        lines=pool_limit_lines(),
        providers={"status-1": ProviderStatus("ExampleAI", "degraded")},
        gaps={"gap-1": "Tempo: no answer in 3 s"},
    )
    keys = {"alert-1", *known.changes, *known.series, *known.templates, *known.providers, *known.gaps}

    causes = weigh(known)

    assert len({cause.kind for cause in causes}) == 7
    for cause in causes:
        assert "" not in {cause.next_check, cause.confirm, cause.refute, cause.mechanism}
        assert 0 <= cause.confidence < 0.9
        for statement in (*cause.supporting, *cause.contradicting):
            assert set() < set(statement.keys) <= keys


def test_weighing_is_deterministic():
    known = findings(changes=[payments_pool(), checkout_date()], series=FULL_POOL, lines=pool_limit_lines())

    assert weigh(known) == weigh(known)


TRAFFIC = {
    "requests per second of checkout": step(100, 415, noise=0),
    "CPU usage of checkout": step(0.26, 0.99, unit="ratio", noise=0.001),
    "CPU usage of payments": step(0.19, 0.56, service="payments", unit="ratio"),
}


def test_traffic_that_rose_explains_the_resource_that_it_uses_up():
    causes = weigh(findings(series=TRAFFIC))

    assert summary(causes)[:2] == [("traffic", "checkout", "likely"), ("saturation", "checkout", "unlikely")]
    traffic, cpu = causes[:2]
    assert [statement.text for statement in traffic.supporting] == [
        "requests per second of checkout rose from 100 to 415",
        "CPU usage of checkout rose from 26 % to 99 %",
    ]
    assert cpu.contradicting == (
        Statement("4.2 times the usual traffic on checkout explains it", traffic.supporting[0].keys),
    )


def test_traffic_elsewhere_does_not_explain_a_full_service():
    series = {"requests per second of cart": step(100, 415, service="cart", noise=0), **FULL_POOL}

    causes = weigh(findings(series=series, lines=pool_limit_lines()))

    assert of_kind("traffic", causes).title == "4.2 times the usual traffic on cart"
    assert causes[0].subject == "payments"
    assert causes[0].contradicting == ()


def test_full_database_explains_that_its_callers_fail():
    series = {
        "database connections used": step(0.43, 1.0, service="postgres", unit="ratio", noise=0.0),
        "payments_request_duration_seconds": step(0.2, 30, service="payments"),
    }

    causes = weigh(findings(series=series))

    assert summary(causes)[0] == ("saturation", "postgres", "likely")
    because = of_kind("dependency", causes).contradicting[0].text
    assert because == "postgres is at the limit of its connections explains it"


def test_provider_incident_that_came_later_does_not_explain_a_failing_dependency():
    late = ProviderStatus("cart", "outage", since=ONSET + 3600)
    series = {"cart_request_duration_seconds": step(0.2, 30, service="cart")}

    causes = weigh(findings(series=series, providers={"status-1": late}))

    assert of_kind("dependency", causes).contradicting == ()


def test_services_that_depend_on_each_other_do_not_explain_each_other():
    series = {
        "a_request_duration_seconds": step(0.2, 30, service="a"),
        "b_request_duration_seconds": step(0.2, 30, service="b"),
    }
    ranked = rank_series(series, onset=ONSET)
    known = Findings(
        "alert-1",
        "checkout",
        ONSET,
        series={one.name: one for one in ranked},
        depends_on={"checkout": ["a"], "a": ["b"], "b": ["a"]},
    )

    assert [cause.contradicting for cause in weigh(known) if cause.kind == "dependency"] == [(), ()]


def test_failing_calls_that_name_a_dependency_are_evidence_about_it():
    lines = [LogLine(ONSET + i, f"call to cart failed: timeout {i}", "checkout") for i in range(90)]

    cause = of_kind("dependency", weigh(findings(lines=lines)))

    assert (cause.subject, cause.supporting[0].keys) == ("cart", ("log-0",))


def test_change_whose_rollback_did_not_help_is_ruled_out_with_that_reason():
    tried = Statement("Roll back payments: carried out, and it did not help", ("c-payments",))

    causes = weigh(findings(changes=[payments_pool()], lines=pool_limit_lines(), undone={"c-payments": tried}))

    assert causes[0].kind == "saturation"
    assert (causes[-1].subject, causes[-1].verdict, causes[-1].confidence) == ("c-payments", "excluded", 0.0)
    assert causes[-1].contradicting[0] == tried


def test_changes_that_do_not_fit_are_named_when_they_are_near():
    old = [checkout_date(at=ONSET - 3600 * hours) for hours in (50, 40, 30, 20)]
    changes = [replace(change, id=f"c-{place}", service="search") for place, change in enumerate(old)]

    causes = weigh(findings(changes=changes, series={"checkout_error_ratio": step(0.004, 0.2)}))

    assert sorted(cause.subject for cause in causes if cause.kind == "change") == ["c-1", "c-2", "c-3"]
    assert {cause.verdict for cause in causes if cause.kind == "change"} == {"unlikely"}


def test_dependency_where_the_trouble_begins_comes_first_and_says_along_which_way():
    series = {
        "latency of checkout": step(0.2, 2.2),
        "latency of payments": step(0.1, 2.1, service="payments"),
        "latency of cart": step(0.1, 0.3, service="cart"),
        "latency of postgres": step(0.01, 0.01, service="postgres"),
    }

    known = findings(series=series)
    first, second = (cause for cause in weigh(known) if cause.kind == "dependency")

    assert (first.subject, second.subject) == ("payments", "cart")
    assert first.supporting[1] == Statement(
        "latency got worse in checkout and payments, and in nothing that payments depends on",
        ("series-latency of payments", "series-latency of checkout"),
    )
    assert first.confidence > second.confidence
    assert len(second.supporting) == 1


def test_availability_of_a_dependency_that_falls_is_a_failure():
    series = {"availability of payments": step(100, 80, service="payments", noise=0)}

    cause = of_kind("dependency", weigh(findings(series=series)))

    assert [one.text for one in cause.supporting] == ["availability of payments fell from 100 to 80"]


def test_a_version_whose_requests_carry_the_loss_is_the_likely_cause():
    carried = {"v1.9.0": Statement("version=v1.9.0 carries 100% of the loss", ("requests",))}
    release = replace(checkout_date(), id="c-model", at=ONSET - 60, version="v1.9.0", diff_text="")
    older = replace(release, id="c-older", at=ONSET - 7200)

    plain = of_kind("change", weigh(findings(changes=[release])))
    blamed = of_kind("change", weigh(findings(changes=[release], carried=carried)))
    long_ago = of_kind("change", weigh(findings(changes=[older], carried=carried)))

    assert (plain.verdict, blamed.verdict, long_ago.verdict) == ("possible", "likely", "unlikely")
    assert blamed.supporting[-1] == Statement("version=v1.9.0 carries 100% of the loss", ("c-model", "requests"))
    assert blamed.confidence > plain.confidence
