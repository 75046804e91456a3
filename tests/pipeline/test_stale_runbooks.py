"""Stale runbooks are listed with what could not be looked at."""

from dataclasses import replace
from datetime import timedelta

import pytest

from incident_copilot.domain.proposal import ProposalState
from incident_copilot.errors import VendorUnavailable
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbooks import load_runbooks
from incident_copilot.pipeline import stale_runbooks
from incident_copilot.store import proposals

from .life import Life, big

TEXT = """---
title: Queue grows
owner: "{owner}"
---
## Diagnosis

1. **See how long it is.**
   ```bash
   promtool query instant "$URL" 'queue_length{{queue="q"}}'
   ```
"""


class Measuring:
    """A context source that lists what it measures, or says why it cannot."""

    name = "Prometheus"

    def __init__(self, *names, trouble=None):
        self.names, self.trouble = frozenset(names), trouble

    async def metric_names(self):
        if self.trouble:
            raise self.trouble
        return self.names


@pytest.fixture
def life(db, clock, tmp_path):
    (tmp_path / "queue.md").write_text(TEXT.format(owner="mail"))
    (tmp_path / "other.md").write_text(TEXT.format(owner=""))
    told = Life(db, clock)
    told.deps = replace(told.deps, runbooks=RunbookIndex.build(load_runbooks(tmp_path)))
    return told


async def judge(life, incident, number, state):
    shown = {"step": "Restart it", "why": "", "commands": [], "runbook": "queue"}
    put = await life.put(incident, key=f"step:queue#{number}", shown=shown)
    async with life.deps.db.transaction() as tx:
        await proposals.save(tx, put.model_copy(update={"state": state}), was=put)


async def test_reasons_and_owner_are_told(life):
    incident = await life.opened(big())
    for number, state in enumerate((ProposalState.REJECTED, ProposalState.REJECTED, ProposalState.DONE)):
        await judge(life, incident, number, state)

    said = await stale_runbooks.lines(life.deps, (object(), Measuring("up"), Measuring("down")))

    measured = "asks for queue_length, which nothing measures now"
    rejected = 'people rejected 2 of the 3 steps that were put to them: "Restart it"'
    assert said == [f"queue (owner: mail): {measured}; {rejected}", f"other: {measured}"]


async def test_source_that_does_not_answer_is_a_gap_and_nothing_stale_is_said(life, tmp_path):
    away = Measuring(trouble=VendorUnavailable("Prometheus: no answer"))

    assert await stale_runbooks.lines(life.deps, (away,)) == [
        "None of 2 runbooks looks stale.",
        "Metrics were not looked at: Prometheus: no answer",
    ]
    (tmp_path / "other.md").unlink()
    life.clock.forward(timedelta(days=20_000).total_seconds())
    assert [line[:24] for line in await stale_runbooks.lines(life.deps, ())] == ["queue (owner: mail): was"]
