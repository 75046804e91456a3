"""The levels, and what each is judged by."""

from incident_copilot.domain.acceptance import Acceptance, Record
from incident_copilot.domain.automation import Automation

OBSERVE, SUGGEST, SUPERVISED = Automation


def test_levels_follow_one_another():
    assert [one.more for one in Automation] == [SUGGEST, SUPERVISED, None]
    assert [one.less for one in Automation] == [None, OBSERVE, SUGGEST]


def test_that_actions_are_carried_out_is_judged_by_actions_alone():
    record = Record(proposals=Acceptance(approved=9, rejected=2), actions=Acceptance(approved=1))

    assert [record.speaks_for(one).decided for one in Automation] == [11, 11, 1]
