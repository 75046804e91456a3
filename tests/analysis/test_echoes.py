"""Which messages only repeat what a dependency said first."""

from incident_copilot.analysis.echoes import Echo, echoes
from incident_copilot.analysis.logs import LogLine, compare_templates

from .story import DEPENDS_ON, ONSET, POOL_LIMIT


def templates(**messages):
    """One new message for each service, keyed by the service."""
    found = {}
    for service, text in messages.items():
        lines = [LogLine(ONSET + i, text, service) for i in range(30)]
        (found[service],) = compare_templates([], lines, before_s=1800, during_s=180)
    return found


def test_message_of_a_caller_that_quotes_its_dependency_is_an_echo():
    known = templates(
        checkout=f"payment failed: {POOL_LIMIT} order=7",
        payments=f"sqlalchemy.exc.TimeoutError: {POOL_LIMIT}; retrying",
    )

    assert echoes(known, DEPENDS_ON) == {"checkout": Echo("payments", POOL_LIMIT)}


def test_deepest_dependency_that_says_it_is_the_origin():
    full = "FATAL: remaining connection slots are reserved"
    known = templates(
        checkout=f"no charge: {full}", payments=f"OperationalError: {full}", postgres=f"{full} for admins"
    )

    found = echoes(known, DEPENDS_ON)

    assert {key: echo.origin for key, echo in found.items()} == {"checkout": "postgres", "payments": "postgres"}


def test_a_few_words_in_common_are_no_echo():
    known = templates(checkout="error: connection refused by cart", payments="error: connection refused by mailer")

    assert echoes(known, DEPENDS_ON) == {}


def test_service_that_does_not_depend_on_the_other_is_no_echo():
    known = templates(search=f"failed: {POOL_LIMIT}", payments=f"failed: {POOL_LIMIT}")

    assert echoes(known, DEPENDS_ON) == {}
