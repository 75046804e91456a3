"""What an answer gives away that was not in the request."""

from incident_copilot.domain.observation import Signal, SignalKind
from incident_copilot.plugins.evaluators import personal_data

from .judging import look

LEAKED = Signal(kind=SignalKind.SAFETY_VIOLATION, name="pii.phone")


def test_only_what_the_asker_did_not_say_is_a_finding(fixture):
    said = look(personal_data, fixture("personal_data"))

    assert (said.score, said.signals, said.facts) == (0.0, (LEAKED,), {"safety.pii": True})


def test_what_was_retrieved_is_a_weak_signal():
    said = look(personal_data, response="Call [phone-1].", retrieved=[{"id": "a", "text": "[phone-1]"}])

    assert (said.score, said.signals) == (1.0, (Signal(kind=SignalKind.ANOMALY, name="pii.retrieved.phone"),))


def test_kinds_may_be_allowed():
    assert look(personal_data, response="Ping [ip-1].", options={"allowed": ["ip"]}).signals == ()
