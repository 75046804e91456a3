"""Writes docs/context-sources.md from the context sources themselves: `make sources-page` writes it too."""

import importlib

from pydantic_core import PydanticUndefined

from incident_copilot.domain.base import Frozen
from incident_copilot.plugins import discover
from incident_copilot.plugins.context_sources.statuspage import KNOWN

from .documents import ROOT
from .sources_page import told

PAGE = ROOT / "docs" / "context-sources.md"
HEAD = """# Context sources

Where the copilot looks things up for an incident, read-only: what each source finds, how it is set up, and its options.
This page is written by `make sources-page` from the plugins; a test compares them.

Every source is an entry under `context_sources` in `copilot.yaml` ([operations](operations.md#copilotyaml-plugins),
with an example of each). All are asked at once. What has been found after 3 s (`COPILOT_BRIEF_DEADLINE_S`) is in the
brief; what comes until 15 s (`COPILOT_CONTEXT_DEADLINE_S`) refreshes it; what fails is named in it. To set one up:

1. Write the entry, with the secret in the variable that `secret_env` names.
2. `incident-copilot context check` says whether each source answers and takes its secret.
3. `incident-copilot context test NAME --incident INC-42` shows what it finds for an incident, and how long it takes.

Changes that are told by webhook (deployments, migrations, settings: see [alert sources](sources.md)) are weighed beside
those that these sources find.
"""


def page():
    """The whole page."""
    names = discover("context_sources")
    listed = "\n".join(f"- [{name}](#{name}): {finds(name)}" for name in names)
    return "\n".join([HEAD, listed, "", *(section(name) for name in names)]).rstrip() + "\n"


def section(name):
    """One source: what it does, its set-up, its options."""
    module = importlib.import_module(f"incident_copilot.plugins.context_sources.{name}")
    parts = [told(part) for part in module.__doc__.strip().split("\n\n")]
    known = [_known()] if name == "statuspage" else []
    return "\n\n".join([f"## {name}", *parts, *known, *options_of(module.Options)]) + "\n"


def finds(name):
    """The kinds of evidence that a source looks for, in words."""
    module = importlib.import_module(f"incident_copilot.plugins.context_sources.{name}")
    (source,) = [one for one in vars(module).values() if isinstance(one, type) and hasattr(one, "finds")]
    return ", ".join(sorted(kind.value.replace("_", " ") + "s" for kind in source.finds)).replace("persons", "people")


def options_of(options):
    """What the options say of themselves, the nearest first, and a table of them."""
    classes = [one for one in options.__mro__ if issubclass(one, Frozen) and one is not Frozen]
    parts = [" ".join(one.__doc__.split()) for one in classes if "__doc__" in vars(one) and one.__doc__]
    rows = [f"| `{field}` | {_default(told_of)} |" for field, told_of in options.model_fields.items()]
    return [f"Options: {parts[0]}", *parts[1:], "\n".join(["| option | default |", "|---|---|", *rows])]


def _default(field):
    value = field.default_factory() if field.default_factory else field.default
    if value is PydanticUndefined:
        return "must be given"
    if value is None or value in ((), {}):
        return "none"
    if isinstance(value, frozenset):
        return ", ".join(f"`{one}`" for one in sorted(value))
    if isinstance(value, dict):
        return ", ".join(f"`{key}: {one}`" for key, one in value.items())
    return f"`{value}`".replace("|", "\\|")


def _known():
    return "Known providers: " + ", ".join(f"`{name}` ({url})" for name, url in KNOWN.items()) + "."
