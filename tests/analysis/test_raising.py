"""Whether a record is enough to go further, says what is missing, or speaks for going less far."""

import pytest

from incident_copilot.analysis.raising import falls_short, missing
from incident_copilot.domain.acceptance import Acceptance
from incident_copilot.domain.automation import AutomationPolicy

RULE = AutomationPolicy()


def taken(accepted, decided):
    return Acceptance(proposed=decided, approved=decided, accepted=accepted)


@pytest.mark.parametrize(
    ("found", "rule", "said"),
    [
        (taken(0, 0), RULE, "0 decisions in 90 days, and it takes 10"),
        (taken(0, 0), AutomationPolicy(decisions=0), ""),
        (taken(10, 10), RULE, ""),
        (
            taken(9, 10),
            RULE,
            "9 of 10 accepted is surely 64% and no more, and it takes 70% (3 more that are accepted would do)",
        ),
        (
            taken(1, 1),
            RULE,
            (
                "1 decision in 90 days, and it takes 10; "
                "1 of 1 accepted is surely 22% and no more, and it takes 70% (7 more that are accepted would do)"
            ),
        ),
        (taken(0, 400), RULE, "0 of 400 accepted is surely 0% and no more, and it takes 70%"),
    ],
)
def test_what_is_missing_to_go_further_is_said(found, rule, said):
    assert missing(found, rule) == said


@pytest.mark.parametrize(
    ("found", "rule", "too_far"),
    [
        (taken(6, 10), RULE, True),
        (taken(7, 10), RULE, False),
        (taken(0, 9), RULE, False),
        (taken(0, 0), AutomationPolicy(decisions=0), False),
    ],
)
def test_record_that_falls_short_of_the_rule_speaks_for_going_less_far(found, rule, too_far):
    assert falls_short(found, rule) is too_far
