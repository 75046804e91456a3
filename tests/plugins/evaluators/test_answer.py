"""An answer that is none: empty, a refusal, repeated, too short, or in another language than it was asked in."""

import pytest

from incident_copilot.plugins.evaluators import answer

from .judging import look, names

GERMAN = "Warum ist meine Bestellung noch nicht da und wann wird sie bei mir sein?"
AGAIN = "The parcel is on its way to you now. " * 12


def test_a_refusal_is_a_weak_signal(fixture):
    said = look(answer, fixture("answer"))

    assert (said.score, names(said), said.facts) == (0.3, ["answer.refusal"], {"quality.answered": False})


@pytest.mark.parametrize(
    ("request_text", "response", "faults"),
    [
        ("Why is it late?", "Because the courier had an accident on the way to you.", []),
        ("Why is it late?", "  \n", ["answer.empty"]),
        ("Why is it late?", "Sorry you had to wait! The courier had an accident on the way.", []),
        ("Tell me a joke", AGAIN, ["answer.repetition"]),
        ("Tell me a joke", "ha" * 200, ["answer.repetition"]),
        ("Explain how refunds work", "No.", ["answer.short"]),
        ("Is it open?", "No.", []),
        (GERMAN, "The parcel is on its way and it will be with you in two days.", ["answer.language"]),
        (GERMAN, "Sie ist unterwegs und wird in zwei Tagen bei Ihnen sein.", []),
        ("Übersetze ins Englische: " + GERMAN, "Why is my order not here yet and when will it be with me?", []),
        (
            "Can you help me with the order?",
            "Es tut mir leid, dabei kann ich nicht helfen.",
            ["answer.refusal", "answer.language"],
        ),
    ],
)
def test_faults_of_answers(request_text, response, faults):
    assert names(look(answer, request=request_text, response=response)) == faults


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"request": "Explain: 2 + 2", "response": "4", "expected": "4"}, []),
        ({"request": "Hi", "response": "Das ist die Antwort und sie ist nicht lang", "language": "de-AT"}, []),
        (
            {"request": "Hi", "response": "Das ist die Antwort und sie ist nicht lang", "language": "en"},
            ["answer.language"],
        ),
        ({"request": GERMAN, "response": '{"the": "and", "is": "with"}', "format": "json"}, []),
    ],
)
def test_what_was_asked_for_is_no_fault(fields, faults):
    assert names(look(answer, **fields)) == faults
