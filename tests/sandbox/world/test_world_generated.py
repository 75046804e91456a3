"""Scenarios made from a seed: always the same, broken when the alert fires, healed by their remedy."""

from datetime import UTC, datetime, timedelta

import pytest

from incident_copilot.sandbox.world import World, generated, parsed_scenario

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SEEDS = range(36)


def test_the_same_seed_makes_the_same_and_others_make_others():
    titles = {parsed_scenario(generated(seed)).title for seed in SEEDS}

    assert generated(3) == generated(3)
    assert len(titles) > 12


def test_with_rollback_the_cause_is_always_a_deploy():
    kinds = [parsed_scenario(generated(seed, rollback=True)).truth.cause.kind for seed in SEEDS]

    assert set(kinds) == {"deploy"}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_seed_breaks_a_service_that_its_remedy_heals(seed):
    scenario = parsed_scenario(generated(seed))
    now = NOON
    world = World(scenario, NOON, now=lambda: now)
    expression = scenario.alerts[0].expr.partition(" >")[0]
    broken = world.value(expression)
    guilty = [one for one in scenario.deploys if one.version == scenario.truth.cause.object]
    for remedy in scenario.remedies[:1]:
        world._state.dispatch(remedy.repo, remedy.workflow, "main", remedy.inputs)
    now = NOON + timedelta(seconds=90)

    assert broken > 0.05
    assert world.value(expression) < 0.05
    assert len(guilty) == (scenario.truth.cause.kind == "deploy")
    assert scenario.truth.red_herring.object not in [one.version for one in guilty]


def test_a_world_goes_on_with_what_was_done_in_it_before():
    scenario = parsed_scenario(generated(3, rollback=True))
    now = NOON
    before = World(scenario, NOON, now=lambda: now)
    remedy = scenario.remedies[0]
    first = before.next_at
    before._state.dispatch(remedy.repo, remedy.workflow, "main", remedy.inputs)

    after = World(scenario, NOON, now=lambda: now, dispatched=before.dispatches)

    assert first is None
    assert after.next_at == before.next_at == NOON + timedelta(seconds=19)
    assert [one.model_dump() for one in after.dispatches] == [one.model_dump() for one in before.dispatches]
