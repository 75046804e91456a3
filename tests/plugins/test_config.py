"""copilot.yaml: read whole, and every problem told with file, line, field and fix."""

import hashlib
import pkgutil

import pytest

from incident_copilot.errors import ConfigError
from incident_copilot.plugins import Config, PluginInstance, context_sources, load_config

CONTEXT_SOURCES = sorted(module.name for module in pkgutil.iter_modules(context_sources.__path__))
GOOD = """\
# what watches us
alert_sources:
  - plugin: alertmanager
    name: am-eu
    workspace: shop
    secret_env: AM_SECRET
context_sources:
  - plugin: loki
    options: {url: "http://loki.test/"}
"""


@pytest.fixture
def config_file(tmp_path):
    def write(text):
        path = tmp_path / "copilot.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def problems(path):
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    return [line.removeprefix(f"{path}:") for line in str(caught.value).splitlines()]


def test_without_a_file_there_is_one_alertmanager(tmp_path):
    assert load_config(tmp_path / "copilot.yaml") == Config(
        instances=(
            PluginInstance(
                kind="alert_sources",
                plugin="alertmanager",
                name="alertmanager",
                secret_env="COPILOT_ALERTMANAGER_SECRET",
            ),
        )
    )


def test_entries_become_instances_and_the_hash_is_that_of_the_text(config_file):
    config = load_config(config_file(GOOD))

    assert config.instances == (
        PluginInstance(
            kind="alert_sources", plugin="alertmanager", name="am-eu", workspace="shop", secret_env="AM_SECRET"
        ),
        PluginInstance(kind="context_sources", plugin="loki", name="loki", options={"url": "http://loki.test/"}),
    )
    assert config.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}"])
def test_empty_file_runs_no_plugins(config_file, text):
    assert load_config(config_file(text)).instances == ()


def test_all_problems_of_the_shape_are_told_at_once(config_file):
    path = config_file(
        """\
alert_sources:
  - name: Eu 1
    secret_env: not-a-variable
    secret: hush
context_source: []
actions: {}
"""
    )

    assert problems(path) == [
        "2: alert_sources[0].plugin: Field required; add it",
        "2: alert_sources[0].name: String should match pattern '^[a-z0-9][a-z0-9_-]{0,62}$'",
        "3: alert_sources[0].secret_env: String should match pattern '^[A-Za-z_][A-Za-z0-9_]*$'",
        "4: alert_sources[0].secret: Extra inputs are not permitted; remove it or correct its spelling",
        "6: actions: write a list: each entry behind a dash",
        "5: context_source: Extra inputs are not permitted; remove it or correct its spelling",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("alert_sources: [alertmanager]\n", "1: alert_sources[0]: write names with values, as in name: value"),
        ("settings: {teams: []}\n", "1: settings.teams: write names with values, as in name: value"),
    ],
)
def test_a_shape_that_is_wrong_is_told_in_words_of_yaml(config_file, text, told):
    assert problems(config_file(text)) == [told]


def test_all_problems_of_the_options_are_told_with_their_lines(config_file):
    path = config_file(
        """\
context_sources:
  - plugin: prometheus
    options:
      url: "ftp://x.test"
      extra_queries:
        - title: p99
          unit: s
  - plugin: prometheus
    options: {url: "http://user:hush@x.test"}
  - plugin: loky
  - plugin: nothing_like_it
alert_sources:
  - plugin: alertmanager
    options: {colour: blue}
comms_channels:
  - plugin: statuspag
"""
    )

    assert problems(path) == [
        "14: alert_sources[0].options.colour: Extra inputs are not permitted; remove it or correct its spelling",
        "4: context_sources[0].options.url: URL scheme should be 'http' or 'https'",
        "6: context_sources[0].options.extra_queries[0].query: Field required; add it",
        "8: context_sources[1].name: prometheus is already taken by another entry; give it its own name",
        (
            "9: context_sources[1].options.url: write the URL without user, password, query and fragment; "
            "secrets go into secret_env"
        ),
        "10: context_sources[2].plugin: there is no plugin loky in context_sources; did you mean loki?",
        (
            "11: context_sources[3].plugin: there is no plugin nothing_like_it in context_sources; "
            f"use one of: {', '.join(CONTEXT_SOURCES)}"
        ),
        "16: comms_channels[0].plugin: there is no plugin statuspag in comms_channels; did you mean statuspage?",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("alert_sources:\n  - [", "2: expected the node content, but found '<stream end>'; correct that line"),
        ("a: 1\nb: 2\na: 3\n", "3: a is there twice; correct that line"),
        ("a: &x 1\nb: *x\n", "2: aliases are not taken; correct that line"),
        ("a: !!python/object/apply:os.system [ls]\n", "1: could not determine a constructor for the tag"),
        ("? [a]\n: 1\n", "1: a key must be a word; correct that line"),
        ("- plugin: x\n", "1: file: write names with values, as in name: value"),
        ("a: b: c", "1: mapping values are not allowed here; correct that line"),
        (b"\xff", " cannot be read as text: "),
        ("# " + "x" * 300_000, " is over 256 KB; shorten it"),
        ("a: " + "[" * 5000 + "]" * 5000, "1: nested deeper than 20 levels; correct that line"),
        ("a: \x07", " is not YAML: "),
    ],
)
def test_what_is_no_plain_yaml_mapping_is_refused(config_file, text, problem):
    assert problems(config_file(text))[0].startswith(problem)


def test_folder_in_place_of_the_file_is_named(tmp_path):
    assert problems(tmp_path)[0].startswith(" cannot be read as text: ")


def test_settings_of_teams_stand_beside_the_plugins(config_file):
    text = "settings:\n  posts_per_hour: 9\n  teams:\n    shop: {cadence_min: {P0: 15}}\n"

    settings = load_config(config_file(text)).settings

    assert (settings[""].posts_per_hour, settings["shop"].cadence_min) == (9, {"P0": 15})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("settings: {posts_per_hour: 0}", "posts_per_hour"),
        ("settings:\n  teams:\n    shop: {operator_channel: shop}\n", "operator_channel is the whole workspace's"),
        ("settings: {channel_pattern: inc}", "use {number}"),
    ],
)
def test_settings_that_cannot_be_are_told(config_file, text, problem):
    assert problem in "\n".join(problems(config_file(text)))
