"""Whoever adds a plugin adds all of it: API page, options, test and recorded body."""

import importlib
import inspect
import json
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from incident_copilot.plugins import KINDS, discover

TESTS = Path(__file__).parent
MODULES = [(kind, name, module) for kind in KINDS for name, module in discover(kind).items()]
every_plugin = pytest.mark.parametrize(
    ("kind", "name", "module"), MODULES, ids=[f"{kind}/{name}" for kind, name, _ in MODULES]
)


def test_the_shipped_plugins_are_found_by_folder():
    shipped = {
        ("alert_sources", "alertmanager"),
        ("alert_sources", "email"),
        ("alert_sources", "datadog"),
        ("alert_sources", "elastic"),
        ("alert_sources", "github"),
        ("alert_sources", "gitlab"),
        ("alert_sources", "grafana"),
        ("alert_sources", "honeycomb"),
        ("alert_sources", "newrelic"),
        ("alert_sources", "opsgenie"),
        ("alert_sources", "pagerduty"),
        ("alert_sources", "sentry"),
        ("alert_sources", "splunk"),
        ("alert_sources", "statuspage"),
        ("alert_sources", "victorops"),
        ("alert_sources", "argocd"),
        ("alert_sources", "azure_monitor"),
        ("alert_sources", "checkly"),
        ("alert_sources", "cloudevents"),
        ("alert_sources", "cloudwatch"),
        ("alert_sources", "dynatrace"),
        ("alert_sources", "gcp_monitoring"),
        ("alert_sources", "generic"),
        ("alert_sources", "mlflow"),
        ("alert_sources", "openlineage"),
        ("alert_sources", "pingdom"),
        ("alert_sources", "uptime_kuma"),
        ("alert_sources", "uptimerobot"),
        ("alert_sources", "user_reports"),
        ("alert_sources", "zabbix"),
        ("context_sources", "github_deploys"),
        ("context_sources", "loki"),
        ("context_sources", "prometheus"),
        ("context_sources", "statuspage"),
        ("actions", "github_workflow"),
        ("actions", "silence"),
        ("silence_sources", "alertmanager"),
        ("comms_channels", "email"),
        ("comms_channels", "github_issue"),
        ("comms_channels", "instatus"),
        ("comms_channels", "slack"),
        ("comms_channels", "statuspage"),
        ("comms_channels", "webhook"),
        ("postmortem_targets", "confluence"),
        ("postmortem_targets", "folder"),
        ("postmortem_targets", "github_pull_request"),
        ("trackers", "github_issues"),
        ("trackers", "jira"),
    }

    assert shipped <= {(kind, name) for kind, name, _ in MODULES}


@every_plugin
def test_docstring_says_what_it_is_for_and_names_the_api_page(kind, name, module):
    assert re.match(r"[A-Z].+\.\n\n(?:(?:.+\n)+\n)*API: https://\S+", module.__doc__)


@every_plugin
def test_create_takes_env_and_options_and_names_its_port(kind, name, module):
    signature = inspect.signature(module.create)

    kinds = {
        "alert_sources": "AlertSource",
        "context_sources": "ContextSource",
        "actions": "SupervisedAction",
        "silence_sources": "SilenceSource",
        "schedules": "ScheduleSource",
        "pagers": "Pager",
        "postmortem_targets": "DocumentTarget",
        "trackers": "Tracker",
        "comms_channels": "ChatChannel" if name == "slack" else "CommsChannel",
        "evaluators": "Evaluator",
    }
    assert [parameter.strip("_") for parameter in signature.parameters] == ["env", "options"]
    assert signature.return_annotation.__name__ == kinds[kind]


@every_plugin
def test_options_are_frozen_and_refuse_what_they_do_not_know(kind, name, module):
    assert issubclass(module.Options, BaseModel)
    assert (module.Options.model_config["frozen"], module.Options.model_config["extra"]) == (True, "forbid")


@every_plugin
def test_there_is_a_test_and_a_recorded_body(kind, name, module):
    test = TESTS / kind / f"test_{name}.py"
    named = set(re.findall(rf'fixture\("({name}\w*)"\)', test.read_text()))

    assert named
    assert all(json.loads((TESTS.parent / "fixtures" / f"{one}.json").read_text()) for one in named)


@every_plugin
def test_plugin_imports_only_what_plugins_may(kind, name, module):
    allowed = re.compile(r"incident_copilot\.(?:ports|errors|domain\.\w+|vendors(?:\.\w+)?)$")
    imported = re.findall(r"^from (incident_copilot[\w.]*) import", inspect.getsource(module), re.MULTILINE)

    assert [found for found in imported if not allowed.match(found)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_folder_says_what_belongs_there(kind):
    assert importlib.import_module(f"incident_copilot.plugins.{kind}").__doc__
