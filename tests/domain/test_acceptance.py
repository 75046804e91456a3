"""Whether the record of a service speaks for more or less automation."""

import pytest

from incident_copilot.domain.acceptance import Acceptance
from incident_copilot.domain.catalog import Automation

GOOD = Acceptance(proposed=12, approved=9, rejected=1, worked=9)
BAD = Acceptance(proposed=12, approved=9, rejected=1, worked=2, failed=7)


@pytest.mark.parametrize(
    ("record", "level", "advice"),
    [
        (Acceptance(approved=4), Automation.SUPERVISED, "Fewer than 5 decisions: too few to judge by."),
        (GOOD, Automation.SUGGEST, "The record speaks for supervised."),
        (GOOD, Automation.SUPERVISED, "The record speaks for supervised."),
        (GOOD.model_copy(update={"worked": 0}), Automation.OBSERVE, "The record speaks for suggest."),
        (BAD, Automation.SUPERVISED, "The record is bad; suggest would be safer."),
        (BAD, Automation.OBSERVE, "The record is bad."),
        (Acceptance(approved=2, rejected=5), Automation.SUGGEST, "The record is bad; observe would be safer."),
        (Acceptance(approved=6, rejected=4), Automation.SUGGEST, "The record speaks for suggest as it is."),
    ],
)
def test_the_record_speaks_for_more_less_or_neither(record, level, advice):
    assert record.advice(level) == advice
