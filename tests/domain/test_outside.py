"""Vendors and authorities of an incident, as lines that people read."""

from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.domain.outside import Regulation, Vendor, duties_of, duty_line, vendor_line, vendors_of
from pipeline import samples

OPENAI = Vendor(name="openai", contact="https://help.example.net", sla="99.9 %", services=("answers",))
STRIPE = Vendor(name="stripe", contact="+1 555 0100")
GDPR = Regulation(name="gdpr", tell="the authority", within_h=72, personal_data=True)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def secure(**fields):
    return samples.incident(**({"incident_type": "security", "opened_at": NOON} | fields))


@pytest.mark.parametrize(
    ("fields", "needs", "found"),
    [
        ({"service": "answers"}, (), [OPENAI]),
        ({"service": "checkout"}, ("stripe",), [STRIPE]),
        ({"service": "stripe"}, (), [STRIPE]),
        ({"service": "checkout"}, (), []),
        ({"service": None, "vendor_cases": {"openai": "7"}}, (), [OPENAI]),
    ],
)
def test_vendors_are_those_that_the_service_needs_or_that_have_a_case(fields, needs, found):
    assert vendors_of((OPENAI, STRIPE), samples.incident(**fields), needs) == found


def test_vendor_is_told_with_contact_sla_and_case():
    incident = samples.incident(vendor_cases={"openai": "4711"})

    assert vendor_line(OPENAI, incident) == "openai: https://help.example.net; SLA: 99.9 %; case 4711"
    assert vendor_line(STRIPE, incident) == "stripe: +1 555 0100; no case yet"


@pytest.mark.parametrize(
    ("fields", "personal_data", "count"),
    [({}, True, 1), ({}, None, 1), ({}, False, 0), ({"incident_type": "capacity"}, True, 0), ({"test": True}, True, 0)],
)
def test_the_law_wants_something_of_some_types_and_where_personal_data_may_be_concerned(fields, personal_data, count):
    assert len(duties_of((GDPR,), secure(**fields), personal_data=personal_data)) == count


@pytest.mark.parametrize(
    ("told", "hours", "line"),
    [
        (None, 0, "gdpr: tell the authority by 2026-11-24 12:00 UTC, in 72 h"),
        (None, 73, "gdpr: tell the authority by 2026-11-24 12:00 UTC, overdue"),
        (10, 73, "gdpr: the authority was told at 2026-11-21 22:00 UTC"),
        (73, 74, "gdpr: the authority was told late at 2026-11-24 13:00 UTC"),
    ],
)
def test_deadline_says_by_when_or_that_it_was_met(told, hours, line):
    incident = secure(authorities_told={"gdpr": NOON + timedelta(hours=told)} if told else {})

    assert duty_line(GDPR, incident, NOON + timedelta(hours=hours)) == line


def test_reminders_come_before_the_deadline_and_at_it():
    assert [(at - NOON) / timedelta(hours=1) for at in GDPR.reminders(secure())] == [48, 68, 72]
