"""`make fuzz`: the machine for a long time and by chance; prints what it did, and the steps to whatever it broke."""

import argparse
import asyncio
import secrets
import sys
import time
import traceback

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from conftest import MIGRATIONS
from incident_copilot.store import schema
from quick import in_memory

from .approvals import Approvals
from .machine import Machine

KINDS = {"lives": Machine, "approvals": Approvals}
BATCH = 50
"""Runs of one seed: so many are run again to see a failure again."""


def main():
    """Run the examples and return how many batches broke a promise."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--examples", type=int, default=10_000, help="how many runs")
    asked.add_argument("--steps", type=int, default=30, help="the most steps of a run")
    asked.add_argument("--of", choices=sorted(KINDS), default="lives", help="of two replicas, or of approvals alone")
    asked.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="to have the same runs again")
    wanted = asked.parse_args()
    kind, began, violations, chance = KINDS[wanted.of], time.monotonic(), 0, wanted.seed
    with in_memory() as folder:
        kind.folder, kind.migrated_file = folder, folder / "migrated"
        asyncio.run(schema.upgrade(f"sqlite+aiosqlite:///{kind.migrated_file}", MIGRATIONS))
        while kind.examples < wanted.examples:
            violations += _breaks_a_promise(kind, min(BATCH, wanted.examples - kind.examples), wanted.steps, chance)
            did = f"{kind.examples} examples, {kind.steps} steps, {violations} violations"
            _say(f"{did}, {time.monotonic() - began:.0f} s (seed {chance})")
            chance += 1
    return violations


def _breaks_a_promise(kind, examples, steps, chance):
    """Run a batch; where a promise breaks, print the fewest steps to it."""
    by_chance = settings(
        max_examples=examples,
        stateful_step_count=steps,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(seed(chance)(kind), settings=by_chance)
    except Exception:  # noqa: BLE001 -- whatever it is, it was found
        _say(traceback.format_exc())
        return True
    return False


def _say(text):
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(min(main(), 1))
