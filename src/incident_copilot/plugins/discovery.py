"""Finds plugins by folder: a module in `plugins/<kind>/` is a plugin of that kind, under the module's name."""

import importlib
import pkgutil
from types import ModuleType
from typing import Literal, get_args

Kind = Literal[
    "alert_sources",
    "context_sources",
    "silence_sources",
    "schedules",
    "pagers",
    "actions",
    "comms_channels",
    "postmortem_targets",
    "trackers",
    "evaluators",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""The kinds that copilot.yaml lists."""
MONITORS: Literal["monitors"] = "monitors"
"""The kind that monitors.yaml lists."""


def discover(kind: Kind | Literal["monitors"]) -> dict[str, ModuleType]:
    """Return the plugin modules of a kind by name; each has `Options` and `create(env, options)`."""
    folder = importlib.import_module(f"incident_copilot.plugins.{kind}")
    names = sorted(found.name for found in pkgutil.iter_modules(folder.__path__))
    return {name: importlib.import_module(f"{folder.__name__}.{name}") for name in names}
