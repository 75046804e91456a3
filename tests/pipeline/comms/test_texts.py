"""Each audience is told in its own way, and nothing that is not known; outside of the company nothing internal."""

from datetime import timedelta

import pytest

from incident_copilot.domain.catalog import Catalog, CatalogPerson, Service
from incident_copilot.domain.comms import CommsPolicy
from incident_copilot.domain.incident import Status
from incident_copilot.domain.proposal import Audience
from incident_copilot.pipeline.comms import texts
from pipeline.samples import NOON, alert, brief, incident

CATALOG = Catalog(
    services=(Service(name="checkout", public_name="the shop", workaround="Pay by invoice."), Service(name="payments")),
    people=(CatalogPerson(slack="U0BEN", name="Ben"),),
    comms=CommsPolicy(timezone="Europe/Berlin"),
)


def told(audience, *, catalog=CATALOG, **fields):
    known = texts.Known(incident(**fields), [alert()], brief(), NOON, NOON + timedelta(minutes=3), catalog)
    return texts.text_for(audience, known)


def test_management_reads_impact_expectation_and_who_is_on_it():
    assert told(Audience.MANAGEMENT, commander="U0BEN") == (
        "INC-1, P1 high: since 13:00 CET requests to the shop have been failing. About 20% of them fail.\n"
        "What to expect: A likely cause is known and is being worked on.\n"
        "Who is on it: Ben leads.\n"
        "Next update by 14:03 CET."
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.MITIGATED, "A fix is in place and is being watched."),
        (Status.RESOLVED, "It is over. A review follows."),
    ],
)
def test_management_reads_how_it_stands(status, expected):
    lines = told(Audience.MANAGEMENT, status=status).split("\n")

    assert lines[0] == "INC-1, P1 high: since 13:00 CET requests to the shop failed."
    assert lines[1:3] == [f"What to expect: {expected}", "Who is on it: the engineers on call."]


def test_customers_read_what_they_see_what_they_can_do_and_when_they_hear_more():
    assert told(Audience.CUSTOMERS) == (
        "Since 13:00 CET requests to the shop have been failing. About 20% of them fail.\n"
        "Meanwhile: Pay by invoice.\n"
        "Our engineers are working on it.\n"
        "Next update by 14:03 CET."
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (Status.OPEN, "It is being handled. No cause is confirmed."),
        (Status.MITIGATED, "It has been contained and is under observation. The cause is being confirmed."),
        (Status.RESOLVED, "It has ended. The cause is being confirmed; a report can be given on request."),
    ],
)
def test_outside_parties_read_dates_in_full_and_what_is_certain(status, state):
    assert told(Audience.EXTERNAL, status=status).split("\n")[:2] == [
        "On 21 November 2026 at 13:00 CET a disruption of the shop began.",
        state,
    ]


@pytest.mark.parametrize("audience", [Audience.CUSTOMERS, Audience.EXTERNAL])
@pytest.mark.parametrize("status", list(Status))
def test_no_internal_name_and_no_cause_reaches_people_outside(audience, status):
    text = told(audience, status=status, catalog=Catalog(), commander="U0BEN")

    assert [word for word in ("checkout", "payments", "pool_size", "INC-1", "Ben") if word in text] == []
