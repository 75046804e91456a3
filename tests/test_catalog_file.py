"""The service catalogue is read from the copilot's own format and from Backstage's; problems name their place."""

import pytest

from incident_copilot.catalog_file import load_catalog
from incident_copilot.domain.catalog import Catalog, OnCall, Service, Team
from incident_copilot.errors import ConfigError

BACKSTAGE = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: checkout
  annotations:
    github.com/project-slug: acme/checkout
spec:
  type: website
  lifecycle: production
  owner: group:default/payments
  dependsOn:
    - component:payments
    - resource:default/payments-db
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata:
  name: payments-db
spec:
  type: database
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: payments
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata:
  name: shop
---
"""


def written(tmp_path, text):
    """A catalogue file with this text."""
    path = tmp_path / "catalog.yaml"
    path.write_text(text)
    return path


def problem(path):
    """What is said about this file."""
    with pytest.raises(ConfigError) as error:
        load_catalog(path)
    return str(error.value).replace(str(path), "catalog.yaml")


def test_without_a_file_the_catalogue_is_empty(tmp_path):
    assert load_catalog(tmp_path / "catalog.yaml") == Catalog()


def test_an_empty_file_is_an_empty_catalogue(tmp_path):
    assert load_catalog(written(tmp_path, "# nothing yet\n")) == Catalog()


def test_own_format_is_read(tmp_path):
    path = written(
        tmp_path,
        "services: [{name: checkout, team: payments}]\nteams: [{name: payments, on_call: {primary: U0ANA}}]\n",
    )

    assert load_catalog(path) == Catalog(
        services=(Service(name="checkout", team="payments"),),
        teams=(Team(name="payments", on_call=OnCall(primary="U0ANA")),),
    )


def test_backstage_entities_become_services_and_teams(tmp_path):
    assert load_catalog(written(tmp_path, BACKSTAGE)) == Catalog(
        services=(
            Service(
                name="checkout",
                team="payments",
                kind="website",
                user_facing=True,
                depends_on=("payments", "payments-db"),
                repo="acme/checkout",
            ),
            Service(name="payments-db", kind="database"),
        ),
        teams=(Team(name="payments"),),
    )


def test_a_problem_is_told_with_line_field_and_fix(tmp_path):
    path = written(tmp_path, "services:\n  - name: checkout\n    teem: payments\n")

    assert problem(path) == (
        "catalog.yaml:3: services[0].teem: Extra inputs are not permitted; remove it or correct its spelling"
    )


def test_a_backstage_entity_without_a_name_is_told(tmp_path):
    said = problem(written(tmp_path, "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {}\nspec: {}\n"))

    assert said == "catalog.yaml: entity 1 (Component): metadata.name: Field required; correct it"


@pytest.mark.parametrize(
    "wrong",
    [
        "metadata: checkout\nspec: {}",
        "metadata: {name: checkout}\nspec: []",
        "metadata: {name: checkout, annotations: [x]}\nspec: {}",
        "metadata: {name: checkout}\nspec: {dependsOn: payments}",
    ],
)
def test_a_backstage_entity_of_the_wrong_shape_is_told_by_its_number(tmp_path, wrong):
    said = problem(written(tmp_path, f"apiVersion: backstage.io/v1alpha1\nkind: Component\n{wrong}\n"))

    assert said.startswith("catalog.yaml: entity 1 (Component): ")


def test_aliases_are_not_taken_from_backstage_either(tmp_path):
    said = problem(
        written(
            tmp_path,
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: &m {name: checkout}\nspec: {x: *m}\n",
        )
    )

    assert said == "catalog.yaml:4: aliases are not taken; correct that line"


def test_yaml_that_is_broken_is_told_by_its_line(tmp_path):
    said = problem(written(tmp_path, "apiVersion: backstage.io/v1alpha1\nkind: [Component\n"))

    assert said.startswith("catalog.yaml:")
    assert "correct that line" in said


def test_own_format_that_mentions_backstage_is_read_as_ours(tmp_path):
    path = written(tmp_path, "# backstage.io/ is read too\nservices: [{name: checkout}]\n")

    assert load_catalog(path) == Catalog(services=(Service(name="checkout"),))


def test_a_file_that_is_too_large_is_told(tmp_path):
    said = problem(written(tmp_path, BACKSTAGE + "#" * 1024 * 1024))

    assert said == "catalog.yaml: is over 256 KB; shorten it"


def test_a_file_that_cannot_be_opened_is_told(tmp_path):
    (tmp_path / "catalog.yaml").mkdir()

    assert "cannot be read" in problem(tmp_path / "catalog.yaml")


def test_more_examples_than_are_learnt_from_in_time_are_refused(tmp_path):
    examples = ", ".join(f"Alert{number}" for number in range(100))
    teams = "\n".join(f"  - {{name: team-{number}, examples: [{examples}]}}" for number in range(6))

    assert "600 examples of all teams; keep the 500 that tell most" in problem(written(tmp_path, f"teams:\n{teams}\n"))
