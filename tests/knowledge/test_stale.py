"""Stale runbooks: old, for what is no more, asking for what nothing measures, or with steps that people reject."""

from datetime import date, timedelta

import pytest

from incident_copilot.knowledge.runbook import Library
from incident_copilot.knowledge.runbooks import parse_runbook
from incident_copilot.knowledge.stale import Judged, Known, metrics_in, stale

TODAY = date(2026, 11, 28)
TEXT = """---
title: Queue grows
services: [mailer, gone]
owner: mail
{reviewed}
---
## Diagnosis

1. **See how long it is.**
   ```bash
   promtool query instant "$URL" 'max(queue_length{{queue="q"}}) / sum by (queue) (rate(queue_done_total[5m]))'
   ```
"""


def library(reviewed="last_reviewed: 2026-11-01"):
    runbook, warnings = parse_runbook("queue.md", TEXT.format(reviewed=reviewed).encode())
    assert warnings == ()
    return Library(runbooks=(runbook,))


@pytest.mark.parametrize(
    ("known", "reviewed", "reasons"),
    [
        (Known(), "last_reviewed: 2026-11-01", []),
        (Known(), "last_reviewed: 2026-01-01", ["was last reviewed 331 days ago"]),
        (Known(changed={"queue": TODAY}), "last_reviewed: 2026-01-01", ["was last reviewed 331 days ago"]),
        (Known(changed={"queue": date(2026, 5, 1)}), "", ["was last changed 211 days ago"]),
        (Known(), "", []),
        (Known(services=frozenset({"mailer"})), "", ["is for gone, which catalog.yaml does not have"]),
        (
            Known(metrics=frozenset({"queue_length", "up"})),
            "",
            ["asks for queue_done_total, which nothing measures now"],
        ),
        (
            Known(judged={"queue": Judged(followed=1, rejected=("Restart it", "Restart it"))}),
            "",
            ['people rejected 2 of the 3 steps that were put to them: "Restart it"'],
        ),
        (Known(judged={"queue": Judged(followed=2, rejected=("Restart it",))}), "", []),
        (Known(judged={"queue": Judged(rejected=("Restart it",))}), "", []),
    ],
)
def test_reasons_are_told(known, reviewed, reasons):
    found = stale(library(reviewed), known, TODAY, timedelta(days=180))

    assert [list(one.reasons) for one in found] == ([reasons] if reasons else [])


def test_long_lists_are_cut_and_the_worst_comes_first():
    names = tuple(f"gone-{number}" for number in range(7))
    (worst,) = library("last_reviewed: 2026-01-01").runbooks
    other = worst.model_copy(update={"id": "a", "services": ()})
    both = Library(runbooks=(other, worst.model_copy(update={"services": names})))

    found = stale(both, Known(services=frozenset({"mailer"})), TODAY, timedelta(days=180))

    assert [one.runbook.id for one in found] == ["queue", "a"]
    assert "gone-0, gone-1, gone-2, gone-3, gone-4 and 2 more" in found[0].reasons[1]


def test_metrics_are_read_from_queries_and_functions_are_none():
    query = 'promtool query range "$URL" \'topk(3, rate(a_total{x="y"}[5m])) + max by (pod) (b:c[1m])\''

    assert metrics_in([query, "kubectl get pods"]) == ["a_total", "b:c"]
