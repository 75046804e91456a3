"""Which incidents a model may see, and why not."""

import pytest

from incident_copilot.domain.catalog import Catalog, Service
from incident_copilot.pipeline.model_use import known_names, may_use_model, services_of, why_no_model

from . import samples

CATALOG = Catalog(services=(Service(name="vault", model=False), Service(name="checkout")))


@pytest.mark.parametrize(
    ("changes", "services", "why"),
    [
        ({}, {"checkout", "unknown"}, None),
        ({"private": True}, {"checkout"}, "it is private"),
        ({"incident_type": "security"}, {"checkout"}, "it is about security"),
        ({}, {"checkout", "vault"}, "vault opted out in the catalogue"),
    ],
)
def test_private_and_sensitive_incidents_and_services_that_opted_out_get_no_model(changes, services, why):
    incident = samples.incident(**changes)

    assert why_no_model(incident, services, CATALOG) == why
    assert may_use_model(incident, services, CATALOG) is (why is None)


def test_an_incident_is_about_its_own_service_and_those_of_its_alerts():
    members = [samples.alert(service="payments"), samples.alert(service=None)]

    assert services_of(samples.incident(service="checkout"), members) == {"checkout", "payments"}
    assert services_of(samples.incident(service=None), []) == frozenset()


def test_a_model_may_speak_of_the_services_of_the_catalogue():
    assert known_names(CATALOG).services == {"vault", "checkout"}


def test_yaml_says_off():
    assert Service.model_validate({"name": "vault", "model": "off"}).model is False
