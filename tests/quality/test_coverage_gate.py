"""The coverage gate is closed by one branch, one line or one module that no test reaches."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

GATE = Path(__file__).parents[1] / "coverage_gate.py"
PROGRAM = """
def size(number):
    found = "small"
    if number > 9:
        found = "large"
    return found
"""
BOTH = """
def test_small(): assert size(1) == "small"
def test_large(): assert size(10) == "large"
"""
LARGE = """
def test_large(): assert size(10) == "large"
"""
STORY = """
import pytest
def test_large(): assert size(10) == "large"
@pytest.mark.story
def test_small(): assert size(1) == "small"
"""


def run(folder, tests, *options):
    """Return the exit code of a run of these tests, and what it says at its end."""
    (folder / "tests").mkdir()
    shutil.copy(GATE, folder / "tests")
    (folder / "program").mkdir(exist_ok=True)
    (folder / "program/sizes.py").write_text(PROGRAM)
    (folder / "tests/test_sizes.py").write_text(f"from program.sizes import size\n{tests}")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.coverage_gate", "--reach", "program", *options]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHONPATH"))}
    environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # they take longer to import than the rest
    done = subprocess.run(
        [*command, "-o", "markers=story"], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("workers", [(), ("-p", "xdist.plugin", "-n", "1")], ids=["one process", "workers"])
def test_everything_reached_opens_it(tmp_path, workers):
    code, said = run(tmp_path, BOTH, *workers)

    assert (code, "Every line and branch is reached." in said) == (0, True)


@pytest.mark.parametrize("tests", [LARGE, STORY], ids=["test removed", "only a story reaches it"])
def test_a_branch_that_no_test_takes_closes_it(tmp_path, tests):
    code, said = run(tmp_path, tests)

    assert (code, "4->6" in said) == (1, True)


def test_a_module_that_no_test_imports_closes_it(tmp_path):
    (tmp_path / "program").mkdir()
    (tmp_path / "program/forgotten.py").write_text("")

    code, said = run(tmp_path, BOTH)

    assert (code, "program/forgotten.py is never imported" in said) == (1, True)
