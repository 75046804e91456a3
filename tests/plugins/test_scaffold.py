"""A new plugin passes the gates as it is written, and is found by its folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from incident_copilot.errors import ConfigError
from incident_copilot.plugins.scaffold import main, write
from incident_copilot.plugins.templates import TEMPLATES

ROOT = Path(__file__).parents[2]
BESIDE = [Path("pyproject.toml"), Path("tests/coverage_gate.py"), Path("tests/plugins/conftest.py")]
USAGE = "usage: make new-plugin KIND=<alert_sources|context_sources|actions|comms_channels> NAME=my_vendor"


@pytest.fixture
def checkout(tmp_path):
    """Return a copy of what a plugin needs of the repository."""
    parts = ["__init__.py", "errors.py", "yaml_text.py", "ports", "domain", "vendors", "plugins"]
    package = Path("src/incident_copilot")
    for part in [package / part for part in parts] + BESIDE:
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, tmp_path / part)
    return tmp_path


def run(checkout, *command):
    """Return exit code and output of a Python module run in the checkout, on its own source."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environ["PYTHONPATH"] = str(checkout / "src")
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=checkout, env=environ, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_new_plugins_pass_the_gates_at_once(checkout):
    for kind in TEMPLATES:
        assert run(checkout, "incident_copilot.plugins.scaffold", kind, f"my_{kind}")[0] == 0
    new = [f"src/incident_copilot/plugins/{kind}/my_{kind}.py" for kind in TEMPLATES]
    covered = [option for module in new for option in ("--reach", module)]

    assert run(checkout, "ruff", "format", "--check", "tests", *new)[0] == 0
    assert run(checkout, "ruff", "check", "tests", *new) == (0, "All checks passed!\n")
    assert run(checkout, "pytest", "-p", "tests.coverage_gate", "-q", "tests", *covered)[0] == 0


def test_what_to_do_next_is_said(tmp_path, capsys):
    assert main(["actions", "my_vendor"], tmp_path) == 0

    assert capsys.readouterr().out == (
        "Wrote\n"
        "  src/incident_copilot/plugins/actions/my_vendor.py\n"
        "  tests/plugins/actions/test_my_vendor.py\n"
        "  tests/fixtures/my_vendor.json\n"
        "1. Replace the fixture with a body the vendor really sends, secrets removed.\n"
        "2. Put the address of the vendor's API page into the module's docstring.\n"
        "3. List it in copilot.yaml:  actions: [{plugin: my_vendor}]\n"
    )


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], USAGE),
        (
            ["actions"],
            USAGE,
        ),
        (
            ["gadgets", "x"],
            f"KIND=gadgets: there is no such kind of plugin; use one of {', '.join(TEMPLATES)}",
        ),
        (
            ["actions", "../x"],
            "NAME=../x: use 2 to 30 small letters, digits and underscores, such as my_vendor",
        ),
        (
            ["actions", "import"],
            "NAME=import: use 2 to 30 small letters, digits and underscores, such as my_vendor",
        ),
    ],
)
def test_wrong_call_writes_nothing_and_names_the_fix(tmp_path, capsys, arguments, problem):
    assert main(arguments, tmp_path) == 1

    assert capsys.readouterr().err == f"{problem}\n"
    assert list(tmp_path.iterdir()) == []


def test_plugin_that_is_there_is_not_written_over(tmp_path):
    module, *_ = write("actions", "my_vendor", tmp_path)
    module.write_text("mine")

    with pytest.raises(ConfigError, match="is there already; choose another name"):
        write("actions", "my_vendor", tmp_path)

    assert module.read_text() == "mine"
