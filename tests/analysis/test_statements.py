"""How messages are quoted, and whom they name."""

import pytest

from incident_copilot.analysis.statements import names, names_any, shortened


@pytest.mark.parametrize(
    ("headline", "quoted"),
    [
        ("[payments] pool limit of size 4 reached, request_id=<UUID> path=<PATH>", "pool limit of size 4 reached"),
        ("shedding request from <IP>", "shedding request from <IP>"),
        ("a=1 b=2 c=3", "a=1 b=2 c=3"),
        ("error " * 30, f"{'error ' * 17}error …"),
    ],
)
def test_message_is_quoted_without_tag_and_fields_and_cut_between_words(headline, quoted):
    assert shortened(headline) == quoted


@pytest.mark.parametrize(
    ("text", "service", "found"),
    [
        ("openai.APITimeoutError: timed out", "openai", "openai"),
        ("OpenAI is away", "openai", "OpenAI"),
        ("SELECT 1 /* reports:settlement-export worker=<NUM> */", "reports", "reports:settlement-export"),
        ("calls to azure-openai", "openai", None),
        ("payments-db is full", "payments", None),
        ("payments: timed out", "payments", "payments"),
    ],
)
def test_service_is_named_as_a_word_with_what_follows_a_colon(text, service, found):
    assert names(text, service) == found


def test_one_of_several_services_is_enough():
    assert names_any("POST http://payments/v1", ["cart", "payments"])
    assert not names_any("POST http://payments/v1", ["cart"])
