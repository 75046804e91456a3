"""The catalogue is asked by name and answers None for what it does not know."""

import pytest
from pydantic import ValidationError

from incident_copilot.domain.catalog import ApprovalPolicy, Catalog, CatalogPerson, Service, Team

CATALOG = Catalog(
    services=(Service(name="checkout", depends_on=("payments",)), Service(name="payments")),
    teams=(Team(name="shop"),),
    people=(CatalogPerson(slack="U1"),),
)


def test_known_things_are_found_and_unknown_ones_are_none():
    assert CATALOG.service("checkout") == CATALOG.services[0]
    assert CATALOG.team("shop") == CATALOG.teams[0]
    assert CATALOG.person("U1") == CATALOG.people[0]
    assert [CATALOG.service("x"), CATALOG.service(None), CATALOG.team(None), CATALOG.person("U2")] == [None] * 4


def test_dependencies_by_name():
    assert CATALOG.depends_on == {"checkout": ("payments",), "payments": ()}


def test_without_a_file_critical_is_at_least_p1_and_high_risk_takes_two():
    assert Catalog().severity.floors == {"critical": "P1", "page": "P1"}
    assert (Catalog().approvals.high_risk_people, Catalog().approvals.solo) == (2, False)


@pytest.mark.parametrize("fields", [{"high_risk_people": 0}, {"expires_after_s": 59}])
def test_policy_that_makes_no_sense_is_refused(fields):
    with pytest.raises(ValidationError):
        ApprovalPolicy(**fields)
