"""From configuration to running plugins, with their secrets."""

from datetime import UTC, datetime

import pytest

from incident_copilot.errors import ConfigError, Unauthenticated
from incident_copilot.plugins import Config, PluginInstance, build, build_source, discover

ALERTMANAGER = PluginInstance(kind="alert_sources", plugin="alertmanager", name="am", secret_env="AM_SECRET")
LOKI = PluginInstance(kind="context_sources", plugin="loki", name="logs", options={"url": "http://loki.test"})
ROLLBACK = PluginInstance(kind="actions", plugin="github_workflow", name="github_workflow")


def built(*instances, **environ):
    return build(Config(instances=instances), None, lambda: datetime.now(UTC), environ)


def test_every_instance_runs_under_its_name():
    plugins = built(ALERTMANAGER, LOKI, ROLLBACK, AM_SECRET="hush")

    assert list(plugins.alert_sources) == ["am"]
    assert [source.name for source in plugins.context_sources.values()] == ["Loki logs"]
    assert [(name, action.retry) for name, action in plugins.actions.items()] == [("github_workflow", "read_back")]
    assert plugins.comms_channels == {}


def test_default_needs_only_its_secret():
    plugins = build(Config(), None, lambda: datetime.now(UTC), {"COPILOT_ALERTMANAGER_SECRET": "hush"})

    plugins.alert_sources["alertmanager"].authenticate({"authorization": "Bearer hush"}, b"")


@pytest.mark.parametrize("environ", [{}, {"AM_SECRET": " "}])
def test_missing_secret_names_its_variable_and_the_fix(environ):
    with pytest.raises(ConfigError) as caught:
        built(ALERTMANAGER, **environ)

    assert str(caught.value) == (
        "am: the secret's variable AM_SECRET is not set; set it in the environment or .env, "
        "or set AM_SECRET_FILE to a file that holds it"
    )


def test_secret_may_be_in_a_file(tmp_path):
    (tmp_path / "secret").write_text("hush\n")

    source = built(ALERTMANAGER, AM_SECRET_FILE=str(tmp_path / "secret")).alert_sources["am"]

    source.authenticate({"authorization": "Bearer hush"}, b"")
    with pytest.raises(Unauthenticated):
        source.authenticate({"authorization": "Bearer hush\n"}, b"")


def test_secret_file_that_cannot_be_read_is_named():
    with pytest.raises(
        ConfigError, match=r"^am: AM_SECRET_FILE: No such file or directory: /nowhere; correct the path$"
    ):
        built(ALERTMANAGER, AM_SECRET_FILE="/nowhere")


def test_all_problems_are_told_at_once():
    unknown = LOKI.model_copy(update={"plugin": "loky", "name": "l1"})
    unset = LOKI.model_copy(update={"options": {}, "name": "l2"})

    with pytest.raises(ConfigError) as caught:
        built(ALERTMANAGER, unknown, unset)

    assert str(caught.value).splitlines()[1:] == [
        "l1: there is no plugin loky in context_sources",
        "l2: options.url: Field required",
    ]


@pytest.mark.parametrize(("name", "source"), [("am", "am"), ("alertmanager", "alertmanager")])
def test_source_to_parse_with_needs_no_secret_and_is_found_by_its_name_or_its_plugins(name, source):
    config = Config(instances=(ALERTMANAGER, LOKI))

    built = build_source(config, name, None, lambda: datetime.now(UTC))

    body = b'{"alerts": [{"labels": {"alertname": "Up"}}]}'
    assert [alert.source for alert in built.parse({}, body).alerts] == [source]


def test_source_that_is_none_is_told_which_there_are():
    with pytest.raises(ConfigError, match=r"^there is no alert source logs; use one of: .*alertmanager.*am"):
        build_source(Config(instances=(ALERTMANAGER, LOKI)), "logs", None, lambda: datetime.now(UTC))


def test_all_evaluators_run_unless_some_are_named():
    one = PluginInstance(kind="evaluators", plugin="match", name="right", options={"mode": "exact"})

    assert set(built().evaluators) == set(discover("evaluators"))
    assert [(name, each.name) for name, each in built(one).evaluators.items()] == [("right", "right")]
