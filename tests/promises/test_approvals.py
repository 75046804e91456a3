"""Approved actions and updates go out at most once, as shown, and only with the right to; `make fuzz` looks longer."""

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from quick import in_memory

from .approvals import Approvals

EXAMPLES, STEPS, SEED = 6, 10, 2
FEW = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_approvals_hold_whatever_happens_between_the_click_and_the_change(migrated_file):
    with in_memory() as folder:
        Approvals.folder, Approvals.migrated_file = folder, migrated_file
        run_state_machine_as_test(seed(SEED)(Approvals), settings=FEW)

    assert Approvals.runs > 0
