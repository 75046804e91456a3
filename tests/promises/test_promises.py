"""P1 to P8 hold whatever happens in whatever order; `make fuzz` looks longer."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from .machine import Machine
from .threadless import without_threads

EXAMPLES = 5
"""The same ones each time, so that a change that breaks a promise is told from bad luck."""


def test_the_promises_hold_whatever_happens_in_whatever_order(migrated_file, tmp_path, monkeypatch):
    monkeypatch.setattr(Machine, "migrated_file", migrated_file, raising=False)
    monkeypatch.setattr(Machine, "folder", tmp_path, raising=False)
    always_the_same = settings(
        max_examples=EXAMPLES,
        stateful_step_count=20,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    with without_threads():
        run_state_machine_as_test(Machine, settings=always_the_same)
