"""Scenario files: the shipped ones are sound, and a bad one is refused by file, field and fix."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from incident_copilot.sandbox.world import ScenarioError, World, load_scenario, merged_catalog_yaml, scenario_names
from incident_copilot.sandbox.world.scenario import SCENARIOS

NAMES = ["bad_deploy", "llm_provider_outage", "no_change", "saturated_database"]
ALERT_AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def test_four_scenarios_are_shipped():
    assert scenario_names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_scenario_is_named_as_its_file_and_tells_the_truth(name):
    scenario = load_scenario(name)
    objects = {scenario.truth.cause.object, scenario.truth.red_herring.object}

    assert scenario.name == name
    assert scenario.truth.onset_s == -180
    assert objects & {deploy.version for deploy in scenario.deploys}
    assert scenario.truth.red_herring.object in {deploy.version for deploy in scenario.deploys}
    assert scenario.remedies


@pytest.mark.parametrize("name", NAMES)
def test_alert_expression_crosses_its_threshold_at_the_onset(name):
    scenario = load_scenario(name)
    [series] = scenario.series_of(scenario.alerts[0].expr)

    assert series.value(-195) < 0.05 < series.value(-180)
    assert series.value(0) > 0.05


@pytest.mark.parametrize("name", NAMES)
def test_no_service_of_the_truth_is_missing_in_the_catalog(name):
    scenario = load_scenario(name)
    services = {service.name for service in scenario.catalog.services}

    assert {scenario.truth.cause.service, scenario.truth.red_herring.service} <= services
    assert {alert.labels["service"] for alert in scenario.alerts} <= services


@pytest.mark.parametrize("name", NAMES)
def test_error_logs_are_new_at_the_onset(name):
    scenario = load_scenario(name)
    fresh = [source for source in scenario.logs if source.level == "error" and source.per_minute == 0]

    assert fresh
    assert all(not list(source.lines(-3600, -190)) and list(source.lines(-120, 0)) for source in fresh)
    assert [source for source in scenario.logs if not source.phases and source.per_minute]


def test_the_same_alert_is_sent_into_three_worlds():
    first = [load_scenario(name).alerts[0] for name in ("bad_deploy", "saturated_database", "no_change")]

    assert first == [first[0]] * 3


def test_times_of_the_bad_deploy_are_as_the_story_tells():
    scenario = load_scenario("bad_deploy")
    onset_s = scenario.truth.onset_s

    assert {deploy.version: onset_s - deploy.at_s for deploy in scenario.deploys if deploy.at_s > -600} == {
        "v2.31.0": 30,
        "v5.8.1": -80,
    }


@pytest.mark.parametrize("name", NAMES)
def test_reverting_the_red_herring_does_not_heal_and_the_remedy_does(name):
    scenario = load_scenario(name)
    elapsed_s = [30.0]
    world = World(scenario, ALERT_AT, lambda: datetime.fromtimestamp(ALERT_AT.timestamp() + elapsed_s[0], UTC))
    expression, red_herring = scenario.alerts[0].expr, scenario.truth.red_herring
    repo = next(service.repo for service in scenario.catalog.services if service.name == red_herring.service)
    older = [deploy.version for deploy in scenario.deploys if deploy.repo == repo and deploy.at_s < -90_000]

    world._state.dispatch(str(repo), "rollback.yml", "main", {"service": red_herring.service, "version": older[-1]})
    elapsed_s[0] = 90
    broken = world.value(expression)
    remedy = scenario.remedies[0]
    world._state.dispatch(remedy.repo, remedy.workflow, "main", remedy.inputs)
    elapsed_s[0] = 110

    assert broken > 0.15
    assert world.value(expression) < 0.02


def test_catalog_is_written_as_the_copilot_reads_it():
    catalog = yaml.safe_load(load_scenario("bad_deploy").catalog_yaml())

    assert catalog["services"][1] == {
        "name": "checkout",
        "team": "payments",
        "tier": 1,
        "user_facing": True,
        "public_name": "the checkout",
        "depends_on": ["payments"],
        "repo": "acme/checkout",
        "environment": "production",
        "slack_channel": "#team-payments",
        "rollback": {"workflow": "rollback.yml", "ref": "main"},
    }
    assert catalog["teams"][0] == {"name": "payments", "on_call": {"primary": "U0ANA", "secondary": "U0SAM"}}
    assert catalog["people"][1] == {"slack": "U0BEN", "name": "Ben", "roles": ["commander", "approver"]}


def test_one_catalog_serves_all_worlds():
    catalogs = [load_scenario(name).catalog for name in NAMES]
    merged = yaml.safe_load(merged_catalog_yaml([load_scenario(name) for name in NAMES]))

    services = "assistant checkout openai payments payments-db product-index reports search storefront"
    assert sorted(service["name"] for service in merged["services"]) == services.split()
    people = "U0ANA U0BEN U0CARA U0DEV U0SAM U0VIC U0GUS"
    assert [person["slack"] for person in merged["people"]] == people.split()
    for catalog in catalogs:
        for service in catalog.services:
            written = service.model_dump(mode="json", exclude_none=True)
            assert written == next(found for found in merged["services"] if found["name"] == service.name)


def test_alerts_due_grow_with_time():
    scenario = load_scenario("bad_deploy")

    assert [len(scenario.alerts_due(elapsed_s)) for elapsed_s in (-1, 0, 24, 25)] == [0, 1, 1, 2]


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = (SCENARIOS / "bad_deploy.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_scenario_of_ones_own_is_read_by_path(tmp_path):
    assert load_scenario(changed(tmp_path, "name: bad_deploy", "name: mine")).name == "mine"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("title:", "titel:", "title: Field required; add it"),
        ("title:", "titel:", "titel: Extra inputs are not permitted; remove it, or correct the spelling"),
        ("onset_s: -180", "onset_s: soon", "truth.onset_s: Input should be a valid number"),
        ("after_s: 0", "after_s: 5", "alerts: the first alert is time zero; give it after_s: 0"),
        ("expr: job:http_errors", "expr: nothing", "scenario: alerts.0.expr selects no series; add it to `series`"),
        ("expr: job:http_errors:ratio{", "expr: job:http_errors:ratio{{", "scenario: cannot read "),
        ("- sum(rate(", "- sum(rate((", "scenario: cannot read "),
        ("labels: {cluster", "labels: [cluster", "not YAML: "),
    ],
)
def test_bad_scenario_is_refused_by_file_field_and_fix(tmp_path, old, new, problem):
    path = changed(tmp_path, old, new)

    with pytest.raises(ScenarioError) as refused:
        load_scenario(path)

    assert f"{path}: {problem}" in str(refused.value)


def test_field_that_cannot_be_read_points_to_an_example(tmp_path):
    with pytest.raises(ScenarioError, match=r"; compare with scenarios/bad_deploy\.yaml$"):
        load_scenario(changed(tmp_path, "onset_s: -180", "onset_s: soon"))


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("depends_on: [payments-db]", "depends_on: [ledger]", "catalog service payments names ledger"),
        ("team: data,", "team: dba,", "catalog service payments-db names dba"),
        ("- service: search", "- service: seach", "logs names seach"),
        ("- repo: acme/payments", "- repo: acme/paiments", "deploy v2.30.3 names acme/paiments"),
        ("{repo: acme/payments, w", "{repo: acme/nowhere, w", "remedy rollback.yml names acme/nowhere"),
    ],
)
def test_name_that_is_not_in_the_catalog_is_refused(tmp_path, old, new, where):
    path = changed(tmp_path, old, new)

    with pytest.raises(ScenarioError) as refused:
        load_scenario(path)

    assert str(refused.value) == f"{path}: scenario: {where}, which is not in the catalog; add it there"


def test_missing_scenario_names_those_that_exist():
    with pytest.raises(ScenarioError) as refused:
        load_scenario("good_deploy")

    assert str(refused.value) == (
        f"{SCENARIOS / 'good_deploy.yaml'}: No such file or directory; give a path or one of: {', '.join(NAMES)}"
    )
