"""Types of incident: each has its owner, its weights and a runbook; the catalogue has the last word."""

import pytest
from pydantic import ValidationError

from incident_copilot.domain import incident_type
from incident_copilot.domain.catalog import Catalog, Team, TypePolicy

TEAMS = tuple(Team(name=name) for name in ("ai", "security", "legal-and-ethics", "red-team"))


@pytest.mark.parametrize(
    ("kind", "owner", "restricted"),
    [
        ("quality_degradation", "ai", False),
        ("model_regression", "ai", False),
        ("context_retrieval", "ai", False),
        ("bias_and_fairness", "legal-and-ethics", True),
        ("security", "security", True),
        ("prompt_injection", "security", True),
        ("data_quality", None, False),
        ("dependency", None, False),
        ("performance", None, False),
        ("capacity", None, False),
    ],
)
def test_each_type_has_its_owner_and_says_whether_it_is_restricted(kind, owner, restricted):
    catalog = Catalog(teams=TEAMS)

    assert (catalog.owner_of(kind), catalog.restricts(kind)) == (owner, restricted)


def test_catalogue_names_another_owner_and_lifts_the_restriction():
    types = {"prompt_injection": TypePolicy(team="red-team", restricted=False), "security": TypePolicy(team="nobody")}
    catalog = Catalog(teams=TEAMS, types=types)

    assert (catalog.owner_of("prompt_injection"), catalog.restricts("prompt_injection")) == ("red-team", False)
    assert (catalog.owner_of("security"), catalog.restricts("security")) == (None, True)


def test_unknown_type_in_the_catalogue_is_named():
    with pytest.raises(ValidationError, match="sekurity is no type of incident: there are availability, bias_and_"):
        Catalog.model_validate({"types": {"sekurity": {"team": "security"}}})


def test_unfairness_and_security_weigh_compliance_most_and_quality_the_users():
    weights = {one.name: max(one.weights, key=one.weights.get) for one in incident_type.TYPES if one.of_ai}

    assert weights == {
        "prompt_injection": "compliance",
        "bias_and_fairness": "compliance",
        "context_retrieval": "user",
        "model_regression": "user",
        "quality_degradation": "user",
    }
