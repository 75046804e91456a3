"""Read actions.yaml: all that may be done in production, and nothing where there is no such file."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from incident_copilot.domain.action import Actions
from incident_copilot.domain.case import Case
from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.monitoring import Monitored
from incident_copilot.errors import ConfigError
from incident_copilot.plugins import yaml_file

SCHEMAS: Mapping[str, type[BaseModel]] = {"actions": Actions, "catalog": Catalog, "monitors": Monitored, "case": Case}


def load_actions(path: Path, adapters: Collection[str] | None = None) -> Actions:
    """Return what the file says; `adapters` are the names of the actions that copilot.yaml lists, where they are known.

    Raises:
        ConfigError: one line a problem, each with file, line, field and fix.
    """
    if not path.exists():
        return Actions()
    file = yaml_file.read(path)
    try:
        loaded = Actions.model_validate(file.data or {})
    except ValidationError as error:
        raise ConfigError("\n".join(file.problems(error))) from None
    if adapters is not None:
        _require_adapters(file, loaded, adapters)
    return loaded


def schema(name: str) -> str:
    """Return the JSON schema of a file, for editors: `actions`, `catalog`, `monitors` or `case`.

    Raises:
        ConfigError: there is no such file.
    """
    model = SCHEMAS.get(name)
    if model is None:
        raise ConfigError(f"there is no schema {name}; use one of: {', '.join(SCHEMAS)}")
    described: dict[str, Any] = model.model_json_schema()
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **described}, indent=2)


def _require_adapters(file: yaml_file.YamlFile, loaded: Actions, adapters: Collection[str]) -> None:
    problems = []
    for number, one in enumerate(loaded.actions):
        place = ("actions", number)
        if one.adapter not in adapters:
            listed = ", ".join(sorted(adapters)) or "none"
            problems.append(file.told((*place, "adapter"), f"copilot.yaml lists no action {one.adapter} ({listed})"))
        if one.name in adapters:
            problems.append(file.told((*place, "name"), f"{one.name} is an adapter's name; take another"))
    if problems:
        raise ConfigError("\n".join(problems))
