"""P1 to P8 hold whatever happens in whatever order; `make fuzz` looks longer."""

import os
import subprocess
import sys

import pytest

RUNS = [("lives", 100, 10, 1), ("approvals", 6, 10, 2)]
"""The same runs each time, so that a change that breaks a promise is told from bad luck."""


@pytest.mark.parametrize(("kind", "examples", "steps", "seed"), RUNS)
def test_the_promises_hold_whatever_happens_in_whatever_order(kind, examples, steps, seed):
    """In a process of its own, for it takes more than twice as long while coverage is measured."""
    fuzz = [sys.executable, "-W", "error", "-m", "promises.fuzz"]
    asked = ["--of", kind, "--examples", str(examples), "--steps", str(steps), "--seed", str(seed)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    ran = subprocess.run([*fuzz, *asked], env=environment, capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
