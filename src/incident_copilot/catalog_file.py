"""Read catalog.yaml: the copilot's own format, or Backstage's catalog-info documents."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from incident_copilot.domain.catalog import Catalog
from incident_copilot.errors import ConfigError
from incident_copilot.plugins import yaml_file

SLUG = "github.com/project-slug"
LARGEST = 1024 * 1024


def load_catalog(path: Path) -> Catalog:
    """Return what the file says; an empty catalogue where there is no file.

    Raises:
        ConfigError: one line a problem, each with file, line or document, field and fix.
    """
    if not path.exists():
        return Catalog()
    documents = _backstage_documents(path)
    if documents is not None:
        return _checked(path, _from_backstage(documents))
    file = yaml_file.read(path)
    try:
        return Catalog.model_validate(file.data or {})
    except ValidationError as error:
        raise ConfigError("\n".join(file.problems(error))) from None


def _backstage_documents(path: Path) -> list[Mapping[str, Any]] | None:
    """The documents of a Backstage file, told by their `kind`; None for any other file."""
    text = path.read_bytes()[:LARGEST].decode("utf-8", "replace")
    if "apiVersion: backstage.io/" not in text:
        return None
    try:
        documents = [document for document in yaml.safe_load_all(text) if document]
    except (yaml.YAMLError, RecursionError):
        return None  # read as our own format, whose reader names the line
    are_entities = documents and all(isinstance(one, dict) and "kind" in one for one in documents)
    return documents if are_entities else None


def _from_backstage(documents: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    services, teams = [], []
    for document in documents:
        metadata, spec = document.get("metadata") or {}, document.get("spec") or {}
        if document["kind"] in {"Component", "Resource"}:
            services.append(_service(metadata, spec))
        elif document["kind"] == "Group":
            teams.append({"name": metadata.get("name")})
    return {"services": services, "teams": teams}


def _service(metadata: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    annotations = metadata.get("annotations") or {}
    needs = [_name_of(reference) for reference in spec.get("dependsOn") or []]
    environment = spec.get("lifecycle") or "production"
    return {
        "name": metadata.get("name"),
        "team": _name_of(spec["owner"]) if spec.get("owner") else None,
        "kind": spec.get("type") or "service",
        "depends_on": needs,
        "repo": annotations.get(SLUG),
        "environment": environment,
    }


def _name_of(reference: object) -> str:
    """An entity reference is [kind:][namespace/]name."""
    return str(reference).rsplit(":", 1)[-1].rsplit("/", 1)[-1]


def _checked(path: Path, found: Mapping[str, Any]) -> Catalog:
    try:
        return Catalog.model_validate(found)
    except ValidationError as error:
        problems = [
            f"{path}: {'.'.join(str(part) for part in one['loc'])}: {one['msg']}; correct the entity"
            for one in error.errors(include_url=False, include_input=False)
        ]
        raise ConfigError("\n".join(problems)) from None
