"""Read monitors.yaml, and build the monitors that it names; without the file there are none."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from incident_copilot.domain.monitoring import ChosenMonitor, Monitored
from incident_copilot.errors import ConfigError
from incident_copilot.plugins import yaml_file
from incident_copilot.plugins.discovery import MONITORS, discover
from incident_copilot.ports import Monitor


def load_monitored(path: Path) -> Monitored:
    """Return what the file says.

    Raises:
        ConfigError: one line a problem, each with file, line, field and fix.
    """
    if not path.exists():
        return Monitored()
    file = yaml_file.read(path)
    try:
        loaded = Monitored.model_validate(file.data or {})
    except ValidationError as error:
        raise ConfigError("\n".join(file.problems(error))) from None
    known = discover(MONITORS)
    problems = []
    for number, system in enumerate(loaded.systems):
        for place, chosen in enumerate(system.monitors or ()):
            where = ("systems", number, "monitors", place)
            module = known.get(chosen.monitor)
            if module is None:
                names = ", ".join(known)
                problems.append(file.told((*where, "monitor"), f"there is no monitor {chosen.monitor}; use {names}"))
                continue
            try:
                module.Options.model_validate(chosen.options)
            except ValidationError as error:
                problems += file.problems(error, (*where, "options"))
    if problems:
        raise ConfigError("\n".join(problems))
    return loaded


def monitors_of(loaded: Monitored) -> Mapping[str, Sequence[Monitor]]:
    """Return the monitors of each system, and under "" those of a system that only sends figures: all of them."""
    return {"": _built(None), **{system.name: _built(system.monitors) for system in loaded.systems}}


def _built(chosen: Sequence[ChosenMonitor] | None) -> list[Monitor]:
    """Return the monitors that a system chose, else all as they are by themselves."""
    known = discover(MONITORS)
    wanted = chosen if chosen is not None else [ChosenMonitor(monitor=name) for name in known]
    return [known[one.monitor].create(known[one.monitor].Options.model_validate(one.options)) for one in wanted]
