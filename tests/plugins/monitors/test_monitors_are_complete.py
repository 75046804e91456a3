"""Whoever adds a monitor adds all of it: what it rests on, options and a test."""

import inspect
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from incident_copilot.domain.base import Frozen
from incident_copilot.plugins import discover
from incident_copilot.plugins.discovery import MONITORS

MODULES = discover(MONITORS)
every_monitor = pytest.mark.parametrize("name", MODULES)


def test_all_families_are_there():
    assert list(MODULES) == [
        "cost",
        "data_quality",
        "drift",
        "fairness",
        "interactions",
        "provider",
        "quality",
        "regression",
        "retrieval",
        "safety",
        "thresholds",
    ]


@every_monitor
def test_a_monitor_says_what_it_rests_on_and_has_a_test(name):
    module = MODULES[name]

    assert re.match(r"[A-Z].+\.\n\n(?:(?:.+\n)+\n)*Reference: https://\S+", module.__doc__)
    assert issubclass(module.Options, Frozen)
    assert issubclass(module.Options, BaseModel)
    assert module.create(module.Options()).name == name
    assert Path(__file__).with_name(f"test_{name}.py").exists()


@every_monitor
def test_a_monitor_imports_only_what_it_may(name):
    allowed = re.compile(r"incident_copilot\.(?:ports|errors|domain\.\w+|analysis\.monitoring(?:\.\w+)?)$")
    imported = re.findall(r"^from (incident_copilot[\w.]*) import", inspect.getsource(MODULES[name]), re.MULTILINE)

    assert [found for found in imported if not allowed.match(found)] == []
