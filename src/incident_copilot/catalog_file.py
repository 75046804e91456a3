"""Read catalog.yaml: the copilot's own format, or Backstage's catalog-info documents.

Backstage: https://backstage.io/docs/features/software-catalog/descriptor-format
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, Field, ValidationError

from incident_copilot.domain.catalog import Catalog, Service, Team
from incident_copilot.errors import ConfigError
from incident_copilot.plugins import yaml_file
from incident_copilot.yaml_text import Loader, quickly, require_bounded

BACKSTAGE = "backstage.io/"
SLUG = "github.com/project-slug"
LARGEST = 1024 * 1024


def load_catalog(path: Path) -> Catalog:
    """Return what the file says; an empty catalogue where there is no file.

    Raises:
        ConfigError: one line a problem, each with file, line or entity, field and fix.
    """
    if not path.exists():
        return Catalog()
    documents = _backstage_documents(path)
    if documents:
        return _from_backstage(path, documents)
    return yaml_file.load(path, Catalog)[1]


class _Metadata(BaseModel):
    name: str
    annotations: dict[str, str] = Field(default_factory=dict)


class _Spec(BaseModel):
    type: str = "service"
    owner: str | None = None
    dependsOn: tuple[str, ...] = ()  # noqa: N815 -- Backstage's own name


class _Entity(BaseModel):
    """What is read of an entity; there is more in it."""

    kind: str
    metadata: _Metadata
    spec: _Spec = _Spec()


def _backstage_documents(path: Path) -> Sequence[dict[str, Any]]:
    """The documents of a Backstage file; nothing for any other file, whose reader names what is wrong in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as text: {error}") from None
    if BACKSTAGE not in text or len(text) > LARGEST:
        return ()
    try:
        documents = [document for document in quickly(partial(_documents, text)) if document]
    except (yaml.YAMLError, RecursionError):
        return ()
    return documents if all(_is_entity(document) for document in documents) else ()


def _documents(text: str, loader: Loader) -> list[Any]:
    require_bounded(text, loader)
    return list(yaml.load_all(text, loader))


def _is_entity(document: object) -> bool:
    return isinstance(document, dict) and str(document.get("apiVersion", "")).startswith(BACKSTAGE)


def _from_backstage(path: Path, documents: Sequence[dict[str, Any]]) -> Catalog:
    entities: list[_Entity] = []
    problems: list[str] = []
    for number, document in enumerate(documents, 1):
        try:
            entities.append(_Entity.model_validate(document))
        except ValidationError as error:
            problems += [
                f"{path}: entity {number} ({document.get('kind')}): {'.'.join(map(str, one['loc']))}: {one['msg']}; "
                "correct it"
                for one in error.errors(include_url=False, include_input=False)
            ]
    if problems:
        raise ConfigError("\n".join(problems))
    return Catalog(
        services=tuple(_service(one) for one in entities if one.kind in {"Component", "Resource"}),
        teams=tuple(Team(name=one.metadata.name) for one in entities if one.kind == "Group"),
    )


def _service(entity: _Entity) -> Service:
    return Service(
        name=entity.metadata.name,
        team=_name_of(entity.spec.owner) if entity.spec.owner else None,
        kind=entity.spec.type,
        user_facing=True if entity.spec.type == "website" else None,
        depends_on=tuple(_name_of(reference) for reference in entity.spec.dependsOn),
        repo=entity.metadata.annotations.get(SLUG),
    )


def _name_of(reference: str) -> str:
    """An entity reference is [kind:][namespace/]name."""
    return reference.rsplit(":", 1)[-1].rsplit("/", 1)[-1]
