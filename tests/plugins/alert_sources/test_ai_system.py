"""What an AI system tells of itself: its figures, its interactions, and what cannot be used of them."""

import hashlib
import hmac
import json

import pytest

from incident_copilot.domain.observation import Figure
from incident_copilot.errors import BadPayload, Unauthenticated
from incident_copilot.plugins.alert_sources import ai_system

from .sending import NOW, at, parse, source

GOOD = {"accuracy": {"value": 0.9}}


def test_snapshot_becomes_figures(fixture):
    sent = parse(ai_system, fixture("ai_system"))

    [snapshot] = sent.snapshots
    figures = {(one.metric, one.group): one for one in snapshot.figures}
    assert (sent.delivery_id, sent.flagged) == ("2026-11-21T09:00Z", ())
    assert (snapshot.system, snapshot.id, snapshot.at) == ("it", "2026-11-21T09:00Z", at(11, 21, 9, 0, 0))
    assert snapshot.labels == {"version": "2026-11-20", "environment": "production"}
    assert figures["quality.accuracy", ""] == Figure(
        metric="quality.accuracy", value=0.91, n=1000, baseline=0.94, history=(0.94, 0.95, 0.94)
    )
    assert round(figures["quality.satisfaction", ""].variance, 6) == 0.25
    assert figures["fairness.positive_rate", "gender=f"].share == 0.6
    assert figures["fairness.false_positive_rate", "gender=f"].share == 0.05
    assert figures["performance.latency_p95_s", ""].value == 0.83
    assert figures["feature.amount", ""].counts == {"0-10": 120, "10-100": 600, "100-": 280}
    assert figures["data.out_of_range.snapshot", ""].successes == 0


def test_interactions_have_ids_that_tell_nothing_of_people(fixture):
    body = fixture("ai_system_interactions")
    first, again = (parse(ai_system, body) for _ in range(2))

    [one] = first.interactions
    assert first.delivery_id == again.delivery_id
    assert first.delivery_id.startswith("of:")
    assert one.user == "u-" + hmac.new(b"s3cret", b"ben.fisher@example.org", hashlib.sha256).hexdigest()[:16]
    assert (one.feedback, one.cited, one.retrieved[0].id) == (1.0, ("refunds",), "refunds")


def test_opaque_user_stays():
    body = {"id": "b", "interactions": [{"id": "1", "request": "Hi", "user": "c0ffee-12"}]}
    sent = parse(ai_system, body)

    assert (sent.delivery_id, sent.interactions[0].user, sent.interactions[0].at) == ("b", "c0ffee-12", NOW)


@pytest.mark.parametrize(
    ("told", "taken"),
    [(None, NOW), ("2026-11-21T09:05:00Z", at(11, 21, 9, 5, 0)), ("2027-11-21T09:05:00Z", NOW), ("yesterday", NOW)],
)
def test_time_of_a_snapshot_is_the_senders_where_it_can_be(told, taken):
    sent = parse(ai_system, {"id": 7, "at": told, "quality_metrics": GOOD, "odd": 1})
    wrong_time = ("at is no time of the last 90 days; the time of arrival was taken",)

    assert sent.snapshots[0].at == taken
    assert sent.flagged == ("odd is not known here", *(wrong_time if told and taken == NOW else ()))


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "id: is missing"),
        ({"odd": 1}, "odd is not known here; send one of quality_metrics"),
        ({"quality_metrics": GOOD}, "id: is missing"),
        ({"id": "x" * 161, "quality_metrics": GOOD}, "id: is missing or no text"),
        ({"id": "1"}, "nothing is told"),
        (b'{"id": "1", "quality_metrics": {"accuracy": NaN}}', "quality_metrics.accuracy is NaN or infinite"),
        (b'{"id": "1", "quality_metrics": {"accuracy": 1e999}}', "quality_metrics.accuracy is NaN or infinite"),
        (
            b'{"id": "1", "quality_metrics": {"accuracy": 1' + b"0" * 5_000 + b"}}",
            "quality_metrics.accuracy is NaN or inf",
        ),
        ({"interactions": []}, "interactions: is no list"),
        ({"interactions": [{"id": "1"}]}, "interactions[0] has no `id` or no `request`"),
    ],
)
def test_body_without_anything_that_can_be_used_is_refused_by_name(body, problem):
    with pytest.raises(BadPayload) as refused:
        parse(ai_system, body)

    assert refused.value.problem.startswith(problem)


def test_sender_shows_a_token_or_a_signature():
    body = json.dumps({"id": "1"}).encode()
    signature = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    signed = source(ai_system, signature_header="X-Signature", signature_prefix="sha256=")

    source(ai_system).authenticate({"authorization": "Bearer s3cret"}, body)
    signed.authenticate({"x-signature": f"sha256={signature}"}, body)
    with pytest.raises(Unauthenticated):
        signed.authenticate({"authorization": "Bearer s3cret"}, body)
    with pytest.raises(Unauthenticated):
        source(ai_system).authenticate({}, body)
