"""The documents name what the code has, and what they point to is there."""

import re
import tomllib

import pytest
import typer

from incident_copilot.actions_file import load_actions
from incident_copilot.catalog_file import load_catalog
from incident_copilot.cli import commands
from incident_copilot.plugins import KINDS, discover, load_config
from incident_copilot.store.tables import metadata

from .documents import DOCS, PAGES, ROOT, anchors, everything, fenced, quoted, relative_links

OPERATIONS = ROOT / "docs" / "operations.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
PACKAGE = ROOT / "src" / "incident_copilot"


def test_every_command_is_documented():
    names = sorted(typer.main.get_command(commands).commands)

    assert [name for name in names if f"`incident-copilot {name}" not in everything()] == []


def test_every_make_target_is_documented():
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert [name for name in targets if f"`make {name}" not in everything()] == []


def test_every_plugin_is_documented():
    plugins = [name for kind in KINDS for name in (kind, *discover(kind))]

    assert [name for name in plugins if f"`{name}`" not in OPERATIONS.read_text()] == []


def test_every_table_is_documented():
    assert [name for name in metadata.tables if f"`{name}`" not in ARCHITECTURE.read_text()] == []


def test_every_package_is_documented():
    packages = [folder.parent.name for folder in PACKAGE.glob("*/__init__.py")]

    assert [name for name in packages if f"{name}/" not in ARCHITECTURE.read_text()] == []


def test_the_layers_shown_are_those_that_are_enforced():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = [contract["layers"] for contract in contracts if contract["type"] == "layers"]

    shown = fenced(ARCHITECTURE, "cli\n").splitlines()

    assert shown == [layer.replace("incident_copilot.", "") for layer in layers]


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_modules_and_folders_that_are_named_exist(page):
    named = [text for text in quoted(page) if re.fullmatch(r"[\w.][\w./-]*(\.py|\.yaml|\.toml|\.lock|/)", text)]
    made_by_people = {
        "copilot.yaml",
        "catalog.yaml",
        "actions.yaml",
        "monitors.yaml",
        "catalog-info.yaml",
        "var/",
        "config/",
        ".venv/",
        ".venv/bin/",
    }

    lost = [text for text in named if not any((base / text).exists() for base in (ROOT, PACKAGE, PACKAGE / "plugins"))]

    assert set(lost) - made_by_people == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_resolve(page):
    broken = []
    for link in relative_links(page):
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (fragment and fragment not in anchors(target)):
            broken.append(link)

    assert broken == []


def test_the_example_of_copilot_yaml_loads(tmp_path):
    path = tmp_path / "copilot.yaml"
    path.write_text(fenced(OPERATIONS, "# copilot.yaml"))

    loaded = load_config(path)

    assert {instance.plugin for instance in loaded.instances} == {name for kind in KINDS for name in discover(kind)}


def test_the_example_of_catalog_yaml_loads(tmp_path):
    path = tmp_path / "catalog.yaml"
    path.write_text(fenced(OPERATIONS, "# catalog.yaml"))

    loaded = load_catalog(path)

    assert [service.name for service in loaded.services] == ["checkout", "payments"]
    assert loaded.team("payments").on_call.primary is not None
    assert loaded.service("payments").rollback.workflow == "rollback.yml"


def test_the_example_of_actions_yaml_loads(tmp_path):
    config, path = tmp_path / "copilot.yaml", tmp_path / "actions.yaml"
    config.write_text(fenced(OPERATIONS, "# copilot.yaml"))
    path.write_text(fenced(OPERATIONS, "# actions.yaml"))
    adapters = {one.name for one in load_config(config).instances if one.kind == "actions"}

    loaded = load_actions(path, adapters)

    assert {one.adapter for one in loaded.actions} == adapters - {"silence"}


def test_no_registry_is_named():
    # Put together here, so that this file does not name them either.
    hosts = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("ghcr", "io"))]
    hosts += [".".join(parts) for parts in (("debian", "org"), ("docker", "io"), ("quay", "io"), ("golang", "org"))]
    folders = [
        ROOT / name
        for name in ("src", "tests", "docs", "migrations", "runbooks", "evals", "benchmarks", "chaos", ".ci")
    ]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    files += [path for path in ROOT.iterdir() if path.is_file() and path.name not in {".env", ".coverage.json"}]

    named = [path for path in files if any(host.encode() in path.read_bytes() for host in hosts)]

    assert named == []
