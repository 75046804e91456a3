"""Which change fits the symptoms, and why the others do not."""

from dataclasses import replace

import pytest

from incident_copilot.analysis.changes import Change, rank_changes

from .story import DATE_DIFF, ONSET, POOL_DIFF, checkout_date, payments_pool, symptoms


def verdicts(ranked):
    return [(one.change.id, one.verdict) for one in ranked]


def codes(ranked):
    return [reason.code for reason in ranked.reasons]


def test_change_that_fits_in_time_place_and_text_is_likely_and_the_later_one_excluded():
    ranked = rank_changes([checkout_date(), payments_pool()], symptoms())

    assert verdicts(ranked) == [("c-payments", "likely"), ("c-checkout", "excluded")]
    payments, checkout = ranked
    assert [(reason.code, reason.text, reason.supports) for reason in payments.reasons] == [
        ("shortly_before", "it went out 30 s before errors began", True),
        ("text_overlap", 'its diff (pool_size 20 -> 4) fits "QueuePool limit of size 4"', True),
        ("depends_on", "checkout depends on payments", True),
        ("service_fails", "payments fails as well", True),
    ]
    assert payments.settings == ("pool_size 20 -> 4",)
    assert payments.lag_s == 30
    assert checkout.reasons[0].text == "errors began 80 s before it"
    assert checkout.score == 0.0
    assert checkout.change.name == "checkout v5.8.1"


def test_newest_deploy_on_the_alerting_service_alone_is_not_likely():
    ranked = rank_changes([checkout_date(at=ONSET - 60)], symptoms(error_services=frozenset({"checkout"})))

    assert verdicts(ranked) == [("c-checkout", "possible")]


def test_newest_deploy_is_unlikely_when_what_it_calls_fails_too():
    (ranked,) = rank_changes([checkout_date(at=ONSET - 60)], symptoms(log_texts=("pool exhausted",)))

    assert ranked.verdict == "unlikely"
    assert ranked.reasons[2].text == (
        "payments, which checkout depends on, fails too, and a change of checkout would not cause that"
    )
    assert codes(ranked)[-1] == "no_overlap"


def test_nothing_convincing_leaves_all_unlikely():
    changes = [
        Change("docs", "checkout", ONSET - 60, "deploy", "Readme", "--- a/README.md\n+++ b/README.md\n+pool size 4\n"),
        Change("old", "checkout", ONSET - 86_400, "deploy", "Colours", DATE_DIFF),
        Change("else", "search", ONSET - 60, "deploy", "Reindex"),
        Change("caller", "frontend", ONSET - 60, "flag", "Banner"),
        Change("quiet", "cart", ONSET - 7200, "deploy", "Cart", DATE_DIFF),
    ]

    ranked = rank_changes(changes, symptoms())

    assert {one.verdict for one in ranked} == {"unlikely"}
    by_id = {one.change.id: codes(one) for one in ranked}
    assert by_id["docs"] == ["shortly_before", "same", "deeper_failure", "harmless"]
    assert by_id["old"][0] == "long_before"
    assert by_id["else"] == ["shortly_before", "unrelated", "no_diff"]
    assert by_id["caller"] == ["shortly_before", "needed_by", "service_quiet", "deeper_failure", "no_diff"]
    assert by_id["quiet"] == ["long_before", "depends_on", "service_quiet", "no_overlap"]


def test_change_within_the_clocks_difference_of_the_onset_is_not_excluded():
    (ranked,) = rank_changes([payments_pool(at=ONSET + 5)], symptoms())

    assert ranked.verdict == "likely"
    assert ranked.reasons[0].text == "it went out as errors began"


def test_older_change_with_the_telling_diff_beats_the_newest():
    newest = replace(checkout_date(at=ONSET - 20), id="newest")

    ranked = rank_changes([newest, payments_pool(at=ONSET - 7200)], symptoms())

    assert verdicts(ranked) == [("c-payments", "likely"), ("newest", "unlikely")]


def test_without_a_graph_the_relation_is_unknown_and_text_decides():
    ranked = rank_changes([payments_pool()], symptoms(depends_on={}, error_services=frozenset()))

    assert verdicts(ranked) == [("c-payments", "possible")]
    assert ranked[0].reasons[2].text == "how checkout and payments relate is not known"


def test_file_named_in_a_stack_trace_ties_the_change_to_it():
    trace = symptoms(log_texts=('File "src/cart.py" line 88',), error_services=frozenset({"checkout"}))

    (ranked,) = rank_changes([checkout_date(at=ONSET - 60)], trace)

    assert ranked.symptom_text == 'File "src/cart.py" line 88'
    assert ranked.shared == ("cart", "py")
    assert ranked.verdict == "likely"


def test_file_of_stop_words_only_is_named_itself():
    change = Change("c", "checkout", ONSET - 60, "deploy", "Go", "+++ b/src/main.a\n+x\n")

    (ranked,) = rank_changes([change], symptoms(log_texts=("crash in main.a",)))

    assert ranked.shared == ("src/main.a",)


@pytest.mark.parametrize("log_text", ["took 4 of 20", "the size of it", "ordinary words"])
def test_a_number_or_a_general_word_alone_is_no_overlap(log_text):
    (ranked,) = rank_changes([payments_pool()], symptoms(log_texts=(log_text,), metric_names=()))

    assert ranked.shared == ()
    assert ranked.verdict == "possible"


def test_service_names_do_not_count_as_overlap():
    change = Change("c", "payments", ONSET - 60, "deploy", "Payments and checkout", "payments checkout")

    (ranked,) = rank_changes([change], symptoms(log_texts=("checkout called payments",), metric_names=()))

    assert ranked.shared == ()


def test_words_that_many_changes_share_weigh_less_than_those_of_one():
    common = [Change(f"c{i}", "payments", ONSET - 60, "deploy", "x", "+invoice ledger\n") for i in range(20)]
    rare = Change("rare", "payments", ONSET - 60, "deploy", "x", "+invoice kafka offset\n")

    ranked = rank_changes([*common, rare], symptoms(log_texts=("invoice ledger kafka offset lost",)))

    assert ranked[0].change.id == "rare"
    assert ranked[0].score > ranked[1].score + 0.1


def test_removed_value_is_not_what_the_symptom_speaks_of():
    (ranked,) = rank_changes([payments_pool()], symptoms(log_texts=("pool size 20 reached",)))

    assert ranked.shared == ("pool", "size")


def test_unreadable_change_just_before_the_onset_stays_possible():
    unreadable = replace(payments_pool(), diff_text="", title="")

    assert verdicts(rank_changes([unreadable], symptoms())) == [("c-payments", "possible")]


def test_services_that_share_a_dependency_are_weakly_related():
    graph = {"checkout": ["redis"], "search": ["redis"]}
    change = Change("c", "search", ONSET - 60, "deploy", "x", POOL_DIFF)

    (ranked,) = rank_changes([change], symptoms(depends_on=graph, error_services=frozenset()))

    assert ranked.reasons[2].text == "checkout and search both depend on redis"
    assert ranked.verdict == "unlikely"


def test_no_changes_give_an_empty_ranking():
    assert rank_changes([], symptoms()) == []


def test_change_is_given_the_benefit_of_the_doubt_where_there_are_no_messages_to_compare():
    (ranked,) = rank_changes([payments_pool()], symptoms(log_texts=(), metric_names=()))

    assert codes(ranked)[-1] == "no_messages"
    assert ranked.verdict == "possible"
