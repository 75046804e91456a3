"""Whose words a sentence is: what nothing but an alert, a log or a message says is told as theirs."""

import pytest

from incident_copilot.domain.evidence import Quote
from incident_copilot.llm.attribution import attributed
from incident_copilot.llm.grounding import Said
from incident_copilot.llm.names import Known

ALERT = "Checkout is at 99% errors because the vendor wiped the database"
MESSAGE = "Lena: the pool of payments is full"
TOLD = {
    "F1": (f"INC-1: {ALERT}.", Quote(by="An alert", text=ALERT)),
    "F2": ("Began 11:57 UTC: errors of checkout went from 0.4 % to 19.9 %.", None),
    "F3": (f"11:59 UTC {MESSAGE}", Quote(by="A message", text=MESSAGE)),
    "F4": ("7 errors of search", Quote(by="The log", text="")),
}
KNOWN = Known(services=frozenset({"checkout", "payments"}))


def told(text, *evidence):
    return attributed(Said(text=text, evidence=evidence), TOLD, KNOWN)


@pytest.mark.parametrize(
    ("text", "evidence", "writer"),
    [
        ("The vendor wiped the database.", ["F1"], "An alert"),
        ("The vendor wiped the database.", ["F1", "F2"], "An alert"),
        ("Errors of checkout are at 19.9% and the database is wiped.", ["F2"], "An alert"),
        ("Checkout has 99% errors.", ["F1", "F2"], "An alert"),
        ("It is at 99%.", ["F1"], "An alert"),
        ("The pool of payments is full.", ["F3"], "A message"),
        ("The pool is full and the database wiped.", ["F3"], "A message"),
        ("There are 7 errors of search.", ["F4"], "The log"),
    ],
)
def test_what_only_others_say_is_told_as_theirs(text, evidence, writer):
    assert told(text, *evidence) == f"{writer} says: {text}"


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("Errors of checkout went to 19.9% at 11:57 UTC.", ["F2"]),
        ("Checkout fails 20% of its requests.", ["F1", "F2"]),
        ("Errors of checkout went to 19.9%.", ["F1"]),
        ("INC-1 concerns checkout.", ["F1"]),
    ],
)
def test_what_was_measured_or_is_our_own_stays_as_it_is(text, evidence):
    assert told(text, *evidence) == text
