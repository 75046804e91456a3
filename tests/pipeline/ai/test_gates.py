"""What the monitors say becomes a gate that passes or fails."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from incident_copilot.domain.finding import Finding
from incident_copilot.domain.observation import Figure, SignalKind, Snapshot
from incident_copilot.domain.verdict import AiIncident, Outcome, Verdict
from incident_copilot.errors import UnknownThing
from incident_copilot.pipeline.ai import gates
from incident_copilot.pipeline.ai.gates import Stage
from incident_copilot.store import observations, verdicts

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def verdict(metric, outcome=Outcome.FINE, **fields):
    """Return one of the system bot."""
    about = {"system": "bot", "monitor": "m", "kind": SignalKind.QUALITY_DROP, "incident_type": AiIncident.QUALITY}
    return Verdict.model_validate({**about, "metric": metric, "outcome": outcome, "at": NOW, **fields})


@pytest.fixture
def deps(db):
    return SimpleNamespace(db=db, now=lambda: NOW, workspace_id="w")


async def said(deps, *told):
    """Have monitors said this."""
    async with deps.db.transaction() as tx:
        await verdicts.save(tx, "w", told)


WORSE = verdict("quality.f1", Outcome.FIRING, summary="fell from .94 to .89", group="language=de")
FINE = verdict("quality.accuracy", summary="is as before")
SLOW = verdict("performance.latency_p95_s", Outcome.FIRING, severity="info", incident_type=AiIncident.PERFORMANCE)
UNSAFE = verdict("safety.pii", Outcome.WEAK, incident_type=AiIncident.SECURITY, summary="one finding")
FEW = verdict("quality.recall", Outcome.UNKNOWN, summary="needs 200 cases")


async def test_what_fires_fails_and_comes_first(deps):
    await said(deps, FINE, WORSE, FEW, UNSAFE)

    gate = await gates.look(deps)

    assert (gate.passes, gate.failing) == (False, (WORSE,))
    assert gates.lines(gate) == [
        "status: FAILS; 3 of 4 metrics of 1 systems could be judged, 1 fire",
        "  firing   bot quality.f1 [language=de]: fell from .94 to .89 (warning)",
        "  weak     bot safety.pii: one finding",
        "  unknown  bot quality.recall: needs 200 cases",
        "  1 more are fine",
    ]
    assert gates.lines(gate, 5)[-1] == "  fine     bot quality.accuracy: is as before"
    assert gates.findings(gate)[:2] == [
        Finding(
            "bot quality.f1 [language=de]", False, "fell from .94 to .89 (warning)", "a quality degradation incident"
        ),
        Finding("bot safety.pii", True, "one finding"),
    ]


@pytest.mark.parametrize(
    ("stage", "metrics"),
    [
        (Stage.STATUS, {FINE.metric, SLOW.metric, UNSAFE.metric}),
        (Stage.PERFORMANCE, {SLOW.metric}),
        (Stage.SECURITY, {UNSAFE.metric}),
    ],
)
async def test_stages_look_at_their_own_and_what_is_for_information_passes(deps, stage, metrics):
    await said(deps, FINE, SLOW, UNSAFE)

    gate = await gates.look(deps, stage, "bot")

    assert ({one.metric for one in gate.verdicts}, gate.passes) == (metrics, True)


def test_everybody_learns_that_something_of_fairness_fires_and_not_about_whom():
    unfair = WORSE.model_copy(update={"incident_type": AiIncident.BIAS, "metric": "fairness.positive_rate"})
    fine = unfair.model_copy(update={"outcome": Outcome.FINE})

    told = gates.for_everybody(gates.Gate(stage=Stage.STATUS, at=NOW, verdicts=(unfair, WORSE, fine)))

    assert [(one.group, one.summary) for one in told.verdicts] == [
        ("", "told to its own audience"),
        ("language=de", "fell from .94 to .89"),
        ("language=de", "fell from .94 to .89"),
    ]
    assert told.passes is False


async def test_validation_asks_for_a_fresh_look_at_each_system(deps):
    told = Snapshot(system="shop", id="1", at=NOW, figures=(Figure(metric="quality.f1", value=0.9),))
    await said(deps, FINE.model_copy(update={"at": NOW - timedelta(hours=2)}))
    async with deps.db.transaction() as tx:
        await observations.add_all(tx, "w", [told])

    gate = await gates.look(deps, Stage.VALIDATE)

    asked = "is the copilot running, and does the system send?"
    assert gate.problems == (
        f"bot was last looked at 2026-11-21 07:00 UTC; {asked}",
        f"shop was last looked at never; {asked}",
    )
    assert gates.lines(gate)[0] == "validate: FAILS; 1 of 1 metrics of 1 systems could be judged, 2 cannot be told"
    assert gates.findings(gate)[0] == Finding("bot", False, f"was last looked at 2026-11-21 07:00 UTC; {asked}")


async def test_validation_of_nothing_fails_and_a_strange_system_is_named(deps):
    assert (await gates.look(deps, Stage.VALIDATE)).problems[0].startswith("there is no AI system yet")
    assert gates.lines(await gates.look(deps, Stage.VALIDATE))[1].startswith("  missing  there is no AI system yet")
    with pytest.raises(UnknownThing, match="nothing is known of x; there are no AI systems yet"):
        await gates.look(deps, system="x")
