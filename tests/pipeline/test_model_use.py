"""Which incidents a model may see, and why not."""

from dataclasses import replace

import pytest

from incident_copilot.domain.alert import AlertStatus
from incident_copilot.domain.catalog import Catalog, CatalogPerson, Service
from incident_copilot.domain.evidence import EvidenceKind
from incident_copilot.domain.investigation import PER_DAY
from incident_copilot.domain.model_call import ModelCall
from incident_copilot.pipeline.model_use import (
    known_names,
    note_call,
    services_of,
    what_leaves,
    why_never,
    why_no_model,
    why_not_now,
)
from incident_copilot.store import alerts, evidence, incidents
from incident_copilot.store.people import remember

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


def test_an_incident_is_about_its_own_service_and_those_of_its_alerts():
    members = [samples.alert(service="payments"), samples.alert(service=None)]

    assert services_of(samples.incident(service="checkout"), members) == {"checkout", "payments"}
    assert services_of(samples.incident(service=None), []) == frozenset()


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        ({}, None),
        ({"model_budget_a_day": PER_DAY.model_copy(update={"steps": 1})}, "the budget of 1 steps for today is used up"),
        (
            {"model_budget": PER_DAY.model_copy(update={"tokens": 70})},
            "the budget of 70 tokens for this incident is used up",
        ),
        ({"model_budget": PER_DAY.model_copy(update={"usd": 0.1})}, "the budget of $0.1 for this incident is used up"),
        ({"model_budget": PER_DAY.model_copy(update={"steps": 0, "seconds": 0})}, None),
    ],
)
async def test_questions_of_people_are_bound_by_the_budgets_too(deps, policy, why):
    incident = samples.incident(workspace_id="w", number=1)
    call = ModelCall(model="small", outcome="answered", latency_ms=7, input_tokens=50, output_tokens=20, cost_usd=0.1)
    bound = replace(deps, policy=replace(deps.policy, **policy))
    async with deps.db.transaction() as tx:
        await incidents.open_new(tx, incident)
        await note_call(tx, bound, incident.id, "answer", call)

        assert await why_not_now(tx, bound, incident) == why


async def test_one_alert_of_a_storm_keeps_all_of_it_from_models(deps):
    bound = replace(deps, catalog=CATALOG)
    incident = samples.incident(workspace_id="w", number=1)
    storm = [samples.alert(fingerprint=f"{number:03}", service="checkout") for number in range(alerts.LOOKED_AT)]
    # The last to fire, and over by now: whoever looks at the first few does not see it.
    hidden = samples.alert(fingerprint="zzz", service="vault", status=AlertStatus.RESOLVED)
    async with deps.db.transaction() as tx:
        await incidents.open_new(tx, incident)
        await alerts.record_all(tx, "w", [*storm, hidden], deps.now())
        await alerts.place(tx, "w", [one.fingerprint for one in storm], incident_id=incident.id)
        before = await why_never(tx, bound, incident)
        await alerts.place(tx, "w", [hidden.fingerprint], incident_id=incident.id)

        assert (before, await why_never(tx, bound, incident)) == (None, "vault opted out in the catalogue")


def test_a_model_may_speak_of_the_services_of_the_catalogue():
    assert known_names(CATALOG).services == {"vault", "checkout"}


def test_yaml_says_off():
    assert Service.model_validate({"name": "vault", "model": "off"}).model is False


async def test_full_names_of_people_who_are_known_do_not_leave(deps):
    incident = samples.incident(workspace_id="w", number=1)
    on_call = samples.evidence(EvidenceKind.PERSON, id="p", data={"name": "Omar Haddad"})
    deploy = samples.evidence(EvidenceKind.CHANGE, id="c", data={"author": "nadia.osei"})
    people = (CatalogPerson(slack="U0ANA", name="Ana Ruiz"), CatalogPerson(slack="U0BEN"))
    catalog = Catalog(services=(Service(name="Web Shop"),), people=people)
    named = replace(deps, catalog=catalog)
    async with deps.db.transaction() as tx:
        await incidents.open_new(tx, incident)
        await evidence.add_all(tx, [on_call, deploy])
        for chat_id, name in (("U1", "Lena Fischer"), ("U2", "web shop"), ("U3", "will")):
            await remember(tx, "w", chat_id, name, samples.NOON)
    said = "Lena Fischer, Ana Ruiz, Omar Haddad and nadia.osei say that the web shop will be down"

    here = await what_leaves(named, said, [said], incident_id=incident.id)
    elsewhere = await what_leaves(named, said)

    assert here.text == "[user-1], [user-2], [user-3] and [user-4] say that the web shop will be down"
    assert (here.results, here.hidden) == ((here.text,), {"user": 8})
    assert elsewhere.text == "[user-1], [user-2], Omar Haddad and nadia.osei say that the web shop will be down"
