"""actions.yaml is read whole or not at all; each problem is told with its line."""

import json
from pathlib import Path

import pytest

from incident_copilot.actions_file import load_actions, schema
from incident_copilot.domain.action import Actions
from incident_copilot.errors import ConfigError

GOOD = """\
actions:
  - name: flag-off
    does: Turn the flag {flag} off
    adapter: unleash
    with: {flag: "{flag}", environment: "{environment}", to: "off"}
    params:
      flag: {one_of: [new-cart]}
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "actions.yaml"
        path.write_text(text)
        return path

    return write


def test_without_a_file_nothing_can_be_done(tmp_path):
    assert load_actions(tmp_path / "actions.yaml") == Actions()


def test_file_that_is_right_is_read(written):
    path = written(GOOD)

    assert [one.name for one in load_actions(path, ["unleash"]).actions] == ["flag-off"]
    assert load_actions(path) == load_actions(path, ["unleash"])


@pytest.mark.parametrize(
    ("text", "adapters", "problem"),
    [
        (GOOD.replace("risk", "x").replace("does:", "dose:"), None, ":3: actions[0].dose: "),
        (GOOD, [], ":4: actions[0].adapter: copilot.yaml lists no action unleash (none)"),
        (GOOD, ["unleash", "flag-off"], ":2: actions[0].name: flag-off is an adapter's name; take another"),
        (GOOD.replace("one_of: [new-cart]", "one_of: []"), None, ":7: actions[0].params.flag: say what it takes"),
    ],
)
def test_problem_is_told_with_its_line(written, text, adapters, problem):
    path = written(text)

    with pytest.raises(ConfigError) as error:
        load_actions(path, adapters)

    assert f"{path}{problem}" in str(error.value)


@pytest.mark.parametrize("name", ["actions", "monitors", "case"])
def test_published_schema_is_that_of_the_code(name):
    published = Path(__file__).parents[1] / "docs" / f"{name}.schema.json"

    assert json.loads(published.read_text()) == json.loads(schema(name))


def test_schema_of_the_catalogue_is_printed_too_and_no_other():
    assert json.loads(schema("catalog"))["title"] == "Catalog"
    with pytest.raises(ConfigError, match="there is no schema x; use one of: actions, catalog, monitors, case"):
        schema("x")
