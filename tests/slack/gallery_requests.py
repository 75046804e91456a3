"""Samples for the gallery: requests to an AI system, who is affected, and some for people to look at."""

from slack_samples import NOON, incident

from incident_copilot.analysis.stratified import Estimate
from incident_copilot.domain.impact import Impact
from incident_copilot.domain.observation import Interaction, Signal, SignalKind
from incident_copilot.pipeline.sampling import Sampled
from incident_copilot.slack.views.modals import requests


def request_entries():
    """Yield a name, the view that makes it, and what it shows."""
    counts = {"known": 1_200, "bad": 96, "users": 71, "low": 0.066, "high": 0.097, "requests": 40_000}
    found = Impact(system="answers", since=NOON, until=NOON, **counts)
    asked = Interaction(
        system="answers",
        id="r1",
        at=NOON,
        request="How do I get my money back for [order]?",
        response="Refunds are not possible.",
        labels={"version": "v2", "language": "en"},
        signals=(Signal(kind=SignalKind.LOW_QUALITY, name="groundedness"),),
    )
    other = asked.model_copy(update={"id": "r2", "signals": (), "response": "Within 30 days, see [link]."})
    yield "affected", requests.affected, (incident(), found)
    yield "affected-not-known", requests.affected, (incident(), None)
    looked = Sampled(incident(), (asked, other), 4, Estimate(0.25, 0.09, 0.74))
    yield "form-review-requests", requests.review, (looked,)
    yield "form-review-requests-none", requests.review, (Sampled(incident(), (), 0, None),)
    yield "form-review-requests-all-seen", requests.review, (Sampled(incident(), (), 2, None),)
