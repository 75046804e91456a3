"""What ran out, whose work uses it up, and what is not used up at all."""

import pytest

from incident_copilot.analysis.findings import Findings, ProviderStatus, Statement
from incident_copilot.analysis.logs import LogLine, compare_templates
from incident_copilot.analysis.ranking import rank_series
from incident_copilot.analysis.saturation import saturation

from .story import ONSET, POOL_LIMIT, step

GRAPH = {"checkout": ["payments", "openai"], "payments": ["payments-db"], "reports": ["payments-db"]}
NO_SLOTS = "FATAL: remaining connection slots are reserved user=payments"
SLOW = "duration: 41000 ms statement: SELECT * FROM lines /* reports:settlement-export worker=7 */"


def findings(*, series=None, messages=(), **other):
    """Findings at checkout; `messages` are (service, text), each new and frequent."""
    templates = {}
    for place, (service, text) in enumerate(messages):
        lines = [LogLine(ONSET + i, text, service) for i in range(60)]
        (templates[f"log-{place}"],) = compare_templates([], lines, before_s=1800, during_s=180)
    return Findings(
        "alert-1",
        "checkout",
        ONSET,
        series={f"series-{one.name}": one for one in rank_series(series or {}, onset=ONSET)},
        templates=templates,
        depends_on=GRAPH,
        **other,
    )


def titles(known):
    return [cause.title for cause in saturation(known)]


def test_batch_job_that_fills_a_database_is_named_with_its_statement():
    known = findings(messages=[("payments-db", NO_SLOTS), ("payments-db", SLOW)])

    (cause,) = saturation(known)

    assert cause.title == "payments-db is at the limit of its connections, used by reports:settlement-export"
    assert cause.supporting[1] == Statement(
        '"duration: 41000 ms statement: SELECT * FROM lines /* reports:settlement-export worker=7 */"'
        " in the logs of payments-db, from 0 to 20 a minute",
        ("log-1",),
    )
    assert (
        cause.next_check
        == "See what reports:settlement-export does on payments-db, and whether that work can be stopped."
    )


def test_ordinary_message_of_the_full_service_that_names_nobody_blames_nobody():
    known = findings(messages=[("payments-db", NO_SLOTS), ("payments-db", "ERROR checkpoint took long")])

    assert titles(known) == ["payments-db is at the limit of its connections"]


def test_complaint_that_repeats_or_names_a_dependency_is_not_about_its_caller():
    known = findings(
        messages=[
            ("payments", f"OperationalError: {POOL_LIMIT}"),
            ("checkout", f"payment failed: {POOL_LIMIT}"),
            ("checkout", "openai.InternalServerError: the server is overloaded"),
        ]
    )

    assert titles(known) == ["payments is at the limit of its connection pool"]


def test_complaint_that_names_a_provider_is_not_about_the_caller():
    known = findings(
        messages=[("checkout", "Stripe answered 429 too many requests")],
        providers={"status-1": ProviderStatus("stripe", "operational")},
    )

    assert titles(known) == []


def test_limit_that_is_measured_says_what_ran_out_before_a_message_does():
    series = {"CPU usage of checkout": step(0.26, 1.0, noise=0.0, unit="ratio")}
    known = findings(series=series, messages=[("checkout", "worker queue full, shedding request")])

    (cause,) = saturation(known)

    assert cause.title == "checkout is at the limit of its CPU"
    assert [statement.keys for statement in cause.supporting] == [("series-CPU usage of checkout",), ("log-0",)]


def test_second_complaint_of_a_service_adds_only_a_little():
    once = findings(messages=[("payments", POOL_LIMIT)])
    twice = findings(messages=[("payments", POOL_LIMIT), ("payments", "too many connections for role payments")])

    (alone,), (both,) = saturation(once), saturation(twice)

    assert round(both.confidence - alone.confidence, 2) == 0.05


@pytest.mark.parametrize(
    ("before", "after", "unit", "is_full"),
    [
        (0.2, 0.56, "ratio", False),
        (0.2, 0.86, "ratio", True),
        (20, 56, "%", False),
        (20, 97, "%", True),
        (20, 97, "", True),
        (0.9, 0.3, "ratio", False),
    ],
)
def test_share_of_a_resource_counts_only_when_it_is_nearly_used_up(before, after, unit, is_full):
    known = findings(series={"memory usage": step(before, after, unit=unit)})

    assert bool(titles(known)) is is_full


@pytest.mark.parametrize(("after", "is_full"), [(0.05, True), (0.5, False)])
def test_share_that_is_left_counts_when_next_to_nothing_is(after, is_full):
    known = findings(series={"memory available": step(0.9, after, unit="ratio")})

    assert bool(titles(known)) is is_full
