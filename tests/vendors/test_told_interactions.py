"""An interaction is used as far as it can be; the rest is named with what to send instead."""

from datetime import UTC, datetime

import pytest

from incident_copilot.domain.sampled import Retrieved
from incident_copilot.vendors import told_interactions

NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)


def read(*items):
    """Return the interactions and what was flagged."""
    found, reading = told_interactions.read(items, NOW)
    return found, reading.flagged


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"latency_ms": -1}, "latency_ms is -1, below 0; send what was measured, not a difference"),
        ({"latency_ms": "fast"}, "latency_ms is a text; send a number without quotation marks"),
        ({"input_tokens": 1.5}, "input_tokens is 1.5, not whole; send a number of cases"),
        ({"confidence": 80}, "confidence is 80, over 1; send a share, such as 0.93 for 93 %"),
        ({"response": ["a"]}, "response is no text; send it in quotation marks"),
        (
            {"feedback": "great"},
            "feedback is none of positive, negative, neutral, thumbs_up, thumbs_down, up, down; stars ",
        ),
        ({"rating": 9}, "rating is no number from 1 to 5"),
        ({"language": "klingon"}, "language is no language; send it as in en or pt-BR"),
        ({"truth": "yes"}, "truth is neither true nor false"),
        ({"at": "2020-01-01"}, "at is no time of the last 90 days; the time of arrival was taken"),
        ({"labels": ["a"]}, "labels is no object of at most 20 labels"),
        ({"labels": {"a b": "c"}}, "labels.a b is no label; use a short name in letters and a text"),
        ({"cited": [1]}, "cited is no list of at most 50 ids"),
        ({"retrieved": "a"}, "retrieved is no list of at most 20 passages"),
        ({"retrieved": [{"text": "a"}]}, "retrieved[0] has no `id`; send that of the document"),
        ({"mood": 1}, "mood is not known here; see docs/interactions.schema.json"),
    ],
)
def test_field_that_cannot_be_used_is_named_and_the_rest_is_taken(fields, problem):
    [one], [flagged] = read({"id": "1", "request": "Hi", **fields})

    assert (one.id, flagged[: len(problem) + 16]) == ("1", f"interactions[0].{problem}")


def test_all_fields_are_read():
    [one], flagged = read(
        {
            "id": "1",
            "at": "2026-11-21T09:00:00Z",
            "request": "Hi",
            "retrieved": ["a", {"id": "b", "text": "B", "updated_at": "2026-11-01"}],
            "format": "json",
            "language": "en",
            "labels": {"shard": 7},
            "rating": 4,
            "input_tokens": 12,
            "outcome": True,
        }
    )

    assert flagged == []
    assert one.retrieved == (
        Retrieved(id="a"),
        Retrieved(id="b", text="B", updated_at=datetime(2026, 11, 1, tzinfo=UTC)),
    )
    assert (one.format, one.language, one.labels, one.feedback) == ("json", "en", {"shard": "7"}, 0.5)
    assert (one.input_tokens, one.outcome, one.at) == (12, True, datetime(2026, 11, 21, 9, 0, tzinfo=UTC))


def test_the_first_of_an_id_counts_and_no_more_than_the_most():
    found, flagged = read(*({"id": str(number % 499), "request": "Hi"} for number in range(501)), "x")

    assert (len(found), flagged) == (
        499,
        ["interactions has 502 entries, over 500; send them in several requests"],
    )


def test_what_is_no_object_is_named():
    assert read("x") == ([], ["interactions[0] is no object; see docs/interactions.schema.json"])
